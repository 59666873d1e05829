"""`charrnn inspect` as its users run it: every view, its exports, and what is refused."""

import csv
import io
import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from charrnn import checkpoint
from charrnn.cli.app import app
from charrnn.errors import CharrnnError
from charrnn.neurons import known
from charrnn.neurons.paired import Measured
from charrnn.text.vocabulary import Vocabulary

POEM = (
    'the sea was wet (as wet could be), "the sands" were dry as dry.\n'
    "you could not see [a cloud], because no cloud was in the sky:\n"
) * 24


@pytest.fixture(scope="module")
def models(tmp_path_factory, request):
    """Random models of the poem: an LSTM, a GRU; and a run with two kept models."""
    import hashlib

    sys.path.insert(0, str(request.config.rootpath / "tests"))
    from conftest import random_checkpoint

    folder = tmp_path_factory.mktemp("models")
    (folder / "poem.txt").write_text(POEM, encoding="utf-8")
    vocabulary = Vocabulary.of(POEM)
    provenance = {"corpus": "poem", "sha256": hashlib.sha256(POEM.encode()).hexdigest()}
    for backbone in ("lstm", "gru", "vanilla"):
        made = random_checkpoint(backbone, alphabet=POEM, hidden=12)
        made = replace(made, heldout=vocabulary.encode(POEM), provenance=provenance | {"steps": 7})
        checkpoint.save(folder / f"{backbone}.safetensors", made)
    (folder / "run").mkdir()
    for name, steps in [("step-0000003", 3), ("best", 7), ("last", 7)]:
        one = replace(made, provenance={"steps": steps, "validation_nats": 3.5 - steps / 10})
        checkpoint.save(folder / "run" / f"{name}.safetensors", one)
    return folder


@pytest.fixture
def inspect(models, capsys):
    """Run a view in this process; return its stdout."""

    def run(*arguments: str, model: str = "lstm") -> str:
        given = ["--checkpoint", str(models / f"{model}.safetensors")] if model else []
        app(["inspect", *arguments, *given], prog_name="charrnn", standalone_mode=False)
        return capsys.readouterr().out

    return run


VIEWS = [
    ["neuron", "3", "--length", "30"],
    ["find", "brackets", "line-position", "--no-ablation"],
    ["explain", "1:3"],
    ["gates"],
    ["ablate", "3,1:5", "--concept", "brackets"],
    ["text", "--length", "40"],
    ["errors", "--corpus", "POEM"],
    ["compare", "GRU", "LSTM"],
]


def filled(view: list[str], models: Path) -> tuple[list[str], str]:
    paths = {"POEM": "poem.txt", "GRU": "gru.safetensors", "LSTM": "lstm.safetensors"}
    arguments = [str(models / paths[one]) if one in paths else one for one in view]
    return arguments, "" if view[0] == "compare" else "lstm"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view[0])
def test_every_view_is_exported_by_the_ending_of_the_file(inspect, models, tmp_path, view):
    arguments, model = filled(view, models)
    shown = inspect(*arguments, model=model)
    assert shown.strip()
    for ending in ("html", "svg", "txt", "json", "csv"):
        file = tmp_path / f"view.{ending}"
        assert inspect(*arguments, "--output", str(file), model=model) == ""
        content = file.read_text("utf-8")
        assert {"html": "<html", "svg": "<svg", "txt": shown.split()[0], "json": '"rows"'}.get(
            ending, ","
        ) in content
        assert "http://" not in content.replace("http://www.w3.org/", "")
        assert "https://" not in content
    rows = json.loads((tmp_path / "view.json").read_text("utf-8"))["rows"]
    table = list(csv.DictReader(io.StringIO((tmp_path / "view.csv").read_text("utf-8"))))
    assert len(rows) == len(table) > 0
    assert json.loads(inspect(*arguments, "--json", model=model))["rows"] == rows


@pytest.mark.parametrize("backbone", ["gru", "vanilla"])
def test_the_views_of_neurons_take_every_backbone(inspect, backbone):
    for view in (["find", "brackets"], ["explain", "3"], ["gates"], ["neuron", "3", "4"]):
        assert inspect(*view, model=backbone).strip()


