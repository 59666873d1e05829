from charrnn.settings import TrainConfig
from charrnn.text import dataset
from charrnn.text.corpus import Corpus

LINES = "".join(f"this is line number {number:06}\n" for number in range(60_000))  # 27 each


def test_what_is_stored_to_inspect_comes_from_all_of_the_validation_text():
    made = dataset.make(TrainConfig(), Corpus("lines", LINES, ""))
    stored = made.vocabulary.decode(made.stored)
    assert 0.95 * 65_536 < len(stored) <= 65_536
    numbers = [int(line[-6:]) for line in stored.splitlines()]
    first, last = 54_000, 60_000  # of the tenth that validates
    assert numbers == sorted(set(numbers))
    for eighth in range(8):
        there = range(first + eighth * 750, first + eighth * 750 + 250)
        assert set(there) <= set(numbers)
    assert first <= numbers[0]
    assert numbers[-1] < last
    assert len(made.stored) < made.aside == 162_000


def test_of_records_whole_ones_are_stored():
    made = dataset.make(TrainConfig(records="line"), Corpus("lines", LINES, ""))
    stored = made.vocabulary.decode(made.stored)
    assert 0.95 * 65_536 < len(stored) <= 65_536
    assert stored[0] == stored[-1] == "\n"
    assert all(len(line) == 26 for line in stored[1:-1].split("\n"))
