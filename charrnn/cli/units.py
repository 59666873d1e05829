"""The neurons that a command is about: typed as numbers or concepts, or the best-known one."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.cli.reading import Given, Opened, Text
    from charrnn.neurons.address import Neuron
    from charrnn.neurons.known import Known

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
    from charrnn.cli.reading import held_out

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
    from charrnn.cli.reading import held_out

    neuron = _of_concept(found[0], opened, held_out(opened.checkpoint))
    return f"{neuron.number}{word[found.end() :]}"


def _usual(opened: "Opened", text: "Text", given: "Given") -> "Neuron":
    from charrnn.neurons import known
    from charrnn.neurons.address import numbered
    from charrnn.neurons.survey import most_varying
    from charrnn.show.console import note

    ranked = known.ranked(opened.path, opened.checkpoint)
    if ranked:
        note(f"the best-known neuron: {_in_words(ranked[0])}")
        return numbered(ranked[0].neuron, opened.checkpoint.architecture)
    neuron = most_varying(opened.checkpoint, text.ids)
    note(
        f"{neuron} varies most; charrnn inspect find{given.options} searches for neurons with a "
        "meaning"
    )
    return neuron


def _of_concept(name: str, opened: "Opened", text: "Text") -> "Neuron":
    """Return the neuron for a concept: the one that is known, or else the best that is found."""
    from charrnn.neurons import known
    from charrnn.neurons.address import numbered
    from charrnn.neurons.concepts import built_in
    from charrnn.show.console import note

    path, model = opened.path, opened.checkpoint
    concepts = ", ".join(built_in(""))
    if name not in built_in(""):
        raise UsageError(f"{name!r} is neither a neuron nor a concept", f"concepts: {concepts}")
    found = [one for one in known.ranked(path, model) if one.concept == name]
    if not found:
        return _searched(name, opened, text)
    note(_in_words(found[0]))
    return numbered(found[0].neuron, model.architecture)


def _searched(name: str, opened: "Opened", text: "Text") -> "Neuron":
    """Return the best neuron that a search finds for a concept, and say how good it is."""
    from charrnn.neurons import known
    from charrnn.neurons.concepts import named
    from charrnn.neurons.survey import survey
    from charrnn.show.console import note, talk

    path, model = opened.path, opened.checkpoint
    with talk().status(f"searching for {name}"):
        (finding,) = survey(path, model, text.ids, [named(name, text.characters)])
    if not finding.evidence:
        raise UsageError(f"{name}: {finding.refused or 'no neuron varies'}")
    known.keep(path, model, [finding], text.name)
    best = finding.evidence[0]
    measure = "|r|" if finding.concept.graded else "AUROC"
    note(f"{best.signal.neuron}, {name}, {measure} {best.score:.3f} ({finding.verdict(best)})")
    return best.signal.neuron


def _in_words(known: "Known") -> str:
    """Say what a neuron is known for."""
    return f"{known.neuron}, {known.concept}, {known.measure} {known.score:.3f} ({known.verdict})"
