"""What views say of a model that labels texts: by the text, and by its label."""

from itertools import pairwise

import numpy as np
import pytest

from charrnn import labelling, reading
from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.neurons import decisions as decided
from charrnn.neurons.ablation import Ablation, ablate
from charrnn.neurons.activations import Activations
from charrnn.neurons.address import numbered
from charrnn.neurons.comparison import comparison, difference, pair_text
from charrnn.neurons.concepts import matches
from charrnn.neurons.decisions import decisions
from charrnn.neurons.mislabelled import mislabelled
from charrnn.neurons.use import LabelUse, _by_label, _masks
from charrnn.reading import Opened
from charrnn.text.texts import Texts


def texts_of(network, ids):
    edges = [*np.flatnonzero(ids == network.end), len(ids)]
    return [ids[a:b] for a, b in pairwise(edges)]


def log_softmax(logits):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def held_alone(network, ids, held):
    """Return the log-probabilities of one mean-pooled text, read by itself."""
    outputs = network._read(ids[:, None], network.start(), {}, held)[0][:, 0]
    return log_softmax(outputs.mean(axis=0) @ network.head[0] + network.head[1])


@pytest.mark.parametrize("number", [1, 6, 9, 14])
def test_a_unit_is_held_at_its_mean_in_its_own_direction(make_labeller, number):
    """Each text alone, with the recurrence of that layer and direction held, costs as much."""
    model = make_labeller()
    network = model.network(np.float64)
    states = Activations(network, model.heldout, ["h"], targets=model.heldout_labels)
    done = ablate(states, [[(numbered(number, model.architecture), "h")]])
    mean = states.moments["h"].mean[number]
    held = [Intervention(number // 4, number % 4, mean)]
    for text, label, cost, more in zip(
        texts_of(network, model.heldout)[:20],
        model.heldout_labels,
        done.costs,
        done.differences[0],
        strict=False,
    ):
        assert cost == pytest.approx(-held_alone(network, text, [])[label])
        assert cost + more == pytest.approx(-held_alone(network, text, held)[label])
    assert done.differences[0].any()


def test_what_a_label_loses_is_the_mean_over_its_own_texts():
    texts = Texts(np.zeros(4, np.uint8), np.arange(4), np.array([0, 2, 2, 0]), batch=1)
    costs = -np.log([0.5, 0.25, 0.75, 0.5])
    differences = np.array([[0.0, np.log(5), np.log(3), 0.0]])  # 0.05 and 0.25 are left
    right = np.array([[True, False, True, True], [True, False, False, True]])
    done = Ablation(np.arange(4), costs, differences, texts, right)
    accuracy, (first, second) = _by_label(done, 0)
    assert accuracy == (0.75, 0.5)
    assert first == pytest.approx(LabelUse(2, 2, np.log(15) / 2, 0.5, 0.15))
    assert second == pytest.approx(LabelUse(0, 2, 0, 0.5, 0.5))


def test_a_concept_is_on_in_the_texts_that_it_is_in():
    concept, whole = matches("b+"), "|aa|abb|c|bbb"
    texts = Texts(np.zeros(13, np.uint8), np.array([0, 3, 7, 9]), np.zeros(4, int), batch=1)
    done = Ablation(np.array([2, 6, 8, 12]), np.zeros(4), np.zeros((1, 4)), texts)
    masks = _masks(done, concept, concept.labels(whole), whole)
    assert masks["on"].tolist() == [False, True, False, True]
    assert masks["off"].tolist() == [True, False, True, False]
    assert not masks["resolving"].any()


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("pool", ["last", "mean", "max", "attention"])
def test_the_label_so_far_is_that_of_the_text_so_far(make_labeller, pool, both):
    model = make_labeller(pool, both)
    network = model.network(np.float64)
    text = max(texts_of(network, model.heldout), key=len)
    found = labelling.as_read(network, text)
    alone = [
        labelling.log_probabilities(network, Texts(text[:n], np.array([0]), np.array([0]), 1))[0]
        for n in range(1, len(text) + 1)
    ]
    np.testing.assert_allclose(found, alone, atol=1e-12)


def test_a_label_is_decided_where_it_becomes_the_likeliest_for_good(make_labeller, monkeypatch):
    model = make_labeller(count=2)
    opened, text = Opened(None, model, "m"), reading.held_out(model)
    first, second = decisions(opened, text, length=1000).found
    assert text.characters == f"\x1e{first.characters}\x1e{second.characters}"
    length, likeliest = first.length, first.label
    other = (likeliest + 1) % 3
    for wrong, expected in (([], 1), ([0], 2), ([0, length - 2], length)):
        shown = np.full((length + 1, 3), 0.1)
        shown[:, likeliest] = 0.8
        for place in wrong:
            shown[1 + place, [likeliest, other]] = 0.1, 0.8
        monkeypatch.setattr(decided, "as_read", lambda *_, shown=shown: np.log(shown))
        assert decisions(opened, text, length=length).found[0].decided == expected
    monkeypatch.undo()
    (cut,) = decisions(opened, text, length=length - 1).found
    assert (len(cut.characters), cut.length, cut.decided) == (length - 1, length, None)
    assert cut.label == first.label


def test_mistakes_are_counted_by_pair_and_the_worst_come_first(make_labeller):
    model = make_labeller()
    network, text = model.network(), reading.held_out(model)
    found = mislabelled(Opened(None, model, "m"), text)
    logs = labelling.log_probabilities(network, labelling.texts_in(network, text.ids, text.labels))
    got, known = logs.argmax(axis=1), model.heldout_labels
    assert len(found.mistakes) == (got != known).sum() > 50
    assert found.texts == tuple(int((known == label).sum()) for label in range(3))
    for label, taken, some in found.pairs:
        assert len(some) == ((known == label) & (got == taken)).sum()
        assert [one.nats for one in some] == sorted((one.nats for one in some), reverse=True)
    worst = found.mistakes[0]
    assert worst.nats == pytest.approx(-logs[got != known, known[got != known]].min())
    assert f"\x1e{worst.text}" in text.characters


def test_the_interval_of_a_paired_difference():
    found = difference(np.array([1.0, 2.0, 4.0]), np.array([0.0, 2.0, 3.0]))
    # Differences 1, 0, 1: mean 2/3, standard deviation sqrt(1/3), over sqrt(3).
    assert (found.mean, found.low, found.high) == pytest.approx(
        (2 / 3, 2 / 3 - 1.96 / 3, 2 / 3 + 1.96 / 3)
    )


def test_a_model_differs_from_itself_by_nothing_and_from_another_text_by_text(make_labeller):
    one, other = (Opened(None, make_labeller(pool), pool) for pool in ("mean", "max"))
    same = comparison((one, one), *pair_text((one, one), reading.held_out(one.checkpoint)))
    assert (same.paired.loss.mean, same.paired.loss.low, same.a_better) == (0, 0, ())
    found = comparison((one, other), *pair_text((one, other), reading.held_out(one.checkpoint)))
    assert found.paired.loss.mean == pytest.approx(found.nats[0] - found.nats[1])
    begins = np.flatnonzero(one.checkpoint.heldout == one.checkpoint.network().end)
    best = found.a_better[0]
    assert best.start in begins
    shown = found.characters[best.start : best.start + best.length]
    assert "\x1e" not in shown
    assert len(shown) == best.length


def test_a_file_is_read_a_text_a_line_and_a_table_with_its_labels(make_labeller, tmp_path):
    model = make_labeller()
    (tmp_path / "plain.txt").write_text("ab\n\ncd\n")
    plain = reading.of_file(model, tmp_path / "plain.txt")
    assert (plain.characters, len(plain.labels)) == ("\x1eab\x1ecd", 0)
    (tmp_path / "table.tsv").write_text("ab\tz\ncd\tx\n")
    table = reading.of_file(model, tmp_path / "table.tsv")
    assert (table.characters, table.labels.tolist()) == ("\x1eab\x1ecd", [2, 0])
    with pytest.raises(UsageError, match="have no labels"):
        mislabelled(Opened(None, model, "m"), plain)
