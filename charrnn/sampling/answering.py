"""What a model that writes a text for a text answers to texts, and how good it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.attention import Alignment, lacking
from charrnn.checkpoint import Checkpoint
from charrnn.edits import errors, exact, words
from charrnn.errors import UsageError
from charrnn.intervals import Interval, Matrix, Tallies, grouped, tallied
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text
from charrnn.sampling.beam import Answer, answers, drawn
from charrnn.text import pairs
from charrnn.text.pairs import Side
from charrnn.text.targets import Targets
from charrnn.text.vocabulary import Ids, Unknown

BEAM = 5  # answers that are followed where answers are judged
SHOWN = 4  # held-out sources, of which a run shows the answers
LONGER = 2.0  # times the longest target that was learned: no answer is


class Found(NamedTuple):
    """An answer: its text, the mean log-probability of a symbol, whether it has come to its end."""

    text: str
    score: float
    ended: bool


@dataclass(frozen=True)
class How:
    """How answers are found.

    beam: how many are followed. top: how many are returned. temp: at which they are drawn, 0 for
    the likeliest; seed: of what is drawn. length: symbols, at most, 0 for what suits the model.
    """

    beam: int = 1
    top: int = 1
    temp: float = 0.0
    seed: int = 0
    length: int = 0
    unknown: Unknown = "error"


class Answering:
    """A model that answers texts, many at once."""

    def __init__(self, model: Checkpoint, how: How = How()) -> None:  # is frozen
        self.network, self.how = model.seq2seq(), how
        assert model.targets
        self.targets: Targets = model.targets
        self.mark = model.record_end
        self.read = Side(model.vocabulary, self.targets.source_symbols)
        self.written = Side(self.targets.vocabulary, self.targets.symbols)
        self.random = np.random.default_rng(how.seed)

    @cached_property
    def never(self) -> list[int]:
        """The id of unknown symbols, which is not written."""
        return [len(self.written.vocabulary.characters)]

    def encoded(self, text: str) -> Ids:
        """Return a source as ids. Raises VocabularyError, where there is no id for others."""
        spelled = self.mark + self.read.symbols.spelled(text)
        return self.read.vocabulary.encode(spelled, self.how.unknown)

    def answers(self, texts: Sequence[str]) -> list[list[Found]]:
        """Return for each text its answers, best first."""
        sources, how = [self.encoded(text) for text in texts], self.how
        lengths = [self.longest(source) for source in sources]
        if how.temp:
            one = drawn(self.network, sources, how.temp, self.random, lengths, self.never)
            found = [[answer] for answer in one]
        else:
            width = max(how.beam, how.top)
            found = answers(self.network, sources, width, lengths, self.never, how.top)
        return [[self._found(answer) for answer in best[: how.top]] for best in found]

    def longest(self, source: Ids) -> int:
        """Return how many symbols an answer has at most."""
        read, written = self.targets.longest
        most = LONGER * written * max(1.0, len(source) / max(1, read)) + 1
        return min(int(most), self.how.length or int(most))

    def too_long(self, text: str) -> bool:
        """Return whether a text is longer than any that was learned."""
        return len(self.read.symbols.spelled(text)) > self.targets.longest[0]

    def alignment(self, source: Ids, name: str = "") -> Alignment:
        """Return how much each symbol of a source counts for each of its greedy answer."""
        length = [self.longest(source)]
        ((answer,),) = answers(self.network, [source], 1, length, self.never)
        end = self.network.end
        target = [end, *answer.ids, *[end] * answer.ended]
        _, weights = self.network.log_probabilities(source, np.array(target))
        shown = self.written.listed(target[1:])
        return Alignment(self.read.listed(source.tolist()), shown, weights, name)

    def _found(self, answer: Answer) -> Found:
        listed = self.written.listed(answer.ids)
        return Found(self.written.symbols.text(listed), answer.score, answer.ended)


def alignments(
    opened: Opened, read: Text, *, offset: int = 0, length: int
) -> tuple[Alignment, ...]:
    """Return the attention over each text from `offset` on, until `length` symbols are read.

    It is that of the greedy answer, its end among the targets; the last text is not cut short.
    Raises UsageError where no text begins there, and for a model without attention.
    """
    decoder = opened.checkpoint.architecture.decoder
    if not decoder or decoder.attention == "none":
        raise lacking()
    answering = Answering(opened.checkpoint)
    begins = np.flatnonzero(read.ids == read.ids[0])  # a text begins with its mark
    texts = np.split(read.ids, begins[1:])
    chosen = [
        text
        for text, begin in zip(texts, begins.tolist(), strict=True)
        if offset <= begin < max(offset + length, offset + 1)
    ]
    if not chosen:
        raise UsageError(f"no text begins at character {offset:,} or after it")
    return tuple(answering.alignment(text, opened.name) for text in chosen)


def held_out(model: Checkpoint) -> list[tuple[str, str]]:
    """Return the pairs that a model's file holds. Raises UsageError where it holds none."""
    if not model.targets or not len(model.heldout):
        raise UsageError("this checkpoint holds no validation texts", "name a file with pairs")
    targets, read = model.targets, Side(model.vocabulary, model.targets.source_symbols)
    written, mark = Side(targets.vocabulary, targets.symbols), model.record_end

    def texts(side: Side, ids: Ids) -> list[str]:
        whole = side.vocabulary.decode(ids.tolist())
        return [side.symbols.text(side.symbols.listed(one)) for one in whole.split(mark)]

    sources = texts(read, model.heldout)[1:]
    # Each target stands between two marks.
    return list(zip(sources, texts(written, targets.stored)[1::2], strict=True))


