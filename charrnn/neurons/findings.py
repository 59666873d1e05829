"""The neurons for some concepts, or for every one, on a text and perhaps on a second."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from charrnn.architecture import Architecture
from charrnn.errors import UsageError
from charrnn.neurons import known
from charrnn.neurons.activations import Activations
from charrnn.neurons.concepts import Concept, Labels, built_in, from_file, matches, named
from charrnn.neurons.evidence import Finding
from charrnn.neurons.find import moved
from charrnn.neurons.survey import survey, with_uses
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text
from charrnn.stacks import Stack

MOST = 26_000_000  # values of signals that are read for a line per concept
OF_LINES = ("line-end", "indent", "comment", "url")  # concepts that short texts do not have
LEAST = 20_000  # characters, however many signals there are

Signals = Literal["state", "gates", "all"]
Transfer = dict[tuple[str, int, str], float]
"""The score on a second text, by concept, neuron's number and signal."""


@dataclass(frozen=True)
class Findings(Shown):
    """What was found: one Finding for each concept that was searched for, in order.

    model: its name. texts: the names of the text and, if there was one, of the second. transfer:
    how the neurons score on the second. whole: where every concept was searched for on the
    beginning of a text, how many characters all of it has; else 0. signal: what is drawn of the
    model by default. scored: what its losses are counted by, see `Architecture`.
    """

    model: str
    texts: tuple[str, ...]
    found: tuple[Finding, ...]
    transfer: Transfer
    whole: int
    signal: str
    scored: str = "character"

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.found)

    def __getitem__(self, place: int) -> Finding:
        return self.found[place]


@dataclass(frozen=True)
class Search:
    """What is searched for, where and how. text: what is read; second: another text, or None.

    labels: of each concept (C,). late: whether ablation waits until every concept is searched for,
    and is then done for those that are encoded. The others as in `Findings` and `survey`.
    """

    opened: Opened
    text: Text
    second: Text | None
    concepts: Sequence[Concept]
    labels: Sequence[Labels]
    signals: Sequence[str]
    top: int
    ablating: bool
    late: bool
    whole: int
    seed: int

    @classmethod
    def of(
        cls,
        opened: Opened,
        texts: Sequence[Text],
        names: Sequence[str] = (),
        *,
        every: bool = False,
        patterns: Sequence[str] = (),
        labels: Path | None = None,
        signals: str = "state",
        top: int = 3,
        ablation: bool | None = None,
        seed: int = 0,
    ) -> Self:
        """Say what is searched for: the concepts by name, patterns and a file of labels.

        None of them: every concept, on as much of the text as is read in some seconds; every: all,
        on the whole text. ablation: whether neurons are held at their means; None: where a concept
        is named, and texts to label have their labels. Raises UsageError for what is not there.
        """
        summary = not (names or every or patterns or labels)
        if len(texts) > 1 and opened.checkpoint.stack:
            raise UsageError("with a model that writes a text for a text, one text is searched")
        if ablation is None:
            measured = not opened.checkpoint.architecture.classes or len(texts[0].labels) > 0
            written = isinstance(opened.checkpoint, Stack) and opened.checkpoint.written
            ablation = measured and not written and not summary
        searched = _signals(opened.checkpoint.architecture, signals)
        text, whole = texts[0], 0
        if summary:
            text, whole = _beginning(text, opened, searched), len(text.ids)
        concepts, made = _concepts(opened, text, names, summary or every, patterns, labels)
        return cls(
            opened=opened,
            text=text,
            second=texts[1] if len(texts) > 1 else None,
            concepts=concepts,
            labels=made,
            signals=searched,
            top=top,
            ablating=ablation and not summary,
            late=summary and ablation,
            whole=whole,
            seed=seed,
        )

    def findings(self) -> Iterator[Finding]:
        """Yield what is found for each concept."""
        yield from survey(
            self.opened.path,
            self.opened.checkpoint,
            self.text.ids,
            self.concepts,
            signals=self.signals,
            labels=self.labels,
            top=self.top,
            ablating=self.ablating,
            seed=self.seed,
            targets=self.text.labels,
        )

    def finished(self, found: Sequence[Finding]) -> Findings:
        """Return all that was found, with what waited until now, and keep it for later views."""
        path, model = self.opened.path, self.opened.checkpoint
        if self.late:
            found = with_uses(model, self.text, found, self.seed)
        known.keep(path, model, found, self.text.name)
        texts = [self.text, *([self.second] if self.second else [])]
        return Findings(
            model=self.opened.name,
            texts=tuple(text.name for text in texts),
            found=tuple(found),
            transfer=_transfer(found, self.opened, self.second) if self.second else {},
            whole=self.whole,
            signal=model.architecture.cell.DEFAULT_SIGNAL,
            scored=model.architecture.scored,
        )


def _beginning(text: Text, opened: Opened, signals: Sequence[str]) -> Text:
    """Return as much of a text as is searched for every concept in some seconds."""
    values = len(signals) * opened.checkpoint.architecture.neurons
    most = max(LEAST, MOST // values)
    return Text(text.ids[:most], text.characters[:most], text.name, text.labels)


def _signals(architecture: Architecture, which: str) -> Sequence[str]:
    cell = architecture.cell
    names = {"state": cell.STATES, "gates": cell.GATES, "all": tuple(cell.SIGNALS)}
    if which not in names:
        raise UsageError(f"--signals is {which!r}, but can be state, gates or all")
    return names[which]


def _concepts(
    opened: Opened,
    text: Text,
    names: Sequence[str],
    every: bool,
    patterns: Sequence[str],
    labels: Path | None,
) -> tuple[list[Concept], list[Labels]]:
    """Return the concepts that are asked for and their labels on the text."""
    there: Sequence[str] = list(built_in(text.characters))
    if opened.checkpoint.stack:
        there = [name for name in there if name not in OF_LINES]
    wanted = [part for name in names for part in name.split(",")]
    chosen = [named(name, text.characters) for name in (there if every else dict.fromkeys(wanted))]
    in_bytes = opened.checkpoint.vocabulary.kind == "bytes"
    for pattern in patterns:
        strange = [one for one in pattern if not one.isascii()]
        if in_bytes and strange:
            raise UsageError(
                f"--regex {pattern!r}: {strange[0]} is several bytes, and this model reads bytes",
                "a pattern of ASCII works",
            )
    chosen += [matches(pattern) for pattern in patterns]
    end = opened.checkpoint.record_end
    made = [concept.labels(text.characters, end) for concept in chosen]
    if labels:
        concept, values = from_file(labels, len(text.ids))
        chosen.append(concept)
        made.append(values)
    return chosen, made


def _transfer(found: Sequence[Finding], opened: Opened, text: Text) -> Transfer:
    """Return how the neurons that were found score on a second text, oriented as on the first."""
    model = opened.checkpoint
    searched = dict.fromkeys(
        each.signal.name for one in found for each in (*one.evidence, *one.backward.evidence)
    )
    names = tuple(searched) or model.architecture.cell.STATES
    other = Activations(model.network(), text.ids, names)
    return {
        (finding.concept.name, signal.neuron.number, signal.name): score
        for finding in found
        if not finding.concept.given
        for signal, score in moved(finding, other, text.characters).items()
    }
