import numpy as np
import pytest

from charrnn.text.texts import Texts


def texts(lengths, batch=3, seed=0):
    """Return texts of so many characters: id 0, then the text's number as often as it is long."""
    ids = np.concatenate([[0, *[number + 1] * length] for number, length in enumerate(lengths)])
    sizes = np.array(lengths) + 1
    labels = np.arange(len(lengths)) % 2
    return Texts(ids.astype(np.uint8), np.cumsum(sizes) - sizes, labels, batch, seed)


def test_an_epoch_has_each_text_once_with_its_label_and_to_its_end():
    made = texts([3, 1, 4, 1, 5, 9, 2])
    seen = []
    for step in range(made.epoch_steps):
        batch = made.chunk(step)
        assert batch.fresh
        assert len(batch.inputs) == batch.lengths.max()
        for n, (length, label) in enumerate(zip(batch.lengths, batch.targets, strict=True)):
            column = batch.inputs[:length, n]
            assert column[0] == 0
            number = int(column[1]) - 1
            assert column[1:].tolist() == [number + 1] * (length - 1)
            assert label == number % 2
            seen.append(number)
    assert sorted(seen) == list(range(7))


def test_texts_of_a_batch_are_about_equally_long_and_the_order_is_drawn_anew():
    made = texts([5] * 6 + [50] * 6)
    epochs = [
        [made.chunk(epoch * made.epoch_steps + step) for step in range(made.epoch_steps)]
        for epoch in (0, 1)
    ]
    assert all(len(set(batch.lengths.tolist())) == 1 for epoch in epochs for batch in epoch)
    first, second = ([batch.inputs[1].tolist() for batch in epoch] for epoch in epochs)
    assert first != second
    assert {n for one in first for n in one} == {n for one in second for n in one}


def test_the_same_seed_gives_the_same_batches():
    one, other = texts([5, 6, 7, 8] * 4, seed=4), texts([5, 6, 7, 8] * 4, seed=4)
    for step in (0, 9, 3):
        assert (one.chunk(step).inputs == other.chunk(step).inputs).all()


def test_the_first_texts_are_whole():
    part = texts([3, 1, 4]).first(2)
    assert part.lengths.tolist() == [4, 2]
    assert part.target_counts(2).tolist() == [1, 1]
    assert texts([3, 1, 4]).first(9).lengths.tolist() == [4, 2, 5]


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_an_epoch_has_as_many_batches_as_the_texts_need(batch):
    assert texts([1] * 5, batch=batch).epoch_steps == {1: 5, 2: 3, 100: 1}[batch]
