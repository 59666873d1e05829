import pytest

from charrnn.text.nearest import nearest
from charrnn.text.vocabulary import Vocabulary

PLAIN = "".join(map(chr, range(32, 127)))


@pytest.mark.parametrize(
    ("character", "alphabet", "like"),
    [
        ("é", PLAIN, "e"), ("Ü", PLAIN, "U"), ("Å", "abc", "a"), ("Q", "qrs", "q"),
        ("“", PLAIN, '"'), ("’", PLAIN, "'"), ("—", PLAIN, "-"), ("…", PLAIN, "."),
        ("\u00a0", PLAIN, " "), ("\t", "ab ", " "), ("ｘ", PLAIN, "x"), ("²", PLAIN, "2"),
        ("8", "a0379", "7"), ("漢", "字", "字"),
    ],
)  # fmt: skip
def test_the_nearest_character_is_the_one_that_looks_alike(character, alphabet, like):
    assert nearest(character, alphabet) == like


def test_nearest_leaves_known_characters_and_the_length_alone():
    vocabulary = Vocabulary.of("abcde -'")
    ids = vocabulary.encode("é—a’b", "nearest")
    assert vocabulary.decode(ids) == "e-a'b"