def test_dead_units_are_counted_and_named(inspect, models):
    made = checkpoint.load(models / "vanilla.safetensors")
    for unit in (3, 7):
        made.weights["rnn.bias_ih_l1"][unit] = 100.0
    checkpoint.save(models / "dead.safetensors", made)
    before, after = (inspect("gates", model=name).splitlines()[1] for name in ("vanilla", "dead"))
    assert before == "0 of 24 units dead: constant over the text"
    said, _, named = after.rpartition(": ")
    assert {"15", "19"} <= set(named.split(", "))
    assert said == f"{len(named.split(', '))} of 24 units dead: constant over the text"


def test_a_checkpoint_says_how_many_of_its_units_are_dead(inspect, models):
    made = checkpoint.load(models / "vanilla.safetensors")
    made = replace(made, provenance=made.provenance | {"dead_units": 5})
    checkpoint.save(models / "counted.safetensors", made)
    for name, said in [
        ("counted", "24, 5 of them dead"),
        ("vanilla", "24, dead ones not recorded"),
    ]:
        path = str(models / f"{name}.safetensors")
        assert f"units       {said}\n" in inspect("checkpoint", path, model="")


def test_what_is_found_names_the_neuron_both_ways_and_what_was_searched(inspect):
    lines = inspect("find", "brackets", "--top", "1").splitlines()
    assert lines[2] == "brackets (tracks: inside brackets of any kind)"
    assert lines[3] == (
        "A chooses: 1,412 characters, B tests: another 1,412 · "
        "present in 19.3% of A and 18.7% of B, 22 spans · 48 signals"
    )
    assert lines[6].split()[1] == "({}:{})".format(*_place(int(lines[6].split()[0])))
    assert lines[8] == "B chooses, A tests:"
    assert lines[9].split()[1] == "({}:{})".format(*_place(int(lines[9].split()[0])))
    assert lines[10].startswith("lexical, from half A: last 1 0.")
    assert lines[11].startswith("best signals of 5 untrained networks: 0.")


def test_find_prints_the_command_that_draws_what_it_found(inspect, models, capsys):
    printed = inspect("find", "brackets", "--top", "1", "--no-ablation").splitlines()[-1]
    words = shlex.split(printed)
    assert words[:3] == ["charrnn", "inspect", "neuron"]
    assert words[4:6] == ["-m", str(models / "lstm.safetensors")]
    app(words[1:], prog_name="charrnn", standalone_mode=False)
    assert f"neuron {words[3]} (" in capsys.readouterr().out


def _place(number: int) -> tuple[int, int]:
    return number // 12 + 1, number % 12


def test_the_best_concept_of_a_neuron_is_a_second_row_where_it_is_known(inspect, models):
    plain = inspect("neuron", "3", "--length", "40")
    evidence = {"measure": "AUROC", "score": 0.912, "low_end": 0.9, "high_end": 0.92}
    evidence |= {"baseline": 0.7, "strength": 0.7, "raw": False, "verdict": "encodes and is used"}
    evidence |= {"place": 0, "characters": 9000}
    one = known.Known(neuron=3, concept="parens", signal="c", low=True, text="a text", **evidence)
    path = models / "lstm.safetensors"
    known._write(path, checkpoint.load(path), [one])
    shown = inspect("neuron", "3", "--length", "40")
    assert shown == inspect("neuron", "3", "--length", "40", "--concept", "parens") + (
        "best concept known: parens (c, AUROC 0.912 on a text; inverted: low values mean the "
        "concept is present; encodes and is used) · charrnn inspect explain 3 -m "
        f"{models / 'lstm.safetensors'}\n"
    )
    assert inspect("neuron", "3", "--length", "40", "--concept", "none") == plain
    assert "best concept" in inspect("neuron", "3", "--signal", "c")
    assert "best concept" not in inspect("neuron", "3", "--signal", "h")
    assert "best concept" not in inspect("neuron", "3", "4")
    assert "best concept" not in inspect("neuron", "3", "--top-k", "2")
    rows = json.loads(inspect("neuron", "3", "--length", "5", "--json"))["rows"]
    assert list(rows[0]) == ["position", "character", "3"]


