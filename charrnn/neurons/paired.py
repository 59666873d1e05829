"""Two models scored on the same texts: by how much they differ, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from charrnn import between, generative, labelling, tagging
from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.generative import Generated
from charrnn.intervals import Interval, Matrix, Tallies, grouped, tallied
from charrnn.labelling import Labelled
from charrnn.neurons.comparison import pair_text
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text
from charrnn.sampling import answering
from charrnn.sampling.answering import Answered
from charrnn.tagging import Tagged
from charrnn.text import readers
from charrnn.text.vocabulary import Unknown

BLOCK = 500  # characters that are drawn together, where a text is one
LESS_IS_BETTER = ("loss", "nats", "nats_without_label", "error_rate")


class Measured(NamedTuple):
    """A measure of A and of B on the same texts, and the 95% interval of A minus B.

    interval: None of a single text.
    """

    name: str
    a: float
    b: float
    interval: Interval | None

    @property
    def difference(self) -> float:
        """By how much A has more."""
        return self.a - self.b

    @property
    def verdict(self) -> str:
        """Say which is better; neither where 0 is in the interval, its edges among it."""
        if not self.interval or self.interval[0] <= 0 <= self.interval[1]:
            return "no difference seen"
        more = self.difference > 0
        return f"{'AB'[more == (self.name.endswith(LESS_IS_BETTER))]} is better"


@dataclass(frozen=True)
class PairedScores(Shown):
    """Two models, A and B, on the same texts.

    models, text: their names. texts: how many are drawn for the intervals; drawn: what they are.
    notes: on what was read.
    """

    models: tuple[str, str]
    text: str
    texts: int
    drawn: str
    measures: tuple[Measured, ...]
    notes: tuple[str, ...] = ()


def of_labels(
    both: Sequence[Opened],
    files: Sequence[str] = (),
    columns: str = "",
    skip_bad: bool = False,
    form: str = readers.AUTO,
) -> PairedScores:
    """Score two models on the labelled texts of files, by default on those that both hold.

    A model that writes texts for labels, and so labels them by Bayes, and one that labels them have
    some measures in common. files, columns, skip_bad, form: as in `labelling.measured`. Raises
    UsageError for models that do not do the same, or hold other texts.
    """
    a, b = (one.checkpoint for one in both)
    if _answers(a) != _answers(b):
        raise UsageError(f"the models do not do the same: {_does(both[0])}, {_does(both[1])}")
    if set(a.labels) != set(b.labels) and not a.tag:
        raise UsageError(
            "the models do not have the same labels", "charrnn inspect score reads them one by one"
        )
    if not files and _held_out(both[0]) != _held_out(both[1]):
        raise UsageError(
            "the models hold different texts", "name a file with texts that neither has learned"
        )
    a_found, b_found = (_measured(one, files, columns, skip_bad, form) for one in both)
    made = _paired(both, a_found.tallies, b_found.tallies, a_found.text, "text")
    return replace(made, notes=a_found.notes)


def of_language(both: Sequence[Opened], text: Text, unknown: Unknown = "error") -> PairedScores:
    """Score two models that write on a text, block by block of it; records are drawn as they are.

    text: as the first reads it. Raises UsageError for models that read it differently.
    """
    text, other = pair_text(both, text, unknown)
    networks = [one.checkpoint.network() for one in both]
    end = networks[0].end
    ends = networks[0].predicted_ids(text.ids[1:]) == (-1 if end is None else end)
    place = np.arange(len(ends)) // BLOCK if end is None else np.cumsum(ends) - ends
    groups = grouped(int(place[-1]) + 1)[place]
    costs = [between.losses(*one) for one in zip(networks, (text.ids, other), strict=True)]
    a, b = (
        Tallies(tallied(groups, [np.nan_to_num(each), ~np.isnan(each)]), _nats, int(place[-1]) + 1)
        for each in costs
    )
    drawn = f"block of {BLOCK} characters" if end is None else "record"
    return _paired(both, a, b, text.name, drawn)


def _nats(sums: Matrix) -> Mapping[str, Matrix]:
    """Return the loss of samples (D, 2): nats, and characters."""
    return {"nats": sums[:, 0] / np.maximum(sums[:, 1], 1)}


def _paired(both: Sequence[Opened], a: Tallies, b: Tallies, text: str, drawn: str) -> PairedScores:
    """Return the measures that both have, with the intervals of their differences."""
    intervals = a.less(b).intervals
    measures = tuple(
        Measured(name, value, b.values[name], intervals.get(name))
        for name, value in a.values.items()
        if name in b.values
    )
    return PairedScores((both[0].name, both[1].name), text, a.texts, drawn, measures)


def _measured(opened: Opened, *how: Any) -> Labelled | Tagged | Generated | Answered:
    """Return how good a model is, by what it has learned."""
    shape = opened.checkpoint.architecture
    if shape.decoder:
        return answering.measured(opened, *how)
    if shape.labels:
        return generative.measured(opened, *how)
    measured = tagging.measured if shape.aligned else labelling.measured
    return measured(opened, opened.checkpoint.network(), *how)


def _answers(model: Checkpoint) -> tuple[str, str]:
    """Return what a model gives for a text, and of which kind."""
    shape = model.architecture
    if shape.decoder:
        return "text", ""
    return ("tags" if shape.aligned else "label" if model.labels else "next character"), model.tag


def _does(opened: Opened) -> str:
    """Name a model and what it has learned."""
    made = opened.checkpoint
    return f"{opened.name} has learned {made.task}" + f" {made.tag}" * bool(made.tag)


def _held_out(opened: Opened) -> tuple[str, list[str]]:
    """Return the texts that a model's file holds, and the labels of each."""
    made = opened.checkpoint
    known = [made.labels[one] if one < len(made.labels) else "" for one in made.heldout_labels]
    if made.targets:
        known = [target for _, target in answering.held_out(made)]
    return made.vocabulary.characters_of(made.heldout), known
