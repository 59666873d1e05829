"""`charrnn inspect attention` on a random model that labels texts by attention."""

import csv
import io
import json

import numpy as np
import pytest

import charrnn
from charrnn import checkpoint
from charrnn.cli.app import app
from charrnn.errors import CharrnnError


@pytest.fixture
def model(make_labeller, tmp_path):
    path = tmp_path / "labels.safetensors"
    checkpoint.save(path, make_labeller("attention", count=20))
    return path


@pytest.fixture
def attention(model, capsys):
    """Run the view in this process; return its stdout."""

    def run(*arguments: str) -> str:
        named = () if "-m" in arguments else ("-m", str(model))
        app(["inspect", "attention", *arguments, *named], "charrnn", standalone_mode=False)
        return capsys.readouterr().out

    return run


def test_the_weights_are_a_softmax_of_scores_of_the_last_layer(model):
    net = charrnn.load(model, dtype=np.float64)
    found = net.attention("badge")
    ids = net.vocabulary.encode("\x1ebadge")
    outputs = net.run(ids, record=["h"]).signals["h"][:, 0, -8:]  # both directions of 4 units
    powers = np.exp(np.tanh(outputs) @ net.checkpoint.weights["attention.weight"][0])
    assert found.source == ("\x1e", *"badge")
    assert found.target == (next(iter(net.label("badge")[0])),)
    np.testing.assert_allclose(found.weights, [powers / powers.sum()], atol=1e-12)


def test_python_shows_what_the_command_prints(model, attention):
    lines = attention("--prompt", "badge").splitlines()
    assert lines[3].strip() == "␞badge"
    assert "▁" <= lines[4][-1] <= "█"
    drawn = charrnn.load(model).attention("badge")._repr_html_()
    assert "a row adds up to 1" in drawn


def test_each_line_of_standard_input_is_a_text(attention, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"bad\n\ncab\n")))
    found = json.loads(attention("-", "--json"))
    assert [one["source"] for one in found["texts"]] == [["\x1e", *"bad"], ["\x1e", *"cab"]]
    for one in found["texts"]:
        assert np.sum(one["weights"]) == pytest.approx(1, abs=1e-5)
    attention("--prompt", "bad", "-o", str(tmp_path / "a.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert [row["source"] for row in rows] == ["\x1e", "b", "a", "d"]
    for ending in ("svg", "html", "txt"):
        attention("--prompt", "bad", "-o", str(tmp_path / f"a.{ending}"))
        assert "adds up to 1" in (tmp_path / f"a.{ending}").read_text()


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 24), (40, 12)])
def test_held_out_texts_fill_the_window_and_no_more(attention, monkeypatch, columns, lines):
    monkeypatch.setenv("FORCE_COLOR", "1")  # as a terminal
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(lines))
    drawn = attention().splitlines()
    assert lines / 2 < len(drawn) < lines
    assert max(map(len, drawn)) <= columns


def test_offset_and_length_choose_texts_none_of_which_is_cut(attention):
    every = json.loads(attention("-n", "100000", "--json"))["texts"]
    first, second = (len(one["source"]) for one in every[:2])
    some = json.loads(attention("-n", "1", "--offset", str(first), "--json"))["texts"]
    assert [len(one["source"]) for one in some] == [second]
    with pytest.raises(CharrnnError, match="no text begins at character 999,999"):
        attention("--offset", "999999")


@pytest.mark.parametrize("other", ["mean", "writer"])
def test_a_model_without_attention_says_what_has_it(
    attention, make_labeller, make_checkpoint, tmp_path, other
):
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, make_checkpoint() if other == "writer" else make_labeller(other))
    with pytest.raises(CharrnnError) as error:
        attention("--prompt", "bad", "-m", str(path))
    assert error.value.message == "this model has no attention"
    with pytest.raises(CharrnnError, match="this model has no attention"):
        charrnn.load(path).attention("bad")
    assert "--task classify --pool attention" in error.value.hint
