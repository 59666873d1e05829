"""The training text that a model's neurons are compared with: found again, or left out."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from charrnn.provenance import SAMPLE, sample
from charrnn.text import records
from charrnn.text.vocabulary import Vocabulary


def model_of(make_checkpoint, path, text, end="", cut=""):
    """Return a model that has learned a text but its last tenth, and the ids of that."""
    whole = records.join(records.cut(text, cut), end) if cut else text
    heldout = whole[len(whole) * 9 // 10 :]
    heldout = heldout[heldout.index(end) :] if end else heldout
    made = make_checkpoint("gru", layers=1, alphabet="".join(sorted(set(whole))))
    provenance = {
        "corpus": str(path),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "characters": len(text),
    }
    ids = made.vocabulary.encode(heldout)
    return replace(made, provenance=provenance, heldout=ids, record_end=end, records=cut), whole[
        : whole.rindex(heldout)
    ]


@pytest.fixture
def text():
    random = np.random.default_rng(0)
    return "".join("".join(random.choice(list("abc ,."), 50)) + "\n" for _ in range(10_000))


def test_it_comes_from_several_places_before_the_held_out_text(make_checkpoint, tmp_path, text):
    path = tmp_path / "corpus.txt"
    path.write_text(text)
    model, learned = model_of(make_checkpoint, path, text)
    found = model.vocabulary.decode(sample(tmp_path / "model", model, model.heldout))
    assert 0.99 * SAMPLE < len(found) <= SAMPLE
    lines, known = found.splitlines(), set(learned.splitlines())
    assert set(lines) <= known
    assert lines[0] in learned[:200]
    assert lines[-1] in learned[-60_000:]


def test_of_records_whole_ones_are_taken(make_checkpoint, tmp_path, text):
    path = tmp_path / "corpus.txt"
    path.write_text(text)
    model, learned = model_of(make_checkpoint, path, text, "\n", "line")
    found = model.vocabulary.decode(sample(tmp_path / "model", model, model.heldout))
    assert found[0] == found[-1] == "\n"
    assert set(found.split("\n")) <= set(learned.split("\n")) | {""}


def test_a_text_that_was_learned_is_not_compared_with_itself(make_checkpoint, tmp_path, text):
    path = tmp_path / "corpus.txt"
    path.write_text(text)
    model, learned = model_of(make_checkpoint, path, text)
    assert len(sample(tmp_path / "model", model, model.vocabulary.encode(learned[:9000]))) == 0


def test_another_or_no_corpus_gives_none(make_checkpoint, tmp_path, text):
    path = tmp_path / "corpus.txt"
    model, _ = model_of(make_checkpoint, path, text)
    assert len(sample(tmp_path / "model", model, model.heldout)) == 0
    path.write_text(text.upper())
    assert len(sample(tmp_path / "model", model, model.heldout)) == 0
    bare = replace(model, provenance={})
    assert len(sample(tmp_path / "model", bare, model.heldout)) == 0


def test_bytes_are_told_apart_as_the_model_has_them(make_checkpoint, tmp_path):
    text = ("é" * 30 + "\n") * 20 + "a rest that is held out\n"
    (tmp_path / "corpus.txt").write_text(text, encoding="utf-8")
    stored = text.encode().decode("latin-1")
    vocabulary = Vocabulary.of(stored, as_bytes=True)
    made = make_checkpoint("gru", layers=1, alphabet="".join(sorted(set(stored))))
    provenance = {
        "corpus": str(tmp_path / "corpus.txt"),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    heldout = vocabulary.encode("a rest that is held out\n")
    model = replace(made, vocabulary=vocabulary, provenance=provenance, heldout=heldout)
    found = sample(tmp_path / "model", model, model.heldout)
    assert vocabulary.decode(found) == ("é" * 30 + "\n") * 20
