"""How well characters are tagged, how sure each tag is, and which are taken for which."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from charrnn.neurons.tags import Mistagged, TaggedCharacter, TaggedText
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import GAP, marked, safe
from charrnn.show.heatmap import BASE, Heatmap, legend, say_legend
from charrnn.show.labels import NAME, VERSION, fitting, in_percent, measure, to_four, to_three
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import count
from charrnn.tagging import Tagged

OTHER_LINES = (68, 60, 0, 0, 30, 30, 30, 30)  # columns of those beside a shaded text
UNSURE = 3  # characters that are listed under it
TAGS, PAIRS, EXAMPLES = 30, 12, 3  # rows of tags, of pairs, and words of a pair that are shown
SPANS = {  # measures of them, where tags mark some
    "span F1": "span_f1",
    "span F1 whatever the kind": "segmentation_f1",
    "kinds right of the known spans": "kind_accuracy",
    "sentence F1": "sentence_f1",
}
WIDTH = 80  # columns, where no window limits them


def named(tag: str, unicode: bool = True) -> str:
    """Return a tag as it is shown: marks on a circle, white space visible, none by this word."""
    shown = "".join(marked(one, unicode) for one in tag)
    combines = unicode and tag and unicodedata.combining(tag[0])
    return BASE + shown if combines else shown or "none"


def report(found: Tagged) -> Report:
    """Return the view of a model's measures; its table has a row a tag."""
    measures, der, tallies = found.measures, found.diacritic_error_rate, found.tallies
    have = measures.confusion.sum(axis=1).tolist()
    parts = have, measures.precision.tolist(), measures.recall.tolist(), measures.f1.tolist()
    rows = [
        {"tag": tag, "characters": many, "precision": precision, "recall": recall, "f1": f1}
        for tag, many, precision, recall, f1 in zip(found.labels, *parts, strict=True)
    ]

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        right = measure(tallies, "tag_accuracy", lambda value: f"{value:.2%}")
        say(console, f"tags right {right} of {count(found.characters, 'character')}")
        words = measure(tallies, "word_accuracy", in_percent)
        say(console, f"words right {words} of {count(found.words, 'word')}")
        if der is not None:
            wrong = measure(tallies, "diacritic_error_rate", lambda value: f"{value:.2%}")
            letters = f"of {count(found.letters, 'letter')}, with and without marks"
            say(console, f"wrong marks {wrong} {letters}")
        for name, key in SPANS.items():
            if key in tallies.values:
                shown = in_percent if key == "kind_accuracy" else to_three
                say(console, f"{name} {measure(tallies, key, shown)}")
        if found.spans:
            say(console, f"of {count(found.spans.spans, 'span')}")
        say(console, f"log loss {measure(tallies, 'log_loss', to_four)} nats per character")
        say_names(console, found.model, found.text)
        console.print()
        usual = sorted(
            (row for row in rows if row["characters"]), key=lambda row: -row["characters"]
        )
        wide = min(
            NAME, max(cell_len(named(row["tag"], unicode)) for row in [*usual, {"tag": "tag"}])
        )
        say(console, f"{'tag':{wide}}  characters  precision  recall     F1")
        for row in usual[:TAGS]:
            shares = f"{row['precision']:9.1%}  {row['recall']:6.1%}  {row['f1']:5.3f}"
            name = fitting(named(row["tag"], unicode), wide)
            say(console, f"{name}  {row['characters']:10,}  {shares}")
        if usual[TAGS:]:
            say(console, f"{len(usual) - TAGS:,} more tags; --json has them all")

    data: dict[str, Any] = {
        "version": VERSION,
        "text": found.text,
        "characters": found.characters,
        "tag_accuracy": found.accuracy,
        "words": found.words,
        "word_accuracy": found.word_accuracy,
        "log_loss": measures.log_loss,
        "intervals": found.intervals,
        "labels": list(found.labels),
        "confusion": measures.confusion.tolist(),
    }
    if der is not None:
        data |= {"letters": found.letters, "diacritic_error_rate": der}
    if found.spans:
        of_spans = {key: tallies.values[key] for key in SPANS.values() if key in tallies.values}
        data |= {"spans": found.spans.spans, **of_spans}
    return Report(show, data, rows)


