"""Hashes of stretches: that of one by Python's whole numbers, those of a text by NumPy's."""

from hypothesis import given
from hypothesis import strategies as st

from charrnn.text.ngrams import among, hash_of, hashes

TEXTS = st.text(st.characters(), min_size=1, max_size=80)


@given(TEXTS, st.integers(1, 60))
def test_the_hash_of_a_stretch_is_the_same_by_both_ways(text, length):
    stretches = [text[at : at + length] for at in range(len(text) - length + 1)]
    assert [hash_of(stretch) for stretch in stretches] == hashes(text, length).tolist()


def test_a_hash_by_hand():
    multiplier = 0x9E3779B97F4A7C15
    expected = ((98 * multiplier + 99) * multiplier + 100) % 2**64  # 'a' is 97, and one more
    assert hash_of("abc") == expected


def test_a_stretch_is_found_among_those_of_a_text_wherever_its_hash_stands():
    known = sorted_hashes("she sells sea shells", 4)
    wanted = hashes("he sea sold", 4)
    assert among(wanted, known).tolist() == [True] * 5 + [False] * 3


def sorted_hashes(text, length):
    found = hashes(text, length)
    found.sort()
    return found
