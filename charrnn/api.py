"""The Python interface: what the commands compute, from your own code. Nothing is printed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from charrnn import curves, listing, reading, runs
from charrnn.arguments import in_python, names_of
from charrnn.checkpoint import Checkpoint
from charrnn.curves import Course
from charrnn.listing import Runs
from charrnn.loaded import Model as Model
from charrnn.loaded import load as load
from charrnn.neurons import choice, comparison, paired, stack_texts
from charrnn.neurons.address import Neuron
from charrnn.neurons.card import Card, card
from charrnn.neurons.comparison import Comparison, Followed
from charrnn.neurons.decisions import Decisions, decisions
from charrnn.neurons.findings import Findings, Search, Signals
from charrnn.neurons.gates import Gates
from charrnn.neurons.gates import gates as read_gates
from charrnn.neurons.label_units import LabelUnits, label_units
from charrnn.neurons.mislabelled import Mislabelled, mislabelled
from charrnn.neurons.mistakes import Mistakes
from charrnn.neurons.mistakes import mistakes as sort_mistakes
from charrnn.neurons.page import Page, page_of
from charrnn.neurons.paired import PairedScores
from charrnn.neurons.proofreading import TOP, Proofread
from charrnn.neurons.proofreading import proofread as find_suspects
from charrnn.neurons.record import Recording, record
from charrnn.neurons.surprise import Surprise, surprises
from charrnn.neurons.tags import Mistagged, TaggedText, mistagged, tags_of
from charrnn.neurons.use import Ablations, ablations
from charrnn.reading import Opened, Text
from charrnn.text import labelled
from charrnn.text.vocabulary import Unknown
from charrnn.trained import Training as Training
from charrnn.trained import train as train
from charrnn.training import events as events

GIVES_ONE = 'text="…" or a path gives one'
SHOWN = 800  # characters of a text that is shaded
NeuronLike = int | str | Neuron
TextLike = str | Path | None


@in_python()
def find(
    net: Model,
    *concepts: str,
    all: bool = False,
    regex: str | Sequence[str] = (),
    labels: str | Path | None = None,
    text: TextLike = None,
    second: TextLike = None,
    signals: Signals = "state",
    top: int = 3,
    ablation: bool | None = None,
    seed: int = 0,
    stack: str = "",
    unknown: Unknown = "error",
) -> Findings:
    """Find the neurons that stand for concepts, and how good the evidence is.

    Half A of the text chooses the neurons and half B tests them, and the other way round. No
    concept: every one, on the beginning of the text; all: every one, on all of it. regex: your own
    concepts, inside a match. labels: a file of one number per character. text: a string, or a path
    of a file; by default the model's held-out text. second: another one, on which the neurons that
    were found are scored. signals: the states, gates or all. top: neurons of each concept.
    ablation: hold each neuron at its mean, to see whether it is used; by default where concepts are
    named. stack: of a model that writes a text for a text, "encoder", the default, or "decoder".
    Raises UsageError for a concept that is not there or a text that is too short.
    """
    opened, read = _read(net, text, unknown, stack=stack)
    texts = [read, *([_text(net, second, unknown)] if second is not None else [])]
    search = Search.of(
        opened,
        texts,
        concepts,
        every=all,
        patterns=[regex] if isinstance(regex, str) else regex,
        labels=Path(labels) if labels else None,
        signals=signals,
        top=top,
        ablation=ablation,
        seed=seed,
    )
    return search.finished(list(search.findings()))


@in_python()
def find_label(
    net: Model,
    files: str | Path | Iterable[str | Path],
    *,
    columns: str = "",
    skip_bad: bool = False,
    read: str = "auto",
    seed: int = 0,
    unknown: Unknown = "error",
) -> LabelUnits:
    """Search a language model for the units whose state at a text's end tells its label.

    files: labelled texts, a table or a folder; columns, skip_bad, read: as in `Model.measure`.
    """
    rows = labelled.read(names_of(files), columns=columns, skip_bad=skip_bad, form=read)
    return label_units(net.opened, rows, unknown=unknown, seed=seed)


@in_python()
def explain(
    net: Model,
    neuron: NeuronLike | None = None,
    *,
    text: TextLike = None,
    top: int = 3,
    full: bool = False,
    seed: int = 0,
    unknown: Unknown = "error",
) -> Card:
    """Explain a neuron: its best concepts, excerpts, gates, what it promotes, the loss without it.

    neuron: 42, "1:42" as LAYER:UNIT, or a concept; by default the best-known one. text: a string
    or a path; by default the held-out text. top: how many concepts. full: show all excerpts.
    """
    opened, read = _read(net, text, unknown, neuron)
    asked = choice.neurons(opened, [neuron], read)
    return card(opened, read, *asked, top=top, full=full, seed=seed)


@in_python()
def ablate(
    net: Model,
    *neurons: NeuronLike,
    concept: str = "",
    text: TextLike = None,
    unknown: Unknown = "error",
) -> Ablations:
    """Hold neurons at their means inside the recurrence, one by one and then together.

    Returns by how much the loss of a text rises. neurons, text: as in `explain`. concept: measure
    it where the concept is present, where it is not, and where it is resolved.
    """
    opened, read = _read(net, text, unknown, *neurons)
    return ablations(opened, read, choice.neurons(opened, neurons or [None], read), concept)


@in_python()
def gates(
    net: Model, *, text: TextLike = None, stack: str = "", unknown: Unknown = "error"
) -> Gates:
    """Return how often gates are saturated, and how long units remember.

    text: as in `explain`. stack: as in `find`.
    """
    opened, read = _read(net, text, unknown, stack=stack)
    return read_gates(opened.checkpoint.network(), read.ids, opened.name, read.described)


@in_python()
def neuron(
    net: Model,
    neuron: NeuronLike | None = None,
    *,
    text: TextLike = None,
    signal: str | None = None,
    offset: int = 0,
    length: int = SHOWN,
    raw: bool = False,
    unknown: Unknown = "error",
) -> Recording:
    """Record what a neuron does after each character; a notebook shades the text by it.

    neuron, text: as in `explain`. signal: h, the cell state c, or a gate. offset, length: of the
    part that is recorded. raw: c itself, not tanh(c).
    """
    opened, read = _read(net, text, unknown, neuron)
    searchable = isinstance(text, str) and len(opened.checkpoint.heldout)  # a string may be short
    long = reading.held_out(opened.checkpoint) if searchable else read
    return record(
        opened.checkpoint.network(),
        read.ids,
        *choice.neurons(opened, [neuron], long),
        signal=signal,
        offset=offset,
        length=length,
        raw=raw,
        model=opened.name,
        text=read.name,
    )


@in_python()
def surprise(
    net: Model,
    *,
    text: TextLike = None,
    offset: int = 0,
    length: int = SHOWN,
    top: int = 1,
    unknown: Unknown = "error",
) -> Surprise | Decisions | TaggedText:
    """Return how surprising each character of a text is, and what was likelier there.

    text: as in `explain`. offset, length: of the part that is returned. top: how many of the
    likeliest characters are kept at each place. For a model that labels texts: when the label of
    each was decided; for one that tags characters: the tag of each, and how sure it is.
    """
    read = _text(net, text, unknown)
    if net.architecture.aligned:
        return tags_of(net.opened, read, offset=offset, length=length)
    if net.architecture.classes:
        return decisions(net.opened, read, offset=offset, length=length)
    return surprises(net.opened, read, offset=offset, length=length, top=top)


@in_python()
def proofread(
    net: Model,
    *,
    text: TextLike = None,
    top: int = TOP,
    offset: int = 0,
    length: int | None = None,
    unknown: Unknown = "error",
) -> Proofread:
    """List the characters of a text that both sides find unlikely, and what is likelier there.

    It is for models of the task cloze. text: as in `explain`. top: how many are listed, the worst
    first. offset, length: of the part that is looked at, by default all.
    """
    read = _text(net, text, unknown)
    return find_suspects(net.opened, read, top=top, offset=offset, length=length)


@in_python()
def mistakes(
    net: Model,
    *,
    text: TextLike = None,
    corpus: str | Path | Iterable[str | Path] = (),
    unknown: Unknown = "error",
) -> Mistakes | Mislabelled | Mistagged:
    """Sort a model's mistakes on a text by which simple model would have avoided them.

    text: as in `explain`. corpus: where the training text is, if it has moved. Raises CorpusError
    where it is not there, or is another one. For a model of labels or tags: which are taken for
    which.
    """
    if net.architecture.aligned:
        return mistagged(net.opened, _text(net, text, unknown))
    if net.architecture.classes:
        return mislabelled(net.opened, _text(net, text, unknown))
    return sort_mistakes(net.opened, _text(net, text, unknown), names_of(corpus))


@in_python()
def page(
    net: Model,
    *,
    text: TextLike = None,
    offset: int = 0,
    length: int = 20_000,
    stack: str = "",
    unknown: Unknown = "error",
) -> Page:
    """Return all neurons on a text as a page for a browser; its `html` is what a file holds.

    text: as in `explain`. offset, length: of the part that is shown. stack: as in `find`.
    """
    return page_of(*_read(net, text, unknown, stack=stack), offset=offset, length=length)


@in_python()
def compare(a: Model, b: Model, *, text: TextLike = None, unknown: Unknown = "error") -> Comparison:
    """Compare two models on one text: losses, where each is better, similar neurons.

    text: a string or a path; by default the held-out text of the first model.
    """
    both = a.opened, b.opened
    read, other = comparison.pair_text(both, _text(a, text, unknown), unknown)
    return comparison.comparison(both, read, other)


@in_python()
def score(
    a: Model,
    b: Model,
    files: str | Path | Iterable[str | Path] | None = None,
    *,
    text: TextLike = None,
    columns: str = "",
    skip_bad: bool = False,
    read: str = "auto",
    unknown: Unknown = "error",
) -> PairedScores:
    """Score two models on the same texts: measures of both, and their differences with intervals.

    files, columns, skip_bad, read: labelled texts, as in `Model.measure`. text: what models that
    write are scored on, as in `explain`.
    """
    both = a.opened, b.opened
    if a.architecture.classes or a.architecture.decoder or a.shares is not None:
        return paired.of_labels(both, names_of(files), columns, skip_bad, read)
    return paired.of_language(both, _text(a, text, unknown), unknown)


@in_python()
def follow(
    run: str | Path, concept: str, *, text: TextLike = None, unknown: Unknown = "error"
) -> Followed:
    """Follow a concept's best neuron through the models that a run has kept (`train(keep=N)`)."""
    found = comparison.follow(Path(run), concept, lambda loaded: _text_of(loaded, text, unknown))
    return comparison.followed(Path(run), concept, found)


