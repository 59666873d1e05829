"""The unit that tells a label at a text's end, and what it is measured against."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import charrnn
from charrnn import checkpoint
from charrnn.errors import CharrnnError
from charrnn.neurons import label_units as units
from charrnn.neurons.placements import placed
from charrnn.neurons.probe import Probe
from charrnn.text import labelled
from tests.conftest import random_checkpoint

WORDS = "ab ba aab bba abab".split()


def texts(count, seed=0):
    """Return texts of a and b, and whether the first letter is x or y: only a memory knows it."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        first = random.choice(["x", "y"])
        yield first + "".join(random.choice(list("ab"), random.integers(4, 9))), first


def remembering():
    """Return a model whose unit 3 holds +1 after an x, -1 after a y, and keeps it."""
    model = random_checkpoint("lstm", layers=1, alphabet="abxy\n", hidden=8)
    weights = {name: np.array(one) for name, one in model.weights.items()}
    hidden, unit = 8, 3
    for gate in range(4):  # i f g o
        row = gate * hidden + unit
        for name in ("weight_ih_l0", "weight_hh_l0"):
            weights[f"rnn.{name}"][row] = 0
        weights["rnn.bias_ih_l0"][row] = weights["rnn.bias_hh_l0"][row] = 0
    x, y = (model.vocabulary.encode(one)[0] for one in "xy")
    weights["rnn.weight_hh_l0"][:, unit] = 0  # no other unit reads it
    rows = weights["rnn.weight_ih_l0"]
    weights["rnn.bias_ih_l0"][unit] = -10  # the input gate is open at x and y alone
    rows[unit, [x, y]] = 20
    weights["rnn.bias_ih_l0"][hidden + unit] = 10  # nothing is forgotten
    rows[2 * hidden + unit, [x, y]] = 5, -5
    return replace(model, weights={n: w.astype(np.float32) for n, w in weights.items()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("label")
    checkpoint.save(folder / "made.safetensors", remembering())
    rows = "".join(f"{text}\t{label}\n" for text, label in texts(400))
    (folder / "data.tsv").write_text(rows)
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return charrnn.find_label(charrnn.load(folder / "made.safetensors"), folder / "data.tsv")


def test_a_unit_that_remembers_what_decides_the_label_is_found_by_both_halves(found):
    for one in (*found.forward, *found.backward):
        assert (one.signal.neuron.number, one.score, one.f1) == (3, 1.0, 1.0)
        assert one.verdict == "encodes, not shown to be used"
        assert one.p < 0.01
        assert one.baselines["last 3"] < 0.65 > one.baselines["length"]
    assert found.probe.trained.values["accuracy"] > 0.97


def test_a_label_that_the_last_character_tells_is_lexical(folder, tmp_path):
    rows = [f"{text}{label}\t{label}\n" for text, label in texts(400)]
    (tmp_path / "ends.tsv").write_text("".join(rows))
    found = charrnn.find_label(charrnn.load(folder / "made.safetensors"), tmp_path / "ends.tsv")
    assert {one.verdict for one in (*found.forward, *found.backward)} == {"lexical only"}
    assert found.forward[0].baselines["last 1"] == 1.0


def test_labels_that_nothing_tells_have_no_evidence_and_rare_ones_no_verdict(folder, tmp_path):
    random = np.random.default_rng(1)
    rows = [
        f"{text}\t{random.choice(['p', 'q', 'r'], p=[0.48, 0.48, 0.04])}\n"
        for text, _ in texts(400)
    ]
    (tmp_path / "none.tsv").write_text("".join(rows))
    found = charrnn.find_label(charrnn.load(folder / "made.safetensors"), tmp_path / "none.tsv")
    verdicts = [one.verdict for one in found.forward]
    assert verdicts == ["no evidence", "no evidence", "no verdict"]
    assert "fewer than 20" in found.forward[2].refused


def test_states_are_those_after_each_text_read_alone():
    model = remembering()
    network = model.network()
    some = ["xab", "y", "abbaabba"]
    states = units.end_states(network, some)
    for text, row in zip(some, states, strict=True):
        ids = network.vocabulary.encode("\n" + text)
        signals = network.run(ids[:, None], None, ["h", "c"]).signals
        wanted = np.concatenate([signals[name][-1, 0] for name in ("h", "c")])
        assert row == pytest.approx(wanted, abs=1e-6)


def test_a_text_that_stands_several_times_is_in_one_half(tmp_path):
    (tmp_path / "t.tsv").write_text(
        "".join(f"{word}\t{n % 3}\n" for n in range(30) for word in WORDS)
    )
    rows = labelled.read([str(tmp_path / "t.tsv")])
    half = units._halves(rows, np.random.default_rng(0))
    for word in WORDS:
        assert len({bool(h) for h, text in zip(half, rows.texts, strict=True) if text == word}) == 1
    assert 0 < half.sum() < len(half)


def test_placements_give_the_auroc_and_the_interval_of_a_bootstrap():
    random = np.random.default_rng(0)
    on = random.random(300) < 0.3
    values, other = random.normal(size=(2, 300)).round(1) + on * [[1.0], [0.5]]
    found = placed(values, on)
    assert found.auroc == pytest.approx(roc_auc_score(on, values))
    less = found.less(placed(other, on))
    assert less.auroc == pytest.approx(roc_auc_score(on, values) - roc_auc_score(on, other))

    def difference(places):
        return roc_auc_score(on[places], values[places]) - roc_auc_score(on[places], other[places])

    drawn = [difference(random.integers(300, size=300)) for _ in range(200)]
    low, high = less.interval
    assert (high - low) / (2 * stats.norm.ppf(0.975)) == pytest.approx(np.std(drawn), rel=0.15)


def test_the_probe_is_the_logistic_regression_of_scikit_learn():
    random = np.random.default_rng(0)
    labels = random.integers(3, size=300)
    features = random.normal(size=(300, 6)) * [1, 2, 3, 1, 0.1, 1] + labels[:, None] * [
        1,
        0,
        2,
        0,
        0.1,
        0,
    ]
    found = Probe.fitted(features, labels, 3, steps=2000).log_probabilities(features)
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    there = LogisticRegression(C=0.1, tol=1e-8, max_iter=1000).fit(scaled, labels)
    assert found == pytest.approx(there.predict_log_proba(scaled), abs=1e-4)


def test_the_command_prints_what_python_returns(folder, found, capsys):
    from charrnn.cli.app import app

    def run(*arguments):
        model = ["-m", str(folder / "made.safetensors")]
        app(["inspect", "find", *arguments, *model], prog_name="charrnn", standalone_mode=False)
        return capsys.readouterr().out

    data = ["label", "--data", str(folder / "data.tsv")]
    rows = json.loads(run(*data, "--json"))["rows"]
    assert [row["score"] for row in rows] == [found.forward[0].score, found.backward[0].score]
    text = run(*data)
    assert "3 (1:3)" in text
    assert "charrnn inspect neuron 3" in text
    for strange in (["label"], ["brackets", *data[1:]], [*data, "-t", str(Path(data[-1]))]):
        with pytest.raises(CharrnnError, match="label"):
            run(*strange)
