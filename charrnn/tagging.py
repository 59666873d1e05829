"""Tags for characters, by a model that has learned them, and how good they are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.intervals import Interval, Matrix, Tallies, grouped, tallied
from charrnn.intervention import Intervention
from charrnn.losses import log_softmax
from charrnn.measures import Measures
from charrnn.network import Network
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text, held_out
from charrnn.spans import Counts, are_spans, counted
from charrnn.text import tagged
from charrnn.text.batches import NO_TAG, PADDING
from charrnn.text.tagged import Row, TaggedTexts
from charrnn.text.tags import PAIRS
from charrnn.text.vocabulary import Ids

WORD = re.compile(r"\S+")
MARK = "\0"  # for that of a text's beginning, which is no letter

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


def log_probabilities(
    network: Network, texts: TaggedTexts, held: Sequence[Intervention] = ()
) -> Iterator[tuple[Places, Matrix]]:
    """Yield the log-probability of each tag at each character but the marks, in any order.

    Places (C,) of some characters in the ids, and their (C, K). held: units whose state is set from
    outside.
    """
    begins = np.zeros(len(texts.ids), bool)
    begins[texts.starts] = True
    for windows in texts.together():
        start, stop, first, last = texts.windows[windows].T
        places = start + np.arange((stop - start).max())[:, None]  # (T, N)
        inside = np.minimum(places, len(texts.ids) - 1)
        outputs = network.read_texts(texts.ids[inside], stop - start, held)
        counted = (places >= first) & (places < last) & ~begins[inside]
        logits = outputs[counted] @ network.head[0] + network.head[1]
        logs = log_softmax(logits.astype(np.float64))
        yield places[counted], logs.astype(np.float64, copy=False)


@dataclass(frozen=True)
class Judged:
    """What a model makes of each of the ids (C,) of texts.

    got: the number of the likeliest tag, PADDING at the mark of a text's beginning. probability:
    of it. nats: what the known tag costs, NaN where none is known that was learned.
    """

    got: npt.NDArray[np.int64]
    probability: Matrix
    nats: Matrix


def judged(network: Network, texts: TaggedTexts, held: Sequence[Intervention] = ()) -> Judged:
    """Return what a model makes of each character. held: units whose state is set from outside."""
    got = np.full(len(texts.ids), PADDING, np.int64)
    probability, nats = np.full((2, len(texts.ids)), np.nan)
    for places, logs in log_probabilities(network, texts, held):
        got[places] = logs.argmax(axis=1)
        probability[places] = np.exp(logs.max(axis=1))
        known = texts.labels[places]
        of_known = -logs[np.arange(len(logs)), np.maximum(known, 0)]
        nats[places] = np.where(known == PADDING, np.nan, of_known)
    return Judged(got, probability, nats)


def tagged_lines(
    network: Network, model: Checkpoint, lines: Sequence[str]
) -> list[tuple[str, list[str]]]:
    """Return each line as it is read, and the tag that each of its characters gets.

    Where a model has learned to restore what was stripped off, a line is stripped first.
    """
    rows = tagged.of_lines(lines, model.tag)
    texts = tagged.encoded(rows, network.vocabulary, (), network.record_end)
    got = judged(network, texts).got
    starts = (texts.starts + 1).tolist()
    return [
        (row.text, [model.labels[one] for one in got[start : start + len(row.text)].tolist()])
        for row, start in zip(rows, starts, strict=True)
    ]


def restored(network: Network, model: Checkpoint, lines: Sequence[str]) -> list[str]:
    """Return each line with what the model puts back: diacritics, capitals, …

    Raises UsageError for a model whose tags have names.
    """
    if not model.tag:
        raise UsageError("this model's tags have names; nothing is restored")
    apply = PAIRS[model.tag].apply
    return [apply(*found) for found in tagged_lines(network, model, lines)]


@dataclass(frozen=True)
class Tagged(Shown):
    """How well a model tags characters.

    measures: by tag, of the characters whose tag was learned. characters: all of them; accuracy:
    the share whose tag is right. words: between white space in the original, of which
    word_accuracy is the share that has no wrong tag. letters, wrong_letters: where marks were
    stripped off, all letters, and those that got other marks than their own. labels: the tags.
    model, text: names. tallies: of the texts, from which the intervals come. spans: where tags are
    IOB tags. notes: on what was read.
    """

    measures: Measures
    characters: int
    accuracy: float
    words: int
    word_accuracy: float
    letters: int
    wrong_letters: int
    labels: tuple[str, ...]
    model: str
    text: str
    tallies: Tallies
    spans: Counts | None = None
    notes: tuple[str, ...] = ()

    @property
    def intervals(self) -> dict[str, Interval]:
        """The 95% interval of each measure, by bootstrap over texts."""
        return self.tallies.intervals

    @property
    def diacritic_error_rate(self) -> float | None:
        """The share of letters with wrong marks; None where none were stripped off."""
        return self.wrong_letters / self.letters if self.letters else None


def measured(
    opened: Opened,
    network: Network,
    files: Sequence[str] = (),
    columns: str = "",
    skip_bad: bool = False,
    form: str = "auto",
) -> Tagged:
    """Return how well a model tags the texts of files, by default those held out in its training.

    files, columns, skip_bad, form: as in `charrnn.text.tagged.read`. Raises UsageError where the
    model holds no texts, CorpusError for a file.
    """
    model = opened.checkpoint
    if files:
        kind = model.tag or tagged.COLUMNS
        read = tagged.read(list(files), kind, columns=columns, skip_bad=skip_bad, form=form)
        rows, name, notes = read.rows, read.name, read.notes
        texts = tagged.encoded(rows, network.vocabulary, model.labels, network.record_end)
    else:
        rows, texts = of_text(network, model, held_out(model, "name a file with tags"))
        name, notes = "held-out texts", ()
    found = judged(network, texts)
    known, got = texts.labels, found.got
    learned = known != PADDING
    right = (known == got) & learned
    confusion = np.zeros((len(model.labels),) * 2, np.int64)
    np.add.at(confusion, (known[learned], got[learned]), 1)
    tallies = _tallies(model, rows, texts, found, right)
    counts = dict(zip(COLUMNS, tallies.sums.sum(axis=0).astype(int).tolist(), strict=True))
    of_spans = Counts(*(counts[name] for name in Counts._fields))
    return Tagged(
        Measures(float(np.nanmean(found.nats)), float(right[learned].mean()), confusion),
        counts["characters"],
        tallies.values["tag_accuracy"],
        counts["words"],
        tallies.values["word_accuracy"],
        counts["letters"],
        counts["wrong letters"],
        model.labels,
        opened.name,
        name,
        tallies,
        of_spans if are_spans(model.labels) else None,
        notes,
    )


COLUMNS = (
    *("characters", "right tags", "learned", "nats", "letters", "wrong letters"),
    *("words", "wrong words", *Counts._fields),
)


def _tallies(
    model: Checkpoint, rows: Sequence[Row], texts: TaggedTexts, found: Judged, right: Mask
) -> Tallies:
    """Return what the measures are made of, COLUMNS. right (C,): the characters tagged so."""
    begins = np.zeros(len(texts.ids), bool)
    begins[texts.starts] = True
    groups = grouped(len(rows))
    letters = letters_of(rows) if model.tag == "diacritics" else np.zeros_like(begins)
    nats, learned = np.nan_to_num(found.nats), texts.labels != PADDING
    columns = [~begins, right, learned, nats, letters, letters & ~right]
    sums = tallied(groups[np.cumsum(begins) - 1], columns)
    words = wrong_words(rows, model.tag, ~right)
    wrong = np.array([one for row in words for one in row], np.float64)
    of_words = np.repeat(groups, [len(row) for row in words])
    of_spans = np.array(spans_of(model.labels, rows, texts, found.got), np.float64).T
    parts = [
        sums,
        tallied(of_words, [np.ones_like(wrong), wrong], len(sums)),
        tallied(groups, list(of_spans), len(sums)),
    ]
    return Tallies(np.concatenate(parts, axis=1), _measured, len(rows))


def _measured(sums: Matrix) -> Mapping[str, Matrix]:
    """Return the measures of samples (D, COLUMNS). Which there are is the same for all samples."""
    count = dict(zip(COLUMNS, sums.T, strict=True))

    def share(part: str, whole: str) -> Matrix:
        of_all: Matrix = count[part] / np.maximum(count[whole], 1)
        return of_all

    found = {
        "tag_accuracy": share("right tags", "characters"),
        "word_accuracy": 1 - share("wrong words", "words"),
        "log_loss": share("nats", "learned"),
    }
    if count["letters"].any():
        found["diacritic_error_rate"] = share("wrong letters", "letters")

    def f1(right: str, known: str, got: str) -> Matrix:
        of_both: Matrix = 2 * count[right] / np.maximum(count[known] + count[got], 1)
        return of_both

    if count["spans"].any():
        found["span_f1"] = f1("right", "spans", "found")
        found["segmentation_f1"] = f1("cut", "spans", "found")
        found["kind_accuracy"] = share("kinds", "spans")
    if count["sentences"].any():
        found["sentence_f1"] = f1("right_sentences", "sentences", "found_sentences")
    return found


def spans_of(
    labels: Sequence[str], rows: Sequence[Row], texts: TaggedTexts, got: npt.NDArray[np.int64]
) -> list[Counts]:
    """Return the counts of spans and sentences of each text. got (C,): the tags that were found."""
    if not are_spans(labels):
        return [Counts(*[0] * len(Counts._fields))] * len(rows)
    counts = []
    for start, row in zip((texts.starts + 1).tolist(), rows, strict=True):
        tags = [labels[one] for one in got[start : start + len(row.text)].tolist()]
        counts.append(counted(row.tags, tags))
    return counts


def tagged_texts(network: Network, ids: Ids, labels: Ids) -> TaggedTexts:
    """Return the texts that stand in ids (C,) one after another, with their tags (C,).

    Raises UsageError where they have none.
    """
    if not len(labels):
        raise UsageError(
            "these texts have no tags to compare the model's with", "a table (.tsv) has them"
        )
    return tagged.from_stored(ids, network.text_begins(ids), labels)


def of_text(network: Network, model: Checkpoint, text: Text) -> tuple[tuple[Row, ...], TaggedTexts]:
    """Return the texts of a text that is inspected, also as rows. Unknown tags are empty there."""
    starts = network.text_begins(text.ids)
    labels = text.labels if len(text.labels) else np.full(len(text.ids), NO_TAG, np.uint16)
    texts = tagged.from_stored(text.ids, starts, labels)
    rows = []
    for start, end in pairwise([*starts.tolist(), len(text.ids)]):
        numbers = texts.labels[start + 1 : end].tolist()
        tags = [model.labels[one] if one != PADDING else "" for one in numbers]
        rows.append(Row(text.characters[start + 1 : end], tags, text.name))
    return tuple(rows), texts


def wrong_words(rows: Sequence[Row], kind: str, wrong: Mask) -> list[list[bool]]:
    """Return of each word of the original texts, text by text, whether a tag of it is wrong.

    wrong (C,): of the characters of all texts, each after its mark. A word ends at white space. To
    it belong the tags of its characters, and of the character before, after which a space may be
    missing.
    """
    found: list[list[bool]] = []
    start = 1
    for row in rows:
        pieces = tagged.pieces(row, kind)
        edges = np.cumsum([0, *map(len, pieces)])
        so_far = np.cumsum([0, *wrong[start : start + len(row.text)].tolist()])
        words = [match.span() for match in WORD.finditer("".join(pieces))]
        begins, ends = np.array(words, int).reshape(-1, 2).T
        first = np.searchsorted(edges, begins, side="right") - 1
        last = np.searchsorted(edges, ends)
        found.append((so_far[last] > so_far[np.maximum(first - 1, 0)]).tolist())
        start += len(row.text) + 1
    return found


def letters_of(rows: Sequence[Row]) -> Mask:
    """Return which characters of the texts (C,), each after its mark, are letters."""
    return np.array([one.isalpha() for row in rows for one in MARK + row.text], bool)
