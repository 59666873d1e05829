"""What a model that predicts from both sides reads: chunks with what follows, and windows."""

import numpy as np

from charrnn.text.batches import PADDING
from charrnn.text.surroundings import AHEAD, SurroundedRecords, SurroundedStreams, Surroundings

MARK = 9


def test_chunks_of_streams_follow_each_other_with_some_of_what_comes_next():
    ids = np.arange(1000).astype(np.uint16)
    source = SurroundedStreams(ids, 4, 20, seed=1)
    drawn, before = [], None
    for step in range(source.epoch_steps):
        inputs, targets, fresh = source.chunk(step)
        assert fresh == (step == 0)
        assert (np.diff(inputs, axis=0) == 1).all()  # each stream is in order, targets first
        assert (targets == inputs[: len(targets)]).all()
        assert before is None or (targets[0] == before[-1] + 1).all()
        before = targets
        drawn.append(len(inputs) - len(targets))
    assert 0 <= min(drawn) < AHEAD < max(drawn) <= 2 * AHEAD
    assert (source.chunk(3).inputs == source.chunk(3).inputs).all()  # as a resumed run needs it


def test_a_record_ends_with_a_mark_that_is_read_and_not_predicted():
    texts = [[1, 2, 3], [4], [5, 6, 7, 8, 1, 2]]
    ids = np.array([MARK, *(one for text in texts for one in (*text, MARK))], np.uint8)
    source = SurroundedRecords(ids, 3, 4, seed=0)
    seen = {number: [] for number in range(3)}
    for step in range(source.epoch_steps):
        inputs, targets, _ = source.chunk(step)
        assert (targets[targets != PADDING] != MARK).all()
        for lane, column in enumerate(targets.T):
            seen[lane] += column[column != PADDING].tolist()
            whole = inputs[:, lane]
            inside = whole[whole != PADDING]
            assert (whole[len(inside) :] == PADDING).all()
            assert not len(inside) or inside[-1] == MARK
    assert sorted(seen.values()) == sorted(texts)


def test_windows_count_each_character_once_with_the_same_context_on_both_sides():
    ids = np.arange(5000).astype(np.uint16)
    texts = Surroundings.of(ids)
    count = np.zeros(5000, int)
    for start, stop, first, last in texts.windows.tolist():
        count[first:last] += 1
        assert (start, stop) == (max(0, first - 256), min(5000, last + 256))
    assert (count == 1).all()
    batch = texts.read(np.arange(2))
    counted = batch.targets != PADDING
    assert (batch.targets[counted] == batch.inputs[counted]).all()