def examples(model: Checkpoint) -> tuple[str, ...]:
    """Return lines that show what a model answers to some held-out sources."""
    if not len(model.heldout):
        return ()
    sources = list(dict.fromkeys(source for source, _ in held_out(model)))[:SHOWN]
    found = Answering(model).answers(sources)
    return tuple(f"{a} → {one[0].text}" for a, one in zip(sources, found, strict=True))


@dataclass(frozen=True)
class Answered(Shown):
    """How good the answers of a model are; each was written, none was shown the target.

    sources: each once; references: the texts that are right for it; hypotheses: what the model
    wrote. exact (N,): whether it is one of them; edits, lengths (N,): from the nearest one, and of
    that one, in symbols. tallies: of the sources, from which the measures and their intervals come.
    beam: how many answers were followed. model, text: names. notes: on what was read.
    """

    sources: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]
    hypotheses: tuple[str, ...]
    exact: npt.NDArray[np.bool_]
    edits: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    tallies: Tallies
    beam: int
    model: str
    text: str
    notes: tuple[str, ...] = ()

    @property
    def measures(self) -> dict[str, float]:
        """The share of exact answers, and edits per character, or symbol, and per word."""
        return self.tallies.values

    @property
    def accuracy(self) -> float:
        """The share of sources whose answer is exactly one that is right."""
        return self.measures["exact"]

    @property
    def intervals(self) -> dict[str, Interval]:
        """The 95% interval of each measure, by bootstrap over sources."""
        return self.tallies.intervals


def measured(
    opened: Opened,
    files: Sequence[str] = (),
    columns: str = "",
    skip_bad: bool = False,
    form: str = "auto",
    beam: int = BEAM,
) -> Answered:
    """Return how good the answers to the sources of files are, by default to those held out.

    files, columns, skip_bad, form: as in `charrnn.text.pairs.read`. beam: how many answers are
    followed. Raises UsageError where the model holds no texts, CorpusError for a file.
    """
    model = opened.checkpoint
    answering = Answering(model, How(beam=beam))
    if files:
        read = pairs.read(list(files), columns=columns, skip_bad=skip_bad, form=form)
        name, notes = read.name, read.notes
        known = {
            source: tuple(one for each in targets for one in each)
            for source, targets in pairs.answers(read)
        }
    else:
        name, notes, known = "held-out texts", (), {}
        for source, target in held_out(model):
            known[source] = tuple(dict.fromkeys((*known.get(source, ()), target)))
    sources = tuple(known)
    hypotheses = tuple(best[0].text for best in answering.answers(sources))
    spelled = answering.targets.symbols
    listed = [spelled.names_of(one) for one in hypotheses]
    right = [[spelled.names_of(one) for one in known[source]] for source in sources]
    distances, lengths = errors(listed, right)
    return Answered(
        sources,
        tuple(known.values()),
        hypotheses,
        exact(listed, right),
        distances,
        lengths,
        _tallies(listed, right, bool(spelled.names)),
        beam,
        opened.name,
        name,
        notes,
    )


def _tallies(
    texts: Sequence[Sequence[str]], right: Sequence[Sequence[Sequence[str]]], symbols: bool
) -> Tallies:
    """Return what the measures of answers are made of. symbols: that are longer than characters.

    There are words where some reference has several.
    """
    kind = "symbol" if symbols else "character"
    pairs_of = {kind: errors(texts, right)}
    if not symbols and any(len("".join(one).split()) > 1 for each in right for one in each):
        of_words = words([["".join(one) for one in each] for each in right])
        pairs_of["word"] = errors(["".join(one).split() for one in texts], of_words)
    columns = [np.ones(len(texts)), exact(texts, right)]
    for edits, lengths in pairs_of.values():
        columns += [edits, lengths]

    def measured(sums: Matrix) -> Mapping[str, Matrix]:
        found = {"exact": sums[:, 1] / np.maximum(sums[:, 0], 1)}
        for place, name in enumerate(pairs_of):
            edits, lengths = sums[:, 2 + 2 * place], sums[:, 3 + 2 * place]
            found[f"{name}_error_rate"] = edits / np.maximum(lengths, 1)
        return found

    return Tallies(tallied(grouped(len(texts)), columns), measured, len(texts))
