"""The neurons that a command is about: typed as numbers or concepts, or the best-known one."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.cli.reading import Given
    from charrnn.neurons.address import Neuron
    from charrnn.neurons.known import Known
    from charrnn.reading import Opened, Text

HELP = "42 (from 0 through all layers), LAYER:UNIT such as 1:42, or a concept such as brackets"
CHOSEN = "the best-known"


def chosen(words: list[str], opened: "Opened", text: "Text", given: "Given") -> list["Neuron"]:
    """Return the neurons that were typed, `42 1:7` or `42,1:7` or `brackets`, each once.

    None typed: the best-known neuron or, where nothing is known, the one that varies most; stderr
    says which. Raises UsageError for a neuron or a concept that is not there.
    """
    from charrnn.neurons.address import is_address, parse

    typed = [part.strip() for word in words for part in word.split(",")]
    if not typed:
        return [_usual(opened, text, given)]
    from charrnn.reading import held_out

    architecture = opened.checkpoint.architecture
    long = text if given.prompt is None else held_out(opened.checkpoint)  # enough to search in
    found = [
        parse(word, architecture) if is_address(word) else _of_concept(word, opened, long)
        for word in typed
    ]
    return list(dict.fromkeys(found))


def one_of(words: list[str], opened: "Opened", text: "Text", given: "Given") -> "Neuron":
    """Return the one neuron that is asked for. Raises UsageError for several."""
    found = chosen(words, opened, text, given)
    if len(found) > 1:
        raise UsageError(f"one neuron is shown, and {len(found)} were given")
    return found[0]


def with_numbers(words: Iterable[str], opened: "Opened") -> tuple[str, ...]:
    """Return words such as `brackets=0.9`, each with its neuron's number for a concept's name."""
    return tuple(_with_number(word, opened) for word in words)


def _with_number(word: str, opened: "Opened") -> str:
    found = re.match(r"[a-z][a-z-]*(?=[:=]|$)", word)
    if not found:
        return word
    from charrnn.reading import held_out

    neuron = _of_concept(found[0], opened, held_out(opened.checkpoint))
    return f"{neuron.number}{word[found.end() :]}"


def _usual(opened: "Opened", text: "Text", given: "Given") -> "Neuron":
    from charrnn.neurons.choice import usual
    from charrnn.show.console import note

    neuron, known = usual(opened, text)
    if known:
        note(f"the best-known neuron: {_in_words(known)}")
        return neuron
    note(
        f"{neuron} varies most; charrnn inspect find{given.options} searches for neurons with a "
        "meaning"
    )
    return neuron


def _of_concept(name: str, opened: "Opened", text: "Text") -> "Neuron":
    """Return the neuron for a concept, and say on stderr how good it is."""
    from charrnn.neurons.address import numbered
    from charrnn.neurons.choice import known_for, searched
    from charrnn.show.console import note, talk

    if found := known_for(name, opened):
        note(_in_words(found))
        return numbered(found.neuron, opened.checkpoint.architecture)
    with talk().status(f"searching for {name}"):
        finding = searched(name, opened, text)
    best = finding.evidence[0]
    measure = "|r|" if finding.concept.graded else "AUROC"
    note(f"{best.signal.neuron}, {name}, {measure} {best.score:.3f} ({finding.verdict(best)})")
    return best.signal.neuron


def _in_words(known: "Known") -> str:
    """Say what a neuron is known for."""
    return f"{known.neuron}, {known.concept}, {known.measure} {known.score:.3f} ({known.verdict})"
