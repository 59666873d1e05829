import pytest

from charrnn.text.nearest import nearest
from charrnn.text.vocabulary import Vocabulary

TYPED = "\n" + "".join(map(chr, range(32, 127)))


@pytest.mark.parametrize(
    ("character", "written"),
    [
        ("é", "e"), ("Å", "A"), ("ß", "ss"), ("ẞ", "SS"), ("œ", "oe"), ("Ø", "O"), ("ł", "l"),
        ("Æ", "AE"), ("þ", "th"), ("ǿ", "o"), ("Ｚ", "Z"), ("ﬁ", "fi"), ("²", "2"), ("½", "1/2"),
        ("…", "..."), ("“", '"'), ("’", "'"), ("–", "-"), ("\u00a0", " "), ("\t", " "),
    ],
)  # fmt: skip
def test_it_is_what_a_person_would_type(character, written):
    assert nearest(character, TYPED.__contains__) == written


@pytest.mark.parametrize(
    "character",
    [
        "\u0301",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\ufe0f",
        "🏽",
        "🎉",
        "漢",
        "ж",
        "\r",
        "\x1b",
    ],
)
def test_what_has_nothing_like_it_is_left_out_and_never_becomes_a_line_end(character):
    assert nearest(character, TYPED.__contains__) == ""


def test_the_other_case_will_do():
    assert nearest("É", "cafe".__contains__) == "e"
    assert nearest("q", "Q".__contains__) == "Q"
    assert nearest("ß", "s".__contains__) == "ss"
    assert nearest("ß", "S".__contains__) == "SS"


def test_an_accent_on_its_own_goes_with_its_letter():
    assert Vocabulary.of(TYPED).encode("cafe\u0301 x", "nearest").tolist() == [
        Vocabulary.of(TYPED).characters.index(one) for one in "cafe x"
    ]
    composed = Vocabulary.of("cafeé x")
    assert composed.decode(composed.encode("cafe\u0301 x", "nearest")) == "café x"


def test_in_bytes_a_character_is_changed_as_a_whole():
    text = "Ä A e\n".encode().decode("latin-1")
    vocabulary = Vocabulary.of(text, as_bytes=True)
    for given, written in (("Å", "A"), ("é", "e"), ("Ä", "Ä"), ("漢", "")):
        assert vocabulary.decode(vocabulary.encode(given, "nearest")) == written
    in_bytes = "Åé".encode().decode("latin-1")
    assert vocabulary.decode(vocabulary.encode_characters(in_bytes, "nearest")) == "Ae"
