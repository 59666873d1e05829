"""What Python users call: it equals what the commands say, and names the argument that is wrong."""

import hashlib
import inspect
import io
import itertools
import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import charrnn
from charrnn import checkpoint
from charrnn.cli.app import app
from charrnn.show.notebook import report
from charrnn.text.vocabulary import Vocabulary

POEM = (
    'the sea was wet (as wet could be), "the sands" were dry as dry.\n'
    "you could not see [a cloud], because no cloud was in the sky:\n"
) * 8
PAGE = Path(charrnn.__file__).parent / "docs" / "python.md"
CODE = "def f(a, (b)): print(names)\n"
HALF = len(POEM) // 2


@pytest.fixture
def net(make_checkpoint, tmp_path):
    checkpoint.save(tmp_path / "best.safetensors", make_checkpoint())
    return charrnn.load(tmp_path)


@pytest.fixture
def poet(make_checkpoint, tmp_path):
    """A random model of the poem, in a folder with it."""
    made = make_checkpoint(alphabet=POEM, hidden=12)
    made = replace(made, heldout=Vocabulary.of(POEM).encode(POEM))
    checkpoint.save(tmp_path / "poet.safetensors", made)
    (tmp_path / "poem.txt").write_text(POEM, encoding="utf-8")
    return charrnn.load(tmp_path / "poet.safetensors")


@pytest.fixture
def printed(capsys, monkeypatch):
    """Run the command in this process, with nothing on stdin; return what it prints."""

    def run(*arguments):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
        app(list(map(str, arguments)), prog_name="charrnn", standalone_mode=False)
        return capsys.readouterr().out

    return run


@pytest.fixture
def said(printed):
    """Run the command in this process; return the JSON that it prints."""
    return lambda *arguments: without_model(json.loads(printed(*arguments, "--json")))


def without_model(data):
    """Leave out what the command adds: which file it has read."""
    return {name: one for name, one in data.items() if name not in ("model", "models")}


def shown(result):
    return without_model(json.loads(report(result).as_json))


RESULTS = {
    "find": lambda net: charrnn.find(net, "brackets", "line-position"),
    "find --no-ablation": lambda net: charrnn.find(net, "brackets", ablation=False),
    "find --regex": lambda net: charrnn.find(net, regex="w[a-z]+", ablation=False, top=1),
    "find all": lambda net: charrnn.find(net),
    "explain": lambda net: charrnn.explain(net, "1:3"),
    "gates": charrnn.gates,
    "ablate": lambda net: charrnn.ablate(net, 3, "1:5", concept="brackets"),
    "neuron": lambda net: charrnn.neuron(net, 3, length=30, signal="f"),
    "compare": lambda net: charrnn.compare(net, net),
    "text": lambda net: charrnn.surprise(net, offset=20, length=30),
    "page": lambda net: charrnn.page(net, length=50),
    "checkpoint": lambda net: net,
}
COMMANDS = {
    "find": ["find", "brackets", "line-position"],
    "find --no-ablation": ["find", "brackets", "--no-ablation"],
    "find --regex": ["find", "--regex", "w[a-z]+", "--no-ablation", "--top", "1"],
    "find all": ["find"],
    "explain": ["explain", "1:3"],
    "gates": ["gates"],
    "ablate": ["ablate", "3", "1:5", "--concept", "brackets"],
    "neuron": ["neuron", "3", "--length", "30", "--signal", "f"],
    "compare": ["compare"],
    "text": ["text", "--offset", "20", "--length", "30"],
    "page": ["page", "--length", "50"],
    "checkpoint": ["checkpoint"],
}
NAMES_MODELS = {"compare": 2, "checkpoint": 1}  # by arguments, without -m


