"""`charrnn inspect page`: neurons on a text, in a browser."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli.help import helped
from charrnn.cli.options import OffsetOption, view
from charrnn.cli.reading import Given
from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.network import Network
    from charrnn.text.vocabulary import Ids

BEST = 20  # neurons listed for each concept


@helped("charrnn inspect page out.html", "charrnn inspect page notes.html -t notes.txt -m demo")
@view
def page(
    given: Given,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The page to write; its name ends in .html.",
            metavar="FILE",
            show_default="that of --output",
        ),
    ] = None,
    offset: OffsetOption = 0,
    length: Annotated[
        int, typer.Option("-n", "--length", help="Characters shown.", min=1)
    ] = 20_000,
) -> None:
    """Write one page, for any browser and without a server, to look at neurons on a text.

    Characters show what was expected, neurons colour the text, concepts find neurons, two can be
    compared. The page asks nothing of any other address.
    """
    import numpy as np

    from charrnn.files import expect_free, making
    from charrnn.neurons.record import WARMUP, predicted
    from charrnn.show.console import talk
    from charrnn.show.page import LIKELIEST, html

    file = file or given.output
    if file is None:
        raise UsageError("which page?", "charrnn inspect page out.html")
    if file.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{file}: the page's name ends in .html")
    expect_free(file, given.force)
    opened = given.opened()
    loaded, model = opened.checkpoint, opened.name
    text = given.read(loaded)
    ids, name = text.ids, text.name
    if offset >= len(ids):
        raise UsageError(f"the text has {len(ids):,} characters, so none at offset {offset:,}")
    network, vocabulary = loaded.network(), loaded.vocabulary
    cell, signal = loaded.architecture.cell, loaded.architecture.cell.DEFAULT_SIGNAL
    shown = ids[offset : offset + length]
    with making(file, given.force) as temporary, talk().status(f"reading {len(ids):,} characters"):
        first = max(0, offset - WARMUP)
        read = network.read(ids[first : offset + len(shown)], [signal])
        values = np.concatenate([result.signals[signal][:, 0] for _, result in read])
        values = values[offset - first :]
        content = html(
            model=model,
            text=f"{name}, characters {offset:,}–{offset + len(shown) - 1:,}",
            signal="tanh(c), cell state"
            if signal == "c"
            else f"{signal}, {cell.SIGNALS[signal].meaning}",
            low=cell.SIGNALS[signal].low,
            high=cell.SIGNALS[signal].high,
            offset=offset,
            characters=vocabulary.characters_of(shown),
            alphabet=vocabulary.characters_of(range(len(vocabulary))),
            hidden=loaded.architecture.hidden,
            values=np.tanh(values) if signal == "c" else values,
            expected=predicted(network, ids, offset, len(shown), LIKELIEST),
            concepts=_concepts(network, ids, vocabulary.characters_of(ids)),
        )
        temporary.write_text(content, encoding="utf-8")
    talk().print(f"{file} · {len(content.encode()) / 1e6:.2g} MB · open it in a browser")


def _concepts(network: "Network", ids: "Ids", text: str) -> dict[str, list[tuple[int, float]]]:
    """Return the neurons that tell each concept best, chosen on half A, scored on B."""
    import numpy as np

    from charrnn.neurons.activations import COLD, Activations
    from charrnn.neurons.concepts import built_in
    from charrnn.neurons.search import search

    if len(ids) <= 4 * COLD:
        return {}
    activations = Activations(network, ids, network.architecture.cell.STATES)
    concepts = list(built_in(text).values())
    labels = [concept.labels(text, network.record_end) for concept in concepts]
    found = {}
    for scores, _ in search(activations, concepts, labels, null=False):
        best: dict[int, float] = {}
        for signal in scores.best(len(activations.signals)):
            score = scores.oriented(scores.reported, signal)
            if np.isfinite(score) and len(best) < BEST:
                best.setdefault(activations.signals[signal].neuron.number, score)
        if best:
            found[scores.concept.name] = list(best.items())
    return found
