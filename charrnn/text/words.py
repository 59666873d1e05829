"""Words with tags, spread over the characters of their texts: CoNLL and CoNLL-U.

The first character of a word has its tag after B-, the others after I-, and spaces between words
have O; so words are learned beside their tags. A sentence's first character has ^ before that.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from charrnn.errors import CorpusError
from charrnn.spans import BEGINS, OUTSIDE, sentences, spans
from charrnn.text import corpus as corpora
from charrnn.text import readers
from charrnn.text.readers.columns import Columns
from charrnn.text.readers.sentences import NO_SPACE, Sentence
from charrnn.text.readers.source import Bad

FIELDS = ("word", "tag")
LONGEST = 10_000  # characters of a document, which is cut after a sentence where it has more
BETWEEN = "|"  # the columns of one tag


class Tagged(NamedTuple):
    """A text, a tag for each of its characters, and where it stands."""

    text: str
    tags: list[str]
    where: str


class Documents(NamedTuple):
    """What was read. sha256: of all bytes. notes: on what was left out."""

    texts: list[Tagged]
    sha256: str
    notes: tuple[str, ...]


def read(
    names: Sequence[str],
    *,
    columns: str = "",
    encoding: str = "utf-8",
    skip_bad: bool = False,
    form: str = readers.AUTO,
) -> Documents:
    """Read documents: sentences joined by a space. columns: of word and tag, by default as usual.

    Raises CorpusError, which names the first sentence that cannot be used; skip_bad leaves those
    out.
    """
    digest, wanted = hashlib.sha256(), Columns.of(columns, FIELDS)
    texts: list[Tagged] = []
    bad: list[Bad] = []
    for name in names:
        found: list[tuple[Sentence, list[str]]] = []
        for one in _tagged(name, wanted, form, encoding, digest):
            if isinstance(one, Bad):
                bad.append(one)
                continue
            if found and (one[0].begins or sum(len(each.text) for each, _ in found) > LONGEST):
                texts.append(joined(found))
                found = []
            found.append(one)
        texts += [joined(found)] * bool(found)
    said = f"{bad[0].where}, line {bad[0].line:,}: {bad[0].what}" if bad else ""
    if not texts:
        raise CorpusError(said or f"no sentence is in {', '.join(names)}")
    if bad and not skip_bad:
        raise CorpusError(said, "--skip-bad counts bad sentences and passes over them")
    notes = (f"{len(bad):,} bad sentences skipped; the first: {said}",) if bad else ()
    return Documents(texts, digest.hexdigest(), notes)


def _tagged(
    name: str, columns: Columns, form: str, encoding: str, digest: Any
) -> Iterator[tuple[Sentence, list[str]] | Bad]:
    """Yield the sentences of a file, each with the tags of its words."""
    place: list[int] | None = None
    for one in readers.sentences(name, form, encoding, digest):
        if isinstance(one, Bad):
            yield one
            continue
        place = place or readers.tag_places(name, form, columns)
        if any(max(place) >= len(cells) for cells in one.cells):
            yield Bad("a column is missing", one.where, one.line)
            continue
        yield one, [BETWEEN.join(cells[at] for at in place) for cells in one.cells]


def joined(document: Sequence[tuple[Sentence, Sequence[str]]]) -> Tagged:
    """Return the sentences of a document, a space between two, with a tag for each character."""
    text = " ".join(one.text for one, _ in document)
    tags = [OUTSIDE] * len(text)
    start = 0
    for sentence, of_words in document:
        begins = BEGINS
        for (first, stop), tag in zip(sentence.spans, of_words, strict=True):
            tags[start + first : start + stop] = [f"I-{tag}"] * (stop - first)
            if stop > first:
                tags[start + first] = f"{begins}B-{tag}"
                begins = ""
        start += len(sentence.text) + 1
    return Tagged(text, tags, f"{document[0][0].where}, line {document[0][0].line:,}")


def are_words(tags: Sequence[str]) -> bool:
    """Return whether tags are those of words in sentences."""
    return any(tag.startswith(BEGINS) for tag in tags)


def as_conll(text: str, tags: Sequence[str]) -> str:
    """Return a text as CoNLL: a word a line, with its tag and whether a space follows it.

    `# text = ` stands before each sentence, and an empty line after it. Characters in no word are
    left out.
    """
    words, lines = spans(tags), []
    for first, stop in sentences(tags) or [(0, len(text))]:
        lines.append(f"# text = {text[first:stop].strip()}")
        for word in words:
            if first <= word.first < stop:
                last = word.stop == stop or text[word.stop : word.stop + 1].isspace()
                space = "_" if last or word.stop == len(text) else NO_SPACE
                lines.append(f"{text[word.first : word.stop]}\t{word.kind}\t{space}")
        lines.append("")
    return "\n".join(lines)


def name_of(names: Sequence[str]) -> str:
    """Return what the texts are called: after the first file."""
    return corpora.name_of(names)
