"""A model that writes a text for a text: trained, asked and scored by the commands."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import charrnn
from charrnn import checkpoint
from charrnn.cli.app import app
from charrnn.errors import CharrnnError, CheckpointError

FAST = ["--hidden", "32", "--embedding", "16", "--batch", "16", "--learning-rate", "0.01"]
FAST += ["--dropout", "0", "--average", "0.9", "--label-smoothing", "0", "-q"]
SOUNDS = {"a": "AH", "b": "B", "c": "S IY", "d": "D"}


def rows(count, seed):
    """Return words with their sounds: c is S IY, and every sound stands in the word's order."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        word = "".join(random.choice(list(SOUNDS), random.integers(2, 6)))
        yield word, " ".join(SOUNDS[letter] for letter in word)


def sounds(word):
    return " ".join(SOUNDS[letter] for letter in word)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table for training, one for testing, and a model."""
    folder = tmp_path_factory.mktemp("seq2seq")
    for name, seed in (("train", 0), ("test", 1)):
        lines = [f"{word}\t{sound}\n" for word, sound in rows(300, seed)]
        (folder / f"{name}.tsv").write_text("".join(lines))
    train = ["train", str(folder / "train.tsv"), "--task", "seq2seq", "--target-symbols", "space"]
    app(
        [*train, *FAST, "--steps", "150", "--validate-every", "75", "-o", str(folder / "run")],
        standalone_mode=False,
    )
    return folder


@pytest.fixture
def run(folder, capsys, monkeypatch):
    """Run a command in the folder; return what it prints on stdout and stderr."""

    def run(*arguments, stdin=""):
        monkeypatch.chdir(folder)
        text = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", text)
        app([*map(str, arguments)], standalone_mode=False)
        return capsys.readouterr()

    return run


def test_it_learns_symbols_of_several_characters(folder, run):
    found = json.loads(run("inspect", "score", "test.tsv", "-m", "run", "--json").out)
    assert found["exact"] > 0.9
    assert found["sources"] == len(dict(rows(300, 1)))
    assert found["decoding"] == "beam of 5"
    wrong = [row for row in found["rows"] if not row["exact"]]
    assert all(row["answer"] != row["references"][0] for row in wrong)
    assert found["symbol_error_rate"] == pytest.approx(
        sum(row["edits"] for row in found["rows"]) / found["reference_symbols"]
    )
    low, high = found["intervals"]["exact"]
    assert low <= found["exact"] <= high


def test_a_model_is_no_better_than_itself(run):
    both = run("inspect", "score", "test.tsv", "-m", "run", "-m", "run").out
    assert both.count("no difference seen") == 2  # exact answers, and the symbol error rate


def test_any_of_several_references_is_right(folder, run):
    word = "abc"
    (folder / "two.tsv").write_text(f"{word}\tB AH\n{word}\t{sounds(word)}\n{word}\tB\n")
    found = json.loads(run("inspect", "score", "two.tsv", "-m", "run", "--json").out)
    assert found["sources"] == 1
    assert found["exact"] == 1
    assert found["rows"][0]["references"] == ["B AH", sounds(word), "B"]
    (folder / "other.tsv").write_text(f"{word}\tB\n{word}\t{sounds(word)} B B\n")
    found = json.loads(run("inspect", "score", "other.tsv", "-m", "run", "--json").out)
    assert found["exact"] == 0
    assert found["edits"] == 2  # from the nearest of both


def test_a_text_a_line_gets_its_answer_in_order(run):
    words = [word for word, _ in rows(12, 2)]
    out = run("sample", "run", stdin="".join(f"{word}\n" for word in words)).out.splitlines()
    assert out == [run("sample", "run", "--prompt", word).out.strip() for word in words]
    assert sum(a == sounds(b) for a, b in zip(out, words, strict=True)) > 10


def test_the_best_answers_are_ranked_and_drawn_ones_vary(run):
    found = json.loads(run("sample", "run", "--prompt", "abd", "--top", "3", "--json").out)
    scores = [one["mean_log_probability"] for one in found["answers"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert found["text"] == found["answers"][0]["text"] == sounds("abd")
    line = run("sample", "run", "--prompt", "abd", "--top", "3").out.strip()
    assert line.split("\t") == [one["text"] for one in found["answers"]]
    drawn = ["sample", "run", "--prompt", "abd", "--temp", "5", "--seed"]
    assert run(*drawn, "1").out == run(*drawn, "1").out != run(*drawn, "2").out


def test_length_ends_an_answer_and_a_long_text_is_read(run):
    assert run("sample", "run", "--prompt", "abab", "--length", "2").out == "AH B\n"
    done = run("sample", "run", stdin="ab" * 20 + "\n" + "ab" * 30 + "\n")
    assert len(done.out.splitlines()) == 2
    assert done.err.count("longer than any in training (5)") == 1


def test_each_symbol_of_an_answer_attends_to_what_it_was_read_from(run):
    found = json.loads(run("inspect", "attention", "-m", "run", "--prompt", "badcab", "--json").out)
    drawn = charrnn.load("run").attention("badcab")
    (text,) = found["texts"]
    assert text["target"][:-1] == sounds("badcab").split()
    weights = np.array(text["weights"])
    assert weights.shape == (len(text["target"]), len(text["source"]))
    assert drawn.target == tuple(text["target"])
    np.testing.assert_allclose(drawn.weights, weights, atol=1e-6)
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(weights)))


def test_held_out_pairs_are_kept_with_the_model(folder, run):
    found = json.loads(run("inspect", "score", "-m", "run", "--json").out)
    known = dict(rows(300, 0))
    assert 15 <= found["sources"] <= 30
    assert all(row["references"] == [known[row["source"]]] for row in found["rows"])
    loaded = checkpoint.load(folder / "run" / "best.safetensors")
    again = folder / "again.safetensors"
    checkpoint.save(again, loaded)
    assert again.read_bytes() == (folder / "run" / "best.safetensors").read_bytes()


NOT_MADE = "this view is not made for a model that writes a text for a text"
GOES_ON = "is for models that go on with a text"


def test_what_is_in_the_file_has_both_alphabets(run):
    out = run("inspect", "checkpoint", "run").out
    assert "attention dot" in out
    assert "alphabet    5 characters, and one id for all others: ␞ a b c d" in out
    assert "targets     6 symbols, and one id for all others: ␞ AH B D IY S" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("inspect text -m run", NOT_MADE),
        ("inspect neuron decoder:1:3 -m run", "reads symbols of several characters"),
        ("inspect neuron encoder:1:3 decoder:1:3 -m run", "read different texts"),
        ("inspect neuron encoder:2:3 -m run", "there is no neuron 'encoder:2:3'"),
        ("inspect neuron encoder:1:3 --stack decoder -m run", "units of the encoder were named"),
        ("inspect neuron encoder:1:3 -m demo", "there is no neuron 'encoder:1:3'"),
        ("inspect gates --stack encoder -m demo", "--stack is for models that write a text for"),
        ("inspect errors -m run", NOT_MADE),
        ("sample run --prompt a__b --fill __", f"--fill {GOES_ON}"),
        ("sample run --prompt ab --clamp 3=1", f"--clamp {GOES_ON}"),
        ("sample run --prompt ab --temp 1 --beam 3", "--beam and --temp cannot be given together"),
        ("sample run --prompt ab --temp 0.3..1", "one temperature is for all symbols"),
        ("train train.tsv --task seq2seq --all-layers", "it is for networks without a decoder"),
        ("train train.tsv --task classify --attention none", "learning a text for a text"),
        ("train one.tsv --task seq2seq", "no source with a target is in one.tsv"),
        ("train empty.tsv --task seq2seq", "no source with a target is in empty.tsv"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(folder, run, arguments, message):
    (folder / "one.tsv").write_text("no second column\n")
    (folder / "empty.tsv").write_text("")
    with pytest.raises(CharrnnError) as said:
        run(*arguments.split())
    assert message in said.value.message
    assert "\n" not in said.value.message


def test_a_unit_of_the_encoder_is_drawn_over_the_source(run):
    address = "encoder:backward:1:7"
    shown = ["inspect", "neuron", address, "-m", "run", "--prompt", "badcab", "--json"]
    found = json.loads(run(*shown).out)
    assert "".join(row["character"] for row in found["rows"]) == "\x1ebadcab"
    net = charrnn.load("run")
    ids = net.vocabulary.encode("\x1ebadcab")
    outputs = net.read_texts(ids[:, None], np.array([7]))[:, 0]
    values = [row["39"] for row in found["rows"]]  # after 32 units that read forwards
    np.testing.assert_allclose(values, outputs[:, 39], atol=1e-6)
    recording = charrnn.neuron(net, address, text="badcab")
    np.testing.assert_allclose(recording.values, values, atol=1e-6)


def test_what_answers_are_without_units(folder, run):
    """On a table with its targets: without a quarter of the decoder there are fewer right ones."""
    lines = [f"{word}\t{sound}\n" for word, sound in rows(80, 2)]
    (folder / "few.tsv").write_text("".join(lines))
    of_table = ["-m", "run", "-t", "few.tsv", "--json"]
    exact = json.loads(run("inspect", "score", "few.tsv", "-m", "run", "--json").out)["exact"]
    units = [f"decoder:1:{unit}" for unit in range(8)]
    for addresses, counted in ((units, "symbols"), (["encoder:1:3"], "texts")):
        found = json.loads(run("inspect", "ablate", *addresses, *of_table).out)
        before, without = found["rows"][-1]["exact"]
        assert before == pytest.approx(exact, abs=0.02)  # by a beam there
        assert counted in found["concept"]
        if counted == "symbols":
            assert without < before
            assert found["rows"][-1]["overall"] > 0.01


def test_concepts_are_looked_for_in_what_a_part_reads(run):
    found = json.loads(
        run("inspect", "find", "-m", "run", "-t", "test.tsv", "--no-ablation", "--json").out
    )
    names = {row["concept"] for row in found["rows"]}
    assert "vowel" in names
    assert not names & {"line-end", "indent", "comment", "url"}
    gates = run("inspect", "gates", "-m", "run", "--stack", "decoder", "-t", "test.tsv").out
    assert "(decoder:1:" in gates
    assert "(encoder:" not in gates
    net, table = charrnn.load("run"), Path("test.tsv")
    assert (
        charrnn.gates(net, stack="decoder", text=table).neurons[3].both_names == "3 (decoder:1:3)"
    )
    for wrong in ({"stack": "middle"}, {"text": table, "second": table}):
        with pytest.raises(CharrnnError, match="for a text"):
            charrnn.find(net, **wrong)
    with pytest.raises(CharrnnError, match="stack 'decoder'"):
        charrnn.gates(charrnn.load("demo"), stack="decoder")


def test_a_damaged_decoder_is_refused(folder):
    loaded = checkpoint.load(folder / "run" / "best.safetensors")
    header = {"decoder": vars(loaded.architecture.decoder) | {"memory": 3}}
    wrong = type(loaded.architecture).of(vars(loaded.architecture) | header)
    broken = folder / "broken.safetensors"
    checkpoint.save(broken, checkpoint.Checkpoint(**(vars(loaded) | {"architecture": wrong})))
    with pytest.raises(CheckpointError, match="reads 3 of 64 outputs"):
        checkpoint.load(broken)


def test_python_answers_and_measures(folder):
    net = charrnn.load(folder / "run")
    assert net.translate(["abd", "ba"]) == [sounds("abd"), sounds("ba")]
    assert net.translate("abd") == [sounds("abd")]
    assert net.measure(folder / "test.tsv").accuracy > 0.9
    for wrong in (net.sample, lambda: net.run([0, 1]), lambda: net.step(0), lambda: net.label("a")):
        with pytest.raises(CharrnnError, match="text for a text"):
            wrong()
