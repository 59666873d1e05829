import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.errors import CorpusError, UsageError
from charrnn.provenance import training_text
from charrnn.sampling.copies import Copies


@given(st.text("ab漢", min_size=4, max_size=40), st.text("ab漢", max_size=40), st.integers(1, 3))
def test_what_is_covered_is_what_a_search_in_the_corpus_finds(corpus, text, longest):
    expected = np.zeros(len(text), bool)
    for start in range(len(text) - longest):
        if text[start : start + longest + 1] in corpus:
            expected[start : start + longest + 1] = True
    np.testing.assert_array_equal(Copies.of(corpus, longest).covered(text), expected)


def test_a_corpus_shorter_than_the_stretches_is_refused():
    with pytest.raises(UsageError, match="only 3 characters"):
        Copies.of("abc", 3)


def test_the_corpus_is_that_of_the_run_and_is_checked(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("to be or not", encoding="utf-8")
    (tmp_path / "config.yaml").write_text(f"corpus: [{json.dumps(str(text))}]", encoding="utf-8")
    import hashlib

    provenance = {"corpus": "text", "sha256": hashlib.sha256(b"to be or not").hexdigest()}
    checkpoint = tmp_path / "best.safetensors"
    assert training_text(checkpoint, provenance, [], as_bytes=False) == "to be or not"
    text.write_text("to be or Not", encoding="utf-8")
    with pytest.raises(CorpusError, match="is not the text that this model was trained on") as no:
        training_text(checkpoint, provenance, [], as_bytes=False)
    assert no.value.hint == "--corpus FILE names the right one"


def test_bytes_are_compared_as_the_model_shows_them(tmp_path):
    (tmp_path / "text").write_bytes(b"a\xffb")
    import hashlib

    provenance = {"corpus": "text", "sha256": hashlib.sha256(b"a\xffb").hexdigest()}
    given = [str(tmp_path / "text")]
    text = training_text(tmp_path / "model", provenance, given, as_bytes=True)
    assert text == "a\udcffb"