class Tags(HTMLParser):
    """Which elements are open; those that never close are passed over."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.attributes = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen.append(tag)
        self.attributes += attributes

    def handle_startendtag(self, tag, attributes):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def expect_of_a_notebook(html):
    tags = Tags(html)
    assert tags.open == []
    assert html.startswith("<div")
    assert html.endswith("</div>\n")
    assert "@media (prefers-color-scheme: dark)" in html
    assert not {"script", "link", "img", "iframe", "html", "body", "h1"} & set(tags.seen)
    assert not {"src", "href"} & {name for name, _ in tags.attributes}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_result_is_that_of_the_command_and_shows_itself_in_a_notebook(poet, tmp_path, said, name):
    file = tmp_path / "poet.safetensors"
    models = [file] * NAMES_MODELS[name] if name in NAMES_MODELS else ["-m", file]
    result = RESULTS[name](poet)
    assert shown(result) == said("inspect", *COMMANDS[name], *models)
    if name != "page":
        expect_of_a_notebook(result._repr_html_())


def test_a_text_is_a_string_or_a_path_or_what_was_held_out(poet, tmp_path):
    whole = shown(charrnn.gates(poet))["rows"]
    assert shown(charrnn.gates(poet, text=POEM))["rows"] == whole
    assert shown(charrnn.gates(poet, text=tmp_path / "poem.txt"))["rows"] == whole
    assert shown(charrnn.gates(poet, text=POEM[:HALF]))["rows"] != whole


def test_a_model_of_bytes_reads_a_text_as_bytes(make_checkpoint, tmp_path):
    made = make_checkpoint(alphabet="é sea".encode().decode("latin-1"))
    bytewise = replace(made.vocabulary, kind="bytes")
    checkpoint.save(tmp_path / "best.safetensors", replace(made, vocabulary=bytewise))
    read = charrnn.neuron(charrnn.load(tmp_path), 3, text="é sea")
    assert bytewise.decode(read.ids) == "é sea"
    assert len(read.values) == 6  # two of them are é


def test_a_model_without_held_out_text_needs_one(make_checkpoint, tmp_path):
    checkpoint.save(tmp_path / "best.safetensors", replace(make_checkpoint(), heldout=np.zeros(0)))
    bare = charrnn.load(tmp_path)
    assert charrnn.neuron(bare, 3, text="sea").values.shape == (3,)
    with pytest.raises(charrnn.CharrnnError, match="no validation text") as raised:
        charrnn.gates(bare)
    assert raised.value.hint == 'text="…" or a path gives one'


def test_named_concepts_are_ablated_unless_it_is_refused(poet):
    def uses(found):
        return [one.use is not None for finding in found for one in finding.evidence]

    assert uses(charrnn.find(poet, "line-position", top=1)) == [True]
    assert uses(charrnn.find(poet, "line-position", top=1, ablation=False)) == [False]


def test_a_second_text_scores_the_neurons_that_were_found(poet, tmp_path):
    found = charrnn.find(poet, "brackets", ablation=False, second=POEM)
    assert len(found) == 1
    best = found[0].evidence[0].signal
    score = found.transfer["brackets", best.neuron.number, best.name]
    assert 0 <= score <= 1
    assert charrnn.find(poet, "brackets", ablation=False).transfer == {}


def test_a_concepts_neuron_is_followed_through_the_models_of_a_run(poet, tmp_path, said):
    run = tmp_path / "run"
    run.mkdir()
    made = checkpoint.load(tmp_path / "poet.safetensors")
    for name, steps in [("step-0000003", 3), ("best", 7), ("last", 7)]:
        provenance = {"steps": steps, "validation_nats": 3.5 - steps / 10}
        checkpoint.save(run / f"{name}.safetensors", replace(made, provenance=provenance))
    result = charrnn.follow(run, "quotes")
    assert [one.step for one in result.kept] == [3, 7]
    assert shown(result) == said("inspect", "compare", run, "--concept", "quotes")
    expect_of_a_notebook(result._repr_html_())


def test_the_demonstration_model_is_looked_at_where_it_is_known_best(said):
    demo = charrnn.load("demo")
    neuron = charrnn.neuron(demo, "brackets", text="f(a[0], (b))")
    assert neuron.values.shape == (12,)
    assert neuron.neuron == charrnn.neuron(demo, neuron.neuron.number).neuron
    assert neuron.characters == "f(a[0], (b))"
    usual = charrnn.neuron(demo, text="f(a)")
    rows = said("inspect", "neuron", "-m", "demo", "--prompt", "f(a)")["rows"]
    assert [row[str(usual.neuron.number)] for row in rows] == usual.values.tolist()
    expect_of_a_notebook(neuron._repr_html_())


def test_costs_are_those_that_the_command_lists(poet, tmp_path, said):
    file, text = tmp_path / "poet.safetensors", tmp_path / "poem.txt"
    listed = said("inspect", "score", text, "-m", file, "--per-character")
    costs = poet.costs(POEM)
    assert listed["per_character"]["nats"] == costs.tolist()
    assert poet.score(POEM) == costs.mean() == listed["nats"]
    assert listed["total_bits"] == pytest.approx(costs.sum() / math.log(2))
    cold = said("inspect", "score", text, "-m", file, "--cold", "50")
    assert poet.costs(POEM, cold=50).mean() == cold["nats"]


def test_costs_take_strange_characters_as_they_are_told(poet):
    with pytest.raises(charrnn.CharrnnError, match="outside the model's alphabet"):
        poet.costs("the €sea")
    assert poet.costs("the €sea", unknown="skip").tolist() == poet.costs("the sea").tolist()


SETTINGS = [
    {"temp": 0.5},
    {"temp": "0.3..1.2", "top_k": 5, "ban": "e"},
    {"greedy": True, "lines": 1},
    {"beam": 3, "length": 12},
    {"best_of": 3, "length": 20},
    {"match": "[a-d]+", "length": 8},
    {"clamp": ("3=0.9", "1:5=+0.5"), "stop": ("ea",), "keep_stop": True},
    {"repetition_penalty": 3.0, "repetition_window": 8, "min_p": 0.1},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_sample_is_that_of_the_command(poet, tmp_path, said, settings):
    flags = []
    for name, value in ({"length": 40} | settings).items():
        for one in value if isinstance(value, tuple) else [value]:
            flags += [f"--{name.replace('_', '-')}", *([] if one is True else [one])]
    expected = said(
        "sample", tmp_path / "poet.safetensors", "--prompt", "the ", "--seed", 7, *flags
    )
    text = "".join(poet.sample(prompt="the ", seed=7, **{"length": 40} | settings))
    assert text == expected["text"]


def test_labels_are_those_of_the_command(make_checkpoint, tmp_path, said):
    made = make_checkpoint(alphabet=POEM, classes=3, pool="max", bidirectional=True)
    made = replace(made, task="classify", labels=("sea", "sky", "sand"), record_end="\n")
    checkpoint.save(tmp_path / "best.safetensors", made)
    net = charrnn.load(tmp_path)
    found = net.label(["wet sea", "dry"])
    assert found[1] == pytest.approx(net.label("dry")[0])
    assert list(found[0].values()) == sorted(found[0].values(), reverse=True)
    assert sum(found[0].values()) == pytest.approx(1)
    printed = said("sample", tmp_path, "--prompt", "wet sea", "--top", 3)["labels"]
    assert [one["label"] for one in printed] == list(found[0])
    assert [one["probability"] for one in printed] == pytest.approx(list(found[0].values()))
    assert net.label([]) == []
    table = tmp_path / "names.tsv"
    table.write_text("wet\tsea\ndry\tsand\nno cloud\tsky\n", encoding="utf-8")
    measured = net.measure(table)
    assert measured.measures.confusion.sum() == 3
    assert shown(measured) == said("inspect", "score", table, "-m", tmp_path)
    expect_of_a_notebook(measured._repr_html_())
    with pytest.raises(charrnn.CharrnnError, match="holds no validation texts"):
        net.measure()
    for refused in (
        net.sample,
        lambda: net.costs("sea"),
        lambda: net.score("sea"),
        lambda: net.fill("s_a", "_"),
    ):
        with pytest.raises(charrnn.CharrnnError, match="this model labels texts"):
            refused()


def test_in_a_notebook_nothing_is_shown_but_what_is_returned(poet, monkeypatch):
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("rich.jupyter.display", lambda *of: pytest.fail("rich shows it, too"))
    expect_of_a_notebook(poet._repr_html_())


def test_a_page_of_neurons_is_a_frame_of_its_own_in_a_notebook(poet, tmp_path, printed):
    seen, file = charrnn.page(poet, length=50), tmp_path / "out.html"
    framed = Tags(seen._repr_html_())
    assert framed.seen == ["iframe"]
    assert dict(framed.attributes)["srcdoc"] == seen.html
    printed("inspect", "page", file, "-n", 50, "-m", tmp_path / "poet.safetensors")
    assert file.read_text(encoding="utf-8") == seen.html


def test_mistakes_are_those_of_the_command(poet, tmp_path, said):
    file, text = tmp_path / "poet.safetensors", tmp_path / "poem.txt"
    with pytest.raises(charrnn.CharrnnError, match="corpus"):
        charrnn.mistakes(poet, corpus=tmp_path / "nowhere.txt")
    made = checkpoint.load(file)
    known = {"corpus": str(text), "sha256": hashlib.sha256(POEM.encode()).hexdigest()}
    checkpoint.save(file, replace(made, provenance=made.provenance | known))
    (tmp_path / "moved.txt").write_text(POEM, encoding="utf-8")
    net = charrnn.load(file)
    found = charrnn.mistakes(net)
    assert found.counted == len(POEM) - 1
    assert sum(mask.sum() for mask in found.kinds.values()) == found.mistakes > 0
    assert shown(found) == said("inspect", "errors", "-m", file)
    assert shown(charrnn.mistakes(net, corpus=tmp_path / "moved.txt")) == shown(found)
    expect_of_a_notebook(found._repr_html_())


def test_a_gap_is_filled_as_by_the_command(poet, tmp_path, printed):
    found = poet.fill("the s_a", "_")
    assert len(found) == len(set(POEM))
    assert sum(one.probability for one in found) == pytest.approx(1)
    assert [one.nats for one in found] == sorted(one.nats for one in found)
    assert all(one.text == f"the s{one.filling}a" for one in found)
    best = ["--prompt", "the s_a", "--fill", "_", "--samples", 3]
    assert printed("sample", tmp_path / "poet.safetensors", *best).splitlines() == [
        f"{one.probability:6.1%}  {one.text}  {one.nats:.3f} nats".replace("\n", "⏎")
        for one in found[:3]
    ]
    expect_of_a_notebook(found._repr_html_())


def test_runs_are_those_that_the_command_lists(poet, tmp_path, said):
    (tmp_path / "runs" / "sea").mkdir(parents=True)
    made = checkpoint.load(tmp_path / "poet.safetensors")
    checkpoint.save(tmp_path / "runs" / "sea" / "best.safetensors", made)
    found = charrnn.list_runs(tmp_path / "runs")
    assert [run.folder for run in found] == [str(tmp_path / "runs" / "sea")]
    assert shown(found) == said("inspect", "runs", tmp_path / "runs")
    expect_of_a_notebook(found._repr_html_())


def test_a_model_shows_what_is_in_its_file(net, tmp_path):
    assert net.checkpoint.provenance == {"steps": 7}
    assert net.checkpoint.architecture.hidden == 5
    assert "1,186 parameters" in net._repr_html_()


def test_several_samples_are_whole_texts(poet):
    texts = list(poet.sample(length=9, samples=3, seed=1))
    assert [len(text) for text in texts] == [9, 9, 9]
    assert len(set(texts)) > 1


def test_a_sample_is_an_iterator_of_text(net):
    text = "".join(net.sample(length=30, temp=0.8, prompt="he", seed=1))
    assert len(text) == 30
    assert text == "".join(net.sample(length=30, temp=0.8, prompt="he", seed=1))
    assert len("".join(net.sample(seed=1))) == 1000
    assert len(list(itertools.islice(net.sample(length=None), 1100))) == 1100


def test_a_file_and_its_folder_load_alike(net, tmp_path):
    file = charrnn.load(str(tmp_path / "best.safetensors"))
    assert file.score("hello there") == net.score("hello there")


def test_double_precision_is_to_be_had(net, tmp_path):
    double = charrnn.load(tmp_path, dtype=np.float64)
    assert double.step([0], double.start())[0].dtype == np.float64


def test_ids_of_one_text_are_one_stream(net):
    one, two = net.run([3, 5, 7], record=["c"]), net.run([[3], [5], [7]], record=["c"])
    assert one.logits.shape == (3, 1, 31)
    assert (one.logits == two.logits).all()
    assert (one.signals["c"] == two.signals["c"]).all()
    assert net.run([]).logits.shape == (0, 1, 31)
    logits, state = net.step(3)
    assert (logits == net.step([3], net.start())[0]).all()
    assert logits.shape == (1, 31)
    (_, read), *_ = net.read([3, 5, 7])
    assert (read.logits == one.logits).all()
    lists = [[part.tolist() for part in layer] for layer in state]
    assert (net.step(5, lists)[0] == net.step(5, state)[0]).all()


WRONG = {
    "ids has shape (), but must be (T,) or (T, N)": lambda net: net.run(3),
    "ids has shape (1, 1, 1), but must be (T,) or (T, N)": lambda net: net.run([[[3]]]),
    "ids has rows of unequal length, but must be (T,) or (T, N)": lambda net: net.run(
        [[1, 2], [3]]
    ),
    "ids must be whole numbers, not list [0.5]": lambda net: net.run([0.5]),
    "ids must be whole numbers, not str 'hello'": lambda net: net.run("hello"),
    "ids has 31, but the alphabet's ids are 0 to 30": lambda net: net.run([3, 31]),
    "ids has -1, but the alphabet's ids are 0 to 30": lambda net: net.step(-1),
    "ids has shape (1, 1), but must be (T,)": lambda net: net.read([[3]]),
    "state must be, for each of 2 layers, h and c of shape (1, 5)": lambda net: net.step(
        3, net.start(2)
    ),
    "state must be, for each of 2 layers, h and c of shape (2, 5)": lambda net: net.run(
        [[3, 4]], net.start()
    ),
    "state must be, for each of 2 layers, h and c of shape (1, 5) ": lambda net: net.step(3, 4),
    "top_p is 2, but must be at most 1": lambda net: net.sample(top_p=2),
    "top_k is 'x', but must be a whole number": lambda net: net.sample(top_k="x"),
    "there is no setting 'topp' here": lambda net: net.sample(topp=1),
    "there is no setting 'color' here": lambda net: net.sample(color="rank"),
    "greedy and top_k cannot be given together": lambda net: net.sample(greedy=True, top_k=2),
    "samples needs a length": lambda net: net.sample(length=None, samples=2),
    "a range of temperatures needs a length": lambda net: net.sample(None, "0.1..1"),
    "no concept is called 'bracket'": lambda net: charrnn.find(net, "bracket"),
    "signals is 'x', but can be state, gates or all": lambda net: charrnn.find(net, signals="x"),
    "there is no neuron '99' in this model": lambda net: charrnn.explain(net, 99),
    "the text is empty; there is nothing to read": lambda net: charrnn.gates(net, text=""),
    "a text to score needs at least two characters": lambda net: net.costs("a"),
    "the mask '____' must stand in the prompt once": lambda net: net.fill("a gap"),
    "the mask '' must stand in the prompt once": lambda net: net.fill("a gap", ""),
    "the text has 3 characters, so none at offset 9": lambda net: charrnn.surprise(
        net, text="sea", offset=9
    ),
    "this model writes text and has no labels ": lambda net: net.measure(),
    "this model writes text and has no labels": lambda net: net.label("sea"),
    "there is no setting 'hiden' here": lambda net: charrnn.train("python", hiden=3),
    "hidden is 0, but must be at least 1": lambda net: charrnn.train("python", hidden=0),
    "minutes and steps cannot be given together": lambda net: charrnn.train(minutes=1, steps=9),
    "resume and hidden cannot be given together": lambda net: charrnn.train(resume=True, hidden=3),
    "resume and force cannot be given together": lambda net: charrnn.train(resume=True, force=True),
    "nowhere is not the folder of a run": lambda net: charrnn.follow("nowhere", "quotes"),
}


@pytest.mark.parametrize("message", WRONG)
def test_an_error_names_the_argument(net, message):
    with pytest.raises(charrnn.CharrnnError) as raised:
        WRONG[message](net)
    assert raised.value.message == str(raised.value) == message.strip()
    assert "--" not in raised.value.hint


def test_errors_can_be_caught_as_one(tmp_path):
    with pytest.raises(charrnn.CharrnnError):
        charrnn.load(tmp_path / "nothing")
    with pytest.raises(AttributeError):
        _ = charrnn.nothing


def test_a_training_is_an_iterator_of_its_events_and_shows_its_losses(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "poem.txt").write_text(POEM, encoding="utf-8")
    training = charrnn.train("poem.txt", hidden=8, steps=20, seed=3)
    assert training._repr_html_() is None
    assert not (tmp_path / "checkpoints").exists()
    seen = [next(training)]
    assert training._repr_html_() is None  # there is no loss yet
    seen += training
    assert isinstance(seen[-1], charrnn.events.Finished)
    plan = next(one for one in seen if isinstance(one, charrnn.events.Plan))
    assert (plan.architecture.hidden, plan.steps, plan.seed) == (8, 20, 3)
    assert plan.choices  # what was not given suits the text
    assert str(training.folder) == "checkpoints/poem-lstm"
    expect_of_a_notebook(training._repr_html_())
    expect_of_a_notebook(charrnn.course(training.folder)._repr_html_())
    assert charrnn.load(training.folder).score(POEM) > 0
    made = charrnn.load(training.folder).opened.checkpoint.provenance
    assert made["command"] == "charrnn.train(('poem.txt',), hidden=8, steps=20, seed=3)"
    with pytest.raises(charrnn.CharrnnError, match="exists and is not empty"):
        next(charrnn.train("poem.txt", hidden=8, steps=20, out=training.folder))
    again = charrnn.train("poem.txt", hidden=8, steps=10, out=training.folder, force=True)
    assert list(again)[-1].step == 10
    assert capfd.readouterr() == ("", "")


def test_a_run_that_was_stopped_goes_on_as_if_it_never_had(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    poem = tmp_path / "poem.txt"
    poem.write_text(POEM, encoding="utf-8")
    settings = {"hidden": 8, "steps": 30, "seed": 3, "dropout": 0.3}
    whole = charrnn.train(poem, **settings)
    assert list(whole)[-1].step == 30
    part = charrnn.train(poem, **settings)
    for event in part:
        if isinstance(event, charrnn.events.Progress):
            part.stop()
    assert event.interrupted
    assert event.step < 30
    poem.rename(tmp_path / "moved.txt")
    with pytest.raises(charrnn.CharrnnError, match=r"poem\.txt"):
        charrnn.train(resume=True)
    rest = charrnn.train("moved.txt", resume=part.folder)
    *_, end = rest
    assert end.step == 30
    assert rest.folder == part.folder
    one, other = (checkpoint.load(of.folder / "last.safetensors").weights for of in (whole, rest))
    assert all((one[name] == other[name]).all() for name in one)
    with pytest.raises(charrnn.CharrnnError, match="this run has ended"):
        charrnn.train(resume=part.folder)


def test_what_there_is_can_be_listed_and_has_its_help(net):
    assert set(charrnn.__all__) <= set(dir(charrnn))
    for name in charrnn.__all__:
        assert inspect.getdoc(getattr(charrnn, name)), name
    assert repr(net) == "<charrnn model: lstm 2×5, 1,186 parameters, alphabet of 31>"
    assert inspect.signature(net.sample).parameters["top_p"].default == 1.0
    assert "".join(net.sample(9, seed=1, top_k=None)) == "".join(net.sample(9, seed=1))
    assert inspect.signature(charrnn.train).parameters["hidden"].default is None
    assert "Nucleus sampling" in inspect.getdoc(charrnn.Model.sample)
    assert "--" not in inspect.getdoc(charrnn.train)


def test_what_the_page_shows_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text(POEM * 12 + CODE, encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    names = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    last = len(set(POEM + CODE)) - 1
    said = f"ids has 9999, but the alphabet's ids are 0 to {last}\n"
    assert capsys.readouterr().out.endswith(said)
    assert set(charrnn.__all__) - {"CharrnnError", "Model", "Training"} <= {
        *re.findall(r"charrnn\.(\w+)", "".join(blocks))
    }


@pytest.mark.parametrize(
    ("of", "command"), [(charrnn.surprise, "text"), (charrnn.mistakes, "errors")]
)
def test_a_model_that_labels_has_views_of_its_own(of, command, make_labeller, tmp_path, said):
    path = tmp_path / "labels.safetensors"
    checkpoint.save(path, make_labeller())
    result = of(charrnn.load(path))
    assert shown(result) == said("inspect", command, "-m", str(path))
    expect_of_a_notebook(result._repr_html_())
