"""What `charrnn inspect` alone prints: a model, what is known of its neurons, the views."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from rich.console import Console

from charrnn.checkpoint import Checkpoint
from charrnn.neurons.known import Known
from charrnn.settings.tasks import TASKS
from charrnn.show.commands import Command
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.model import in_words, show_field
from charrnn.show.report import Report
from charrnn.show.tags import named
from charrnn.show.units import loss_of

Ranked = Sequence[Known]
SHOWN = 3  # neurons of a model
WIDE = 80  # columns of a line with its command


def report(
    opened: tuple[str, Checkpoint],
    known: Ranked,
    command: Command,
    shipped: Mapping[str, tuple[Ranked, Command]],
    views: Iterable[str],
) -> Report:
    """Return the overview; its table has a row for each neuron that is known.

    opened: the model's name, and the model. known: its neurons that encode a concept, best first;
    command: draws them. shipped: the same of the models that ship with charrnn, by name. views:
    their names.
    """
    name, model = opened

    def show(console: Console) -> None:
        show_field(console, "model", name)
        show_field(console, "", in_words(model.architecture))
        nats = model.provenance.get("validation_nats")
        known_loss = "not recorded"
        if nats is not None:
            known_loss = f"validation {loss_of(nats, model.architecture.scored)}"
        show_field(console, "loss", known_loss)
        if model.labels:
            what = "tags" if model.architecture.aligned else "labels"
            show_field(console, what, ", ".join(map(named, model.labels)))
        console.print()
        if known:
            say(console, "Neurons that encode a concept, over their baseline:")
            show_neurons(console, known[:SHOWN], command)
        elif TASKS[model.task].units:
            searches = f"charrnn inspect find{command.options} searches"
            say(console, safe(f"No neuron is known yet: {searches}."))
        for other, (ranked, draws) in shipped.items():
            console.print()
            say(console, f"{other}, which ships with charrnn:")
            show_neurons(console, ranked[:SHOWN], draws)
        console.print()
        say(console, f"Views: {', '.join(views)}; charrnn inspect --help has a line on each.")

    data = {"architecture": in_words(model.architecture)}
    return Report(show, data, [asdict(one) for one in known])


def show_neurons(console: Console, ranked: Ranked, command: Command) -> None:
    """Print neurons with the evidence for each, and the command that draws it."""
    for one in ranked:
        evidence = f"  {one.concept:<15}{one.measure:>5} {one.score:.3f} over {one.baseline:.3f}"
        draws = command.draws(one.neuron, one.signal, one.raw)
        apart = "  " if len(evidence) + 2 + len(draws) <= WIDE else "\n    "
        say(console, safe(evidence) + apart + safe(draws))
