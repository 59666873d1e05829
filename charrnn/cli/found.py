"""What a finished run says of its neurons: those that stand for a concept, kept for later views."""

from pathlib import Path

from charrnn.errors import UsageError
from charrnn.reading import Opened, held_out, opened

SECONDS = 5.0  # that are spent at the end of a run
SPARE = 2.3  # of them, for what does not grow with the text
SHOWN = 3  # concepts


def say_what_was_found(folder: Path, options: str) -> None:
    """Search the best model's neurons for every concept, for some seconds, and print the best.

    options: by which a printed command finds the model.
    """
    from charrnn.neurons import known
    from charrnn.neurons.survey import most_varying
    from charrnn.show.commands import Command
    from charrnn.show.console import say, talk
    from charrnn.show.overview import show_neurons

    found = opened(folder)
    command = Command(found.checkpoint.architecture.cell.DEFAULT_SIGNAL, options)
    console = talk()
    with console.status("searching the neurons for every concept"):
        _search(found)
    ranked = known.ranked(found.path, found.checkpoint)[:SHOWN]
    if ranked:
        say(console, "\nneurons that encode a concept, over their baseline")
        show_neurons(console, ranked, command)
        return
    number = most_varying(found.checkpoint, held_out(found.checkpoint).ids).number
    say(console, "\nno neuron encodes a concept so far; the one that varies most")
    say(console, f"  {command.draws(number, command.signal)}")


def _search(found: Opened) -> None:
    """Search as much held-out text as the time allows, and keep what is found with the run."""
    from charrnn.neurons import known
    from charrnn.neurons.survey import readable, survey

    model = found.checkpoint
    try:
        ids = held_out(model).ids[: readable(model, SECONDS - SPARE)]
        findings = list(survey(found.path, model, ids))
    except UsageError:  # too short a text for any evidence
        return
    known.keep(found.path, model, findings, known.HELD_OUT)