@in_python()
def course(run: str | Path) -> Course:
    """Return the losses of a run, from its folder."""
    return curves.read(Path(run))


@in_python()
def list_runs(folder: str | Path = runs.FOLDER) -> Runs:
    """Return the runs in a folder, the most recent first."""
    return Runs(str(folder), tuple(listing.list_runs(Path(folder))))


def _text(net: Model, text: TextLike, unknown: Unknown) -> Text:
    return _text_of(net.opened.checkpoint, text, unknown)


def _read(
    net: Model, text: TextLike, unknown: Unknown, *neurons: NeuronLike | None, stack: str = ""
) -> tuple[Opened, Text]:
    """Return the model whose units are looked at, or its part, and the text that they read."""
    if not net.opened.checkpoint.targets and not stack:
        return net.opened, _text(net, text, unknown)
    words = [f"{one.stack}:" if isinstance(one, Neuron) else str(one) for one in neurons]
    return stack_texts.of(net.opened, stack_texts.named(words, stack), text, unknown)


def _text_of(loaded: Checkpoint, text: TextLike, unknown: Unknown) -> Text:
    """Return the text that is read: a string, that of a path, or by default the held-out one."""
    if text is None:
        return reading.held_out(loaded, GIVES_ONE)
    if isinstance(text, str):
        return reading.of_string(loaded, text, unknown)
    return reading.of_file(loaded, text, unknown=unknown)
