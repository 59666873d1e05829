"""The picture of neurons over a text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from charrnn.arrays import Array
from charrnn.neurons.address import Neuron
from charrnn.neurons.known import Known
from charrnn.neurons.record import Recording
from charrnn.predictions import Predictions
from charrnn.show import heatmap
from charrnn.show.alternatives import LIKELIEST, Alternatives
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import safe
from charrnn.show.heatmap import NOTE, Heatmap, legend, say_legend, usable_colors
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import signed


@dataclass(frozen=True)
class Drawn:
    """What is drawn. characters: one for each value of the recordings.

    model, text: where they come from. concept, labels (T,): a row of its own, if any. expected:
    what was likely at each character, as ids of the alphabet, if it is shown. known: the concept
    for which an earlier search found the neuron, if it is that. options: of the commands that are
    printed, which name the model.
    """

    characters: str
    recordings: Sequence[Recording]
    model: str
    text: str
    concept: str = ""
    labels: Array | None = None
    expected: Predictions | None = None
    alphabet: str = ""
    known: Known | None = None
    options: str = ""


def report(drawn: Drawn) -> Report:
    """Return the view: shaded text, legend and the neurons' statistics."""
    first = drawn.recordings[0]
    rows: list[dict[str, Any]] = [
        {"position": first.offset + place, "character": character}
        | {str(one.neuron.number): float(one.values[place]) for one in drawn.recordings}
        for place, character in enumerate(drawn.characters)
    ]
    if drawn.labels is not None:
        for row, label in zip(rows, drawn.labels.tolist(), strict=True):
            row[drawn.concept] = label
    if drawn.expected is not None:
        for row, nats, best in zip(rows, drawn.expected.nats, drawn.expected.ids, strict=True):
            told = not math.isnan(nats)
            row["likeliest"] = "".join(drawn.alphabet[one] for one in best) if told else ""
    data = {
        "model": drawn.model,
        "text": drawn.text,
        "signal": first.label,
        "low": first.low,
        "high": first.high,
        "nats": first.loss_nats,
    }
    return Report(lambda console: _show(console, drawn), data, rows)


def fitting(console: Console, text: str, labels: Sequence[str], concept: str, top: int) -> int:
    """Return how many characters of a text, from its first, a picture in the window holds.

    labels: the neurons' numbers; concept: drawn as a row, if not empty; top: rows of the likeliest.
    """
    rows = [*labels, *([concept] if concept else [])]
    stacked = len(rows) > 1
    lines = 1 + top if top else 1 + len(rows)
    lines -= len(labels) == 1 and usable_colors(console) is not None and not top
    others = [1, 1, 1, NOTE, 60 * len(labels), 78, 70, *[72] * len(labels), *[180] * bool(concept)]
    margin = max(map(len, rows)) + 1 if stacked else 0
    return heatmap.fitting(console, text, lines, others, margin)


def _show(console: Console, drawn: Drawn) -> None:
    first = drawn.recordings[0]
    names = ", ".join(str(one.neuron) for one in drawn.recordings)
    concept = f" · concept {drawn.concept}" if drawn.labels is not None else ""
    where = f"{drawn.text}, characters {first.offset:,}–{first.offset + len(first.ids) - 1:,}"
    say(console, safe(f"{names} · {first.label}{concept}"))
    say_names(console, drawn.model, where)
    console.print()
    _draw(console, drawn)
    console.print()
    loss = first.loss_nats
    more = [] if math.isnan(loss) else [f"loss {loss:.3f} nats per character"]
    scale = legend(console, first.low, first.high)
    say_legend(console, scale, drawn.characters, *more)
    if drawn.expected is not None:
        say(console, f"under each character: the {drawn.expected.ids.shape[1]} {LIKELIEST}")
    for one in drawn.recordings:
        name = f"{one.neuron.number}: " if len(drawn.recordings) > 1 else ""
        say(console, name + _statistics(one, is_unicode(console.encoding)))
        if one.flat:
            say(console, f"{name}it is flat here; {_instead(one, drawn.options)}")
    if drawn.labels is not None and drawn.labels.max(initial=0) > 1:
        say(console, f"{drawn.concept} from 0 to {drawn.labels.max():g} here")
    if drawn.known:
        say(console, _best_known(drawn.known, first.neuron, drawn.options))


def _instead(recording: Recording, options: str) -> str:
    """Say what shows more than a flat picture."""
    if recording.hidden_by_tanh:
        return f"tanh hides that c varies by {recording.deviation:.2g}: --raw shows it"
    return f"another unit may vary: charrnn inspect find --all{options} lists the best"


def _best_known(known: Known, neuron: Neuron, options: str) -> str:
    more = "the concept is present" if known.measure == "AUROC" else "more of the concept"
    low = f"; inverted: low values mean {more}"
    return safe(
        f"best concept known: {known.concept} ({known.signal}, {known.measure} {known.score:.3f} "
        f"on {known.text}{low * known.low}; {known.verdict}) · charrnn inspect explain "
        f"{neuron.number}{options}"
    )


def _draw(console: Console, drawn: Drawn) -> None:
    first = drawn.recordings[0]
    if drawn.expected is not None:
        values = first.values.tolist()
        picture = Alternatives(
            drawn.characters, drawn.expected, drawn.alphabet, values, first.low, first.high
        )
        console.print(picture, end="")
    elif len(drawn.recordings) > 1 or drawn.labels is not None:
        from charrnn.show.stacked import Row, Stacked

        rows = [
            Row(str(one.neuron.number), one.values, one.low, one.high) for one in drawn.recordings
        ]
        if drawn.labels is not None:
            rows.append(Row(drawn.concept, drawn.labels, 0, max(1.0, float(drawn.labels.max()))))
        console.print(Stacked(drawn.characters, rows, len(drawn.recordings)), end="")
    else:
        console.print(Heatmap(drawn.characters, first.values, first.low, first.high), end="")


def _statistics(recording: Recording, unicode: bool) -> str:
    mean, deviation = float(recording.values.mean()), float(recording.values.std())
    line = f"mean {signed(mean, unicode)}, standard deviation {deviation:.3f}"
    if recording.time_constant is not None:
        line += f", time constant {recording.time_constant:,.3g} characters"
    return line