def test_a_row_of_a_concept_is_on_or_off_and_one_of_degree_tells_its_scale(inspect):
    rows = json.loads(inspect("neuron", "3", "--concept", "parens", "--length", "40", "--json"))
    inside = POEM[:40].index("("), POEM[:40].index(")") if ")" in POEM[:40] else 40
    expected = [float(inside[0] <= place < inside[1]) for place in range(40)]
    assert [row["parens"] for row in rows["rows"]] == expected
    shown = inspect("neuron", "3", "--concept", "line-position", "--length", "40")
    assert "line-position from 0 to " in shown.splitlines()[-1]
    assert "from 0 to" not in inspect("neuron", "3", "--concept", "parens", "--length", "40")


def test_find_keeps_what_it_has_found(inspect, models, monkeypatch):
    kept = []
    monkeypatch.setattr(known, "keep", lambda *given: kept.append(given[2:]))
    inspect("find", "brackets", "--no-ablation")
    ((found,), text) = kept[0]
    assert (found.concept.name, text) == ("brackets", "held-out text")


def test_a_second_text_says_whether_the_neurons_hold_there(inspect, models):
    text = str(models / "poem.txt")
    found = inspect("find", "brackets", "--no-ablation", "--text", text, "--text", text, "--json")
    for row in json.loads(found)["rows"]:
        assert row["second_text"] == pytest.approx(
            (row["score"] + row["score_where_chosen"]) / 2, abs=0.05
        )


def test_a_text_too_short_for_a_verdict_says_so(inspect, models):
    (models / "short.txt").write_text(POEM[:900], encoding="utf-8")
    shown = inspect("find", "url", "brackets", "--text", str(models / "short.txt"))
    assert "no verdict: 0 of 350 characters are on; 200 on and off needed" in shown
    assert "encodes" not in shown


def test_own_labels_and_patterns_are_concepts(inspect, models):
    labels = models / "labels.txt"
    labels.write_text(" ".join("1" if one in "aeiou" else "0" for one in POEM), encoding="utf-8")
    rows = json.loads(
        inspect("find", "--labels", str(labels), "--regex", "sea.*wet", "--no-ablation", "--json")
    )["rows"]
    assert {row["concept"] for row in rows} == {"labels.txt", "regex sea.*wet"}


def test_the_first_character_which_nothing_foretells_is_not_among_the_largest(inspect):
    shown = inspect("text", "--prompt", "the")
    largest = shown.split("largest surprises\n")[1].splitlines()
    assert [line.split()[0] for line in largest if line] in (["1", "2"], ["2", "1"])
    assert "nan" not in shown


def test_what_a_character_cost_is_what_reading_it_costs(inspect, models):
    shown = inspect("text", "--prompt", "the sea", "--json")
    rows = json.loads(shown)["rows"]
    assert rows[0]["bits"] is None  # nothing comes before the first
    network = checkpoint.load(models / "lstm.safetensors").network()
    costs = network.losses(network.vocabulary.encode("the sea")) / np.log(2)
    assert [row["bits"] for row in rows[1:]] == pytest.approx(costs.tolist(), rel=1e-5)


def test_a_concept_is_followed_through_the_models_of_a_run(inspect, models):
    shown = inspect("compare", str(models / "run"), "--concept", "brackets", model="").splitlines()
    assert [line.split()[:2] for line in shown[3:5]] == [["3", "3.200"], ["7", "2.800"]]
    assert shown[-1].startswith(("first encoded at step", "encoded by no model"))


