"""What a page of neurons shows: all of them on part of a text, and the concepts they encode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from charrnn import runs
from charrnn.arrays import Array, drawn
from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.network import Network
from charrnn.neurons import known
from charrnn.neurons.activations import FEWEST, cold
from charrnn.neurons.concepts import Concept, built_in
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, LEXICAL, NOTHING, REFUSED, Finding
from charrnn.neurons.known import Known
from charrnn.neurons.record import WARMUP, predicted
from charrnn.neurons.survey import survey
from charrnn.notebook import Browsable
from charrnn.predictions import Predictions
from charrnn.reading import Opened, Text
from charrnn.text.vocabulary import Ids

SEARCHED = 20_000  # characters of a text, at most, on which concepts are searched
CANDIDATES = 5  # neurons measured for each concept
LIKELIEST = 5  # characters kept of what was expected
MOST = 15_000_000  # values of signals; of wider models only the state drawn by default is kept
PLACES = {ENCODES_AND_USED: 0, ENCODES: 0, LEXICAL: 1, NOTHING: 2, REFUSED: 3}  # of verdicts


@dataclass(frozen=True)
class Candidate:
    """A neuron for a concept, and what the evidence amounts to.

    signal: the one measured. low: whether low values mean that the concept is present, or more of
    it. score: AUROC, or |r| for a graded concept. strength: see `Evidence.strength`. raw: whether
    only c itself shows it, not tanh(c). text: the one on which an earlier search measured it; ""
    where it was measured on this one.
    """

    neuron: int
    signal: str
    low: bool
    score: float
    strength: float
    raw: bool
    verdict: str
    text: str = ""

    @property
    def encodes(self) -> bool:
        """Whether the neuron passed the baselines."""
        return self.verdict in (ENCODES, ENCODES_AND_USED)


@dataclass(frozen=True)
class Candidates:
    """The neurons for a concept, best first where they were chosen.

    refused: why the text allows no verdict, or "".
    """

    concept: Concept
    refused: str
    neurons: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        """The first that encodes the concept, else the first."""
        return next((one for one in self.neurons if one.encodes), next(iter(self.neurons), None))

    @property
    def verdict(self) -> str:
        """That on the best neuron."""
        return self.best.verdict if self.best else REFUSED

    @property
    def order(self) -> tuple[int, float]:
        """A sort key: the better verdict first, then the stronger neuron."""
        strength = self.best.strength if self.best else float("-inf")
        return PLACES.get(self.verdict, len(PLACES)), -strength


@dataclass(frozen=True)
class Page(Browsable):
    """All neurons on T characters of a text.

    offset: where in the text they begin. signals: of each state, the one drawn by default first,
    the values (T, neurons), those of a cell state squashed by tanh; of more than MOST values only
    the first. expected: what was likely at each character. concepts: best first. opening: the
    neuron to look at first, by its number, and its signal. titles: what it calls model and text.
    """

    model: Checkpoint
    offset: int
    ids: Ids
    signals: Mapping[str, Array]
    expected: Predictions
    concepts: tuple[Candidates, ...]
    opening: tuple[int, str]
    titles: tuple[str, str] = ("", "")


def page_of(opened: Opened, text: Text, *, offset: int = 0, length: int = 20_000) -> Page:
    """Return the page of a model on a text; see `page`."""
    made = page(opened.path, opened.checkpoint, text.ids, offset=offset, length=length)
    title = " · ".join(filter(None, (runs.title(opened.path), opened.checkpoint.stack)))
    return replace(made, titles=(title, Path(text.name).name))


def page(
    path: Path,
    model: Checkpoint,
    ids: Ids,
    *,
    offset: int = 0,
    length: int = 20_000,
    seed: int = 0,
) -> Page:
    """Read ids (C,) and return what all neurons do from `offset` on, and what they stand for.

    path: the model's file, beside which is kept what earlier searches have found. seed: of shifts,
    draws and untrained networks. Raises UsageError for an offset past the end.
    """
    if offset >= len(ids):
        raise UsageError(f"the text has {len(ids):,} characters, so none at offset {offset:,}")
    network, cell = model.network(), model.architecture.cell
    shown = ids[offset : offset + length]
    states = sorted(cell.STATES, key=lambda name: name != cell.DEFAULT_SIGNAL)
    if len(shown) * model.architecture.neurons * len(states) > MOST:
        states = states[:1]
    concepts = candidates(path, model, ids[:SEARCHED], states, seed)
    expected = predicted(network, ids, offset, len(shown), LIKELIEST)
    signals = _read(network, ids, offset, len(shown), states)
    opening = _opening(concepts, signals)
    return Page(model, offset, shown, signals, expected, concepts, opening)


def candidates(
    path: Path, model: Checkpoint, ids: Ids, states: Sequence[str], seed: int = 0
) -> tuple[Candidates, ...]:
    """Return the best neurons for each built-in concept, the best supported concept first.

    They are measured by their states on ids (C,) as `survey` does; what earlier searches have found
    on any text comes before. On a text too short to measure, that is all.
    """
    concepts = list(built_in(model.vocabulary.characters_of(ids)).values())
    if len(ids) - cold(model.network()) <= FEWEST:
        found = [Candidates(one, "the text is too short", ()) for one in concepts]
    else:
        findings = survey(path, model, ids, concepts, signals=states, top=CANDIDATES, seed=seed)
        found = [_measured(one) for one in findings]
    earlier = [
        one
        for one in known.of(path, model)
        if 0 <= one.neuron < model.architecture.neurons and one.signal in states
    ]
    return tuple(sorted((_with(one, earlier) for one in found), key=lambda one: one.order))


def _measured(finding: Finding) -> Candidates:
    neurons = (
        Candidate(
            neuron=one.signal.neuron.number,
            signal=one.signal.name,
            low=one.sign < 0,
            score=one.score,
            strength=one.strength,
            raw=one.hidden_by_tanh,
            verdict=finding.verdict(one),
        )
        for one in finding.evidence
    )
    return Candidates(finding.concept, finding.refused, tuple(neurons))


def _with(found: Candidates, earlier: Sequence[Known]) -> Candidates:
    """Return candidates with those that earlier searches have found for the concept before them."""
    before = [
        Candidate(
            one.neuron, one.signal, one.low, one.score, one.strength, one.raw, one.verdict, one.text
        )
        for one in earlier
        if one.concept == found.concept.name
    ]
    numbers = {one.neuron for one in before}
    rest = [one for one in found.neurons if one.neuron not in numbers]
    return replace(found, neurons=(*before, *rest))


def _opening(concepts: Sequence[Candidates], signals: Mapping[str, Array]) -> tuple[int, str]:
    """Return the strongest neuron of earlier searches, else the best one here.

    Without any it is that which varies most.
    """
    earlier = [one for concept in concepts for one in concept.neurons if one.text]
    here = [concept.best for concept in concepts if concept.best]
    if earlier or here:
        best = max(earlier, key=lambda one: one.strength) if earlier else here[0]
        return best.neuron, best.signal
    name, values = next(iter(signals.items()))
    return int(values.std(axis=0).argmax()), name


def _read(
    network: Network, ids: Ids, offset: int, length: int, states: Sequence[str]
) -> dict[str, Array]:
    """Return states of all units (length, neurons) after each character from `offset` on."""
    signals = network.architecture.cell.SIGNALS
    (stop,) = network.text_ends(ids, np.array([offset + length]))
    shape = stop - offset, network.architecture.neurons
    found: dict[str, Array] = {name: np.empty(shape, np.float32) for name in states}
    first = max(0, offset - WARMUP)
    for at, result in network.read(ids[first:stop], states):
        begin = max(0, offset - first - at.start)  # in the piece, of what is shown
        for name, values in result.signals.items():
            part = values[begin:, 0]
            end = at.stop + first - offset
            if len(part):
                found[name][end - len(part) : end] = drawn(signals[name], part)
    return {name: values[:length] for name, values in found.items()}
