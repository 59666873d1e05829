"""Which neuron is meant: by its number, by a concept, or the one that is known best."""

import re
from collections.abc import Sequence

from charrnn.errors import UsageError
from charrnn.neurons import known
from charrnn.neurons.address import Neuron, is_address, numbered, parse
from charrnn.neurons.concepts import built_in, named
from charrnn.neurons.evidence import Finding
from charrnn.neurons.known import Known
from charrnn.neurons.survey import most_varying, survey
from charrnn.reading import Opened, Text, held_out

CONCEPT = re.compile(r"[a-z][a-z-]*(?=[:=]|$)")  # at the start of what is said of its neuron


def chosen(word: str, opened: Opened, long: Text) -> Neuron:
    """Return the neuron that a word names, `42`, `1:7` or `brackets`.

    long: text that is searched for a concept of which nothing is known. Raises UsageError for a
    neuron or a concept that is not there.
    """
    architecture = opened.checkpoint.architecture
    if is_address(word):
        return parse(word, architecture)
    if found := known_for(word, opened):
        return numbered(found.neuron, architecture)
    return searched(word, opened, long).evidence[0].signal.neuron


def neurons(opened: Opened, asked: Sequence[int | str | Neuron | None], text: Text) -> list[Neuron]:
    """Return neurons, each once; for None the one that is known best or varies most."""
    found = [
        one
        if isinstance(one, Neuron)
        else usual(opened, text)[0]
        if one is None
        else chosen(str(one), opened, text)
        for one in asked
    ]
    return list(dict.fromkeys(found))


def with_number(word: str, opened: Opened) -> str:
    """Return a word such as `brackets=0.9` with the neuron's number for its concept's name."""
    found = CONCEPT.match(word)
    if not found:
        return word
    neuron = chosen(found[0], opened, held_out(opened.checkpoint))
    return f"{neuron.number}{word[found.end() :]}"


def usual(opened: Opened, text: Text) -> tuple[Neuron, Known | None]:
    """Return the best-known neuron and what is known; or only the one that varies most."""
    if ranked := known.ranked(opened.path, opened.checkpoint):
        return numbered(ranked[0].neuron, opened.checkpoint.architecture), ranked[0]
    return most_varying(opened.checkpoint, text.ids), None


def known_for(name: str, opened: Opened) -> Known | None:
    """Return what is known of a concept's neuron. Raises UsageError for an unknown concept."""
    concepts = built_in("")
    if name not in concepts:
        raise UsageError(
            f"{name!r} is neither a neuron nor a concept", f"concepts: {', '.join(concepts)}"
        )
    ranked = known.ranked(opened.path, opened.checkpoint)
    return next((one for one in ranked if one.concept == name), None)


def searched(name: str, opened: Opened, text: Text) -> Finding:
    """Search for a concept's neuron, and keep what is found. Raises UsageError where there is none.

    Its evidence is best first.
    """
    path, model = opened.path, opened.checkpoint
    (finding,) = survey(path, model, text.ids, [named(name, text.characters)])
    if not finding.evidence:
        raise UsageError(f"{name}: {finding.refused or 'no neuron varies'}")
    known.keep(path, model, [finding], text.name)
    return finding
