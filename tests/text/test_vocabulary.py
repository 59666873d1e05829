import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.errors import VocabularyError
from charrnn.text.vocabulary import Vocabulary

texts = st.text(min_size=1)


@given(texts)
def test_decoding_undoes_encoding(text):
    vocabulary = Vocabulary.of(text)
    assert vocabulary.decode(vocabulary.encode(text)) == text


@given(st.binary(min_size=1))
def test_bytes_of_any_kind_survive_a_round_trip(data):
    vocabulary = Vocabulary.of(data.decode("latin-1"), as_bytes=True)
    ids = vocabulary.encode_characters(data.decode("latin-1"))
    assert vocabulary.decode(ids).encode("utf-8", "surrogateescape") == data


def test_ids_are_in_the_order_of_code_points():
    vocabulary = Vocabulary.of("hello, wörld 漢")
    assert vocabulary.characters == " ,dehlorwö漢"
    assert vocabulary.encode("held").tolist() == [4, 3, 5, 2]


@pytest.mark.parametrize(("size", "dtype"), [(256, np.uint8), (257, np.uint16)])
def test_ids_take_the_smallest_type_that_holds_them(size, dtype):
    text = "".join(map(chr, range(0x100, 0x100 + size)))
    assert Vocabulary.of(text).encode(text).dtype == dtype


def test_rare_characters_share_the_unknown_id():
    vocabulary = Vocabulary.of("aaabbbcd", min_count=2)
    assert len(vocabulary) == 3
    assert vocabulary.encode("abcdz").tolist() == [0, 1, 2, 2, 2]
    assert vocabulary.decode([0, 1, 2]) == "ab\ufffd"


def test_a_stranger_is_named_with_its_place():
    with pytest.raises(VocabularyError) as caught:
        Vocabulary.of("abc ").encode("a cafe")
    assert caught.value.message == (
        "the text has 2 characters outside the model's alphabet: "
        "'f' (U+0066) at position 4 is the first"
    )
    assert "--unknown skip" in caught.value.hint


def test_an_unprintable_stranger_is_escaped():
    with pytest.raises(VocabularyError, match=r"'\\x1b' \(U\+001B\) at position 0"):
        Vocabulary.of("abc").encode("\x1b")


def test_a_byte_that_no_text_holds_is_named_as_a_byte():
    with pytest.raises(VocabularyError, match="outside the model's alphabet: 0xFF at position 1"):
        Vocabulary.of("abc").encode("a\udcff")


def test_each_byte_has_a_character_of_its_own():
    vocabulary = Vocabulary.of("a\xf4\xa0", as_bytes=True)
    assert vocabulary.characters_of([0, 1, 2]) == "a\udca0\udcf4"


def test_a_nul_is_a_stranger_like_any_other():
    with pytest.raises(VocabularyError):
        Vocabulary.of("abc").encode("\0")


def test_strangers_can_be_skipped():
    vocabulary = Vocabulary.of("abc")
    assert vocabulary.decode(vocabulary.encode("xaybzc", unknown="skip")) == "abc"


def test_bytes_are_streamed_as_whole_characters():
    vocabulary = Vocabulary.of("é€".encode().decode("latin-1"), as_bytes=True)
    ids = vocabulary.encode("é€")
    assert len(ids) == 5
    assert [piece for piece in vocabulary.stream(ids.tolist()) if piece] == ["é", "€"]
