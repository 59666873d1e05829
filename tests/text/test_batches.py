import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.errors import CorpusError
from charrnn.text import batches


def test_the_split_is_that_of_the_published_figures():
    training, validation = batches.split(np.zeros(1_115_394, np.uint8), 0.1)
    assert (len(training), len(validation)) == (1_003_854, 111_540)


def test_the_validation_part_is_the_end():
    training, validation = batches.split(np.arange(100, dtype=np.uint8), 0.2)
    assert training.tolist() == list(range(80))
    assert validation.tolist() == list(range(80, 100))


def test_chunks_of_a_small_text_by_hand():
    ids = np.arange(8, dtype=np.uint8)  # two streams: 0 1 2 and 3 4 5, of at most 2 steps
    assert batches.chunks_per_epoch(8, batch=2, sequence=2) == 2
    inputs, targets = batches.chunk(ids, 2, 2, 0)
    assert inputs.tolist() == [[0, 3]]
    assert targets.tolist() == [[1, 4]]
    inputs, targets = batches.chunk(ids, 2, 2, 1)
    assert inputs.tolist() == [[1, 4], [2, 5]]
    assert targets.tolist() == [[2, 5], [3, 6]]


@given(st.integers(2, 400), st.integers(1, 9), st.integers(1, 20))
def test_an_epoch_reads_every_stream_in_order_and_leaves_out_less_than_a_batch(
    length, batch, sequence
):
    batch = batches.fitting_streams(length, batch, sequence)
    ids = np.arange(length, dtype=np.uint16)
    count = batches.chunks_per_epoch(length, batch, sequence)
    chunks = [batches.chunk(ids, batch, sequence, index) for index in range(count)]
    assert all(1 <= len(inputs) <= sequence for inputs, _ in chunks)
    inputs = np.concatenate([inputs for inputs, _ in chunks])
    targets = np.concatenate([targets for _, targets in chunks])
    assert (targets == inputs + 1).all()
    assert inputs.T.ravel().tolist() == list(range(inputs.size))
    assert length - 1 - inputs.size < batch


def test_a_batch_shrinks_until_each_stream_is_a_sequence_long():
    assert batches.fitting_streams(641, batch=32, sequence=64) == 10
    assert batches.fitting_streams(10_000, batch=32, sequence=64) == 32


@pytest.mark.parametrize(
    ("length", "parts"), [(2, (2, 0)), (5, (5, 0)), (10, (10, 0)), (11, (9, 2)), (73, (65, 8))]
)
def test_of_a_text_too_small_for_both_parts_nothing_validates(length, parts):
    assert tuple(map(len, batches.split(np.zeros(length, np.uint8), 0.1))) == parts


def test_one_character_is_too_little():
    with pytest.raises(CorpusError, match="has 1 characters; training needs at least 2"):
        batches.split(np.zeros(1, np.uint8), 0.1)


def test_a_small_text_is_shared_evenly_by_all_processes():
    assert batches.fitting_streams(1009, batch=16, sequence=64) == 15
    assert batches.fitting_streams(1009, batch=16, sequence=64, processes=2) == 14
    assert batches.fitting_streams(9999, batch=15, sequence=64, processes=2) == 15


def test_what_is_to_be_predicted_is_every_id_but_the_first(monkeypatch):
    ids = np.array([2, 0, 0, 1, 2, 0], np.uint8)
    source = batches.streams(ids, 2, 2, False, 0)
    assert source.target_counts(4).tolist() == [3, 1, 1, 0]
    monkeypatch.setattr(batches, "COUNTED", 2)  # counted in pieces, it is the same
    assert source.target_counts(4).tolist() == [3, 1, 1, 0]