def test_the_same_model_twice_differs_nowhere(inspect, models):
    model = str(models / "lstm.safetensors")
    data = json.loads(inspect("compare", model, model, "--json", model=""))
    assert data["a_is_better"] == data["b_is_better"] == []
    assert all(row["r"] == pytest.approx(1, abs=1e-4) for row in data["rows"])
    assert all(row["neuron_of_a"] == row["neuron_of_b"] for row in data["rows"])


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (["find", "mood"], "no concept is called 'mood'"),
        (["find", "brackets", "--signals", "x"], "--signals is 'x', but can be state, gates"),
        (["find", "--regex", "("], "--regex '(' is not a valid pattern"),
        (["gates", "--output", "x.pdf"], "x.pdf: an export ends in one of .html, .svg"),
        (["explain", "99"], "there is no neuron '99'"),
        (["ablate", "1,x"], "'x' is neither a neuron nor a concept"),
        (["neuron", "1", "2", "--top-k", "3"], "--top is for one neuron"),
        (["neuron", "1", "--live"], "--live needs a terminal"),
        (["neuron", "1", "--live", "--signal", "f"], "--live shows a state, h or c, not 'f'"),
        (["text", "--offset", "9999999"], "so none at offset 9,999,999"),
        (["errors"], "poem: there is no such file"),
        (["compare", "/", "--concept", "brackets"], "/: no best.safetensors is in this folder"),
        (["page", "x.txt"], "x.txt: the page's name ends in .html"),
        (["gates", "--text", "MODEL"], "is a model, not a text"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(inspect, models, capsys, view, message):
    view = [str(models / "lstm.safetensors") if one == "MODEL" else one for one in view]
    with pytest.raises(CharrnnError) as error:
        inspect(*view, model="" if view[0] == "compare" else "lstm")
    assert message in error.value.message
    assert capsys.readouterr().out == ""


def test_an_export_takes_the_place_of_no_file(inspect, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CharrnnError, match="already exists"):
        inspect("gates", "--output", str(tmp_path / "mine.txt"))
    assert (tmp_path / "mine.txt").read_text("utf-8") == "mine"


@pytest.fixture
def records(models):
    """A model of names, and a file of some in another line end."""
    from conftest import random_checkpoint

    made = random_checkpoint("lstm", alphabet="\nabcd", hidden=6)
    texts = ["abba", "dad", "cab", "bad"] * 60
    ids = made.vocabulary.encode("\n" + "".join(text + "\n" for text in texts))
    made = replace(made, heldout=ids, records="line", record_end="\n")
    checkpoint.save(models / "names.safetensors", made)
    (models / "names.txt").write_bytes("\r\n".join(texts).encode())
    return made, texts


def test_records_cost_in_every_view_what_each_costs_alone(inspect, models, records):
    made, texts = records
    alone = replace(made, records="", record_end="").network()
    costs = [alone.losses(made.vocabulary.encode(f"\n{text}\n")) for text in texts]
    expected = float(np.concatenate(costs).mean())
    file = str(models / "names.txt")
    for arguments in (["score"], ["score", file]):
        found = json.loads(inspect(*arguments, "--json", model="names"))
        assert found["nats"] == pytest.approx(expected, abs=1e-4)
    shown = json.loads(inspect("text", "--length", "900", "--json", model="names"))
    bits = [row["bits"] for row in shown["rows"] if row["bits"] is not None]
    assert np.mean(bits[: len(np.concatenate(costs))]) * np.log(2) == pytest.approx(expected, 0.01)
    drawn = json.loads(inspect("neuron", "3", "--length", "900", "--json", model="names"))
    assert drawn["nats"] == pytest.approx(expected, abs=0.01)


def test_a_prompt_is_the_beginning_of_a_record(inspect, records):
    drawn = json.loads(inspect("neuron", "3", "--prompt", "abba", "--json", model="names"))
    assert [row["character"] for row in drawn["rows"]] == ["\n", *"abba"]


def test_bytes_travel_through_every_export(inspect, models, tmp_path):
    from conftest import random_checkpoint

    made = random_checkpoint("gru", alphabet="caf", hidden=5)
    vocabulary = Vocabulary.of("café \xff\n".encode().decode("latin-1"), as_bytes=True)
    made = random_checkpoint("gru", alphabet=vocabulary.characters, hidden=5)
    made = replace(made, vocabulary=vocabulary, heldout=vocabulary.encode("café\n" * 99))
    checkpoint.save(models / "bytes.safetensors", made)
    for view in (["neuron", "3", "--length", "20"], ["text", "--length", "20"], ["explain", "3"]):
        for ending in ("csv", "json", "svg", "html", "txt"):
            if view[0] == "explain" and ending == "csv":
                continue
            path = tmp_path / f"{view[0]}.{ending}"
            inspect(*view, "--output", str(path), model="bytes")
            assert path.stat().st_size
    assert b"caf" in (tmp_path / "neuron.txt").read_bytes()


def test_a_cell_of_a_table_is_never_a_formula(tmp_path):
    from charrnn.show.report import Report, exported

    rows = [{"character": one, "value": -1.5} for one in ("=1+1", "+", "-", "@a", "a")]
    written = list(csv.reader(io.StringIO(exported(Report(print, {}, rows), ".csv"))))
    assert [row[0] for row in written[1:]] == ["'=1+1", "'+", "'-", "'@a", "a"]
    assert written[1][1] == "-1.5"


def test_force_writes_over_a_file(inspect, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    inspect("gates", "--output", str(tmp_path / "mine.txt"), "--force")
    assert "mine" not in (tmp_path / "mine.txt").read_text("utf-8")


def test_stdout_may_be_named_as_the_output(inspect):
    assert inspect("gates", "--output", "-") == inspect("gates")


def test_a_neuron_that_is_named_twice_is_held_once(inspect):
    rows = json.loads(inspect("ablate", "3,1:3,3", "--json"))["rows"]
    assert [row["neurons"] for row in rows] == ["3 (1:3)"]


def test_the_printed_command_reads_the_text_as_find_did(inspect, models, capsys):
    (models / "odd.txt").write_text(POEM.replace("sea", "séa"), encoding="utf-8")
    odd = ["--text", str(models / "odd.txt"), "--unknown", "nearest"]
    printed = inspect("find", "brackets", "--no-ablation", *odd).splitlines()[-1]
    assert printed.endswith(f"-t {models / 'odd.txt'} --unknown nearest") or " --signal" in printed
    app(shlex.split(printed)[1:], prog_name="charrnn", standalone_mode=False)
    assert "neuron " in capsys.readouterr().out


def test_json_says_why_there_is_no_verdict(inspect):
    found = json.loads(inspect("find", "url", "brackets", "--no-ablation", "--json"))
    reasons = {one["concept"]: one["refused"] for one in found["concepts"]}
    assert reasons["url"].startswith("0 of 1,412 characters are on")
    assert reasons["brackets"] == ""
    assert {row["concept"] for row in found["rows"]} == {"brackets"}


def test_labels_that_are_no_numbers_are_said_to_be_so(inspect, models):
    labels = models / "nan.txt"
    labels.write_text("nan " * len(POEM), encoding="utf-8")
    with pytest.raises(CharrnnError, match="has a value that is not a finite number"):
        inspect("find", "--labels", str(labels))


def test_two_models_are_scored_on_the_same_blocks_of_a_text(inspect, models):
    both = [
        word for name in ("lstm", "gru") for word in ("-m", str(models / f"{name}.safetensors"))
    ]
    (row,) = json.loads(inspect("score", *both, "--json", model=""))["rows"]
    losses = [checkpoint.load(models / f"{name}.safetensors").network() for name in ("lstm", "gru")]
    a, b = (one.losses(one.vocabulary.encode(POEM)) for one in losses)
    assert (row["a"], row["b"]) == pytest.approx((a.mean(), b.mean()))
    blocks = [(a - b)[first : first + 500].mean() for first in range(0, len(a), 500)]
    low, high = row["interval"]
    assert min(blocks) <= low < (a - b).mean() < high <= max(blocks)
    text = inspect("score", *both, model="")
    assert "A less B" in text
    for strange in (["--cold", "5"], ["-m", both[1]]):
        with pytest.raises(CharrnnError, match="one model"):
            inspect("score", *both, *strange, model="")


@pytest.mark.parametrize(
    ("name", "difference", "interval", "verdict"),
    [
        ("accuracy", 0.1, (0.05, 0.2), "A is better"),
        ("accuracy", -0.1, (-0.2, -0.05), "B is better"),
        ("log_loss", 0.1, (0.05, 0.2), "B is better"),
        ("log_loss", -0.1, (-0.2, -0.05), "A is better"),
        ("accuracy", 0.1, (0.0, 0.2), "no difference seen"),
        ("accuracy", 0.1, None, "no difference seen"),
    ],
)
def test_the_verdict_on_a_difference(name, difference, interval, verdict):
    assert Measured(name, 0.5 + difference, 0.5, interval).verdict == verdict