def shaded(read: TaggedText) -> Report:
    """Return the view of a text as it is tagged, shaded by how sure each tag is."""
    found = [one for one in read.found if one]
    characters = "".join(one.written if one else "\n" for one in read.found)
    values = [
        value
        for one in read.found
        for value in ([one.probability] * len(one.written) if one else [1.0])
    ]

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        say(console, "probability of the tag that each character gets")
        say_names(console, read.model, read.text)
        console.print()
        console.print(Heatmap(characters, values, 0, 1), end="")
        console.print()
        say_legend(console, legend(console, 0, 1), characters)
        for one in sorted(found, key=lambda one: one.probability)[:UNSURE]:
            say(console, _in_words(one, unicode))

    names = {"model": read.model, "text": read.text}
    return Report(show, names | {"restored": characters}, [_row(one) for one in found])


def _in_words(one: TaggedCharacter, unicode: bool) -> str:
    """Say which tag a character gets, and which it has."""
    got = f"{marked(one.character, unicode)} at {one.place:,}: {named(one.tag, unicode)}"
    right = "" if one.known is None else ", right"
    wrong = one.known is not None and one.known != one.tag
    return f"{got} {one.probability:.3f}" + (
        f", wrong, it is {named(one.known or '', unicode)}" if wrong else right
    )


def _row(one: TaggedCharacter) -> dict[str, Any]:
    return {
        "position": one.place,
        "character": one.character,
        "tag": one.tag,
        "probability": one.probability,
        "known": one.known,
    }


def mistagged(found: Mistagged) -> Report:
    """Return the view; its table has a row for each character that is tagged wrong."""
    total, wrong, pairs = found.characters.total(), len(found.mistakes), found.pairs

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        share = wrong / max(total, 1)
        say(console, f"mistakes: {wrong:,} of {count(total, 'character')} ({share:.2%})")
        say_names(console, found.model, found.text)
        console.print()
        shown = [(named(tag, unicode), named(got, unicode)) for tag, got, _ in pairs[:PAIRS]]
        wide = min(NAME, max((cell_len(one) for pair in shown for one in pair), default=0))
        arrow = "→" if unicode else "->"
        for (tag, got), (own, _, some) in zip(shown, pairs, strict=False):
            line = f"{fitting(tag, wide)} {arrow} {fitting(got, wide)} {len(some):6,}"
            line += f" {len(some) / found.characters[own]:6.1%}"
            say(console, f"{line}  {_examples(console, some, cell_len(line) + 2)}".rstrip())
        console.print()
        if pairs[PAIRS:]:
            rest = sum(len(some) for *_, some in pairs[PAIRS:])
            say(console, f"{rest:,} more in {len(pairs) - PAIRS:,} other pairs")
        say(console, f"a tag {arrow} the tag that its characters got: how many, their share of it;")
        say(console, "the words of the largest loss, with the probability of the right tag")

    rows = [one._asdict() for one in found.mistakes]
    taken = [
        {"tag": tag, "got": got, "characters": len(some), "of": found.characters[tag]}
        for tag, got, some in pairs
    ]
    names = {"model": found.model, "text": found.text}
    return Report(show, names | {"characters": total, "mistakes": wrong, "pairs": taken}, rows)


def _examples(console: Console, some: Sequence[Any], taken: int) -> str:
    """Return as many words as the width holds, with the probability of the right tag."""
    width = console.width if console.is_terminal else WIDTH
    unicode = is_unicode(console.encoding)
    line = ""
    for one in some[:EXAMPLES]:
        word = "".join(marked(character, unicode) for character in one.around)
        longer = f"{line}{GAP if line else ''}{word} {one.probability:.2g}"
        line = longer if cell_len(longer) <= width - taken else line
    return safe(line)
