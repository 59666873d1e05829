"""Texts with a label each, of any form that `charrnn.text.readers` has."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from charrnn.errors import CorpusError
from charrnn.text import corpus as corpora
from charrnn.text import readers, table
from charrnn.text.strings import Integers, Strings

FIELDS = ("text", "label")


@dataclass(frozen=True)
class Labelled:
    """Texts (R,) and their labels, in the order in which they were read.

    numbers (R,): of each text, its label's place among the labels, which are sorted. name, sha256,
    notes: as of a `Table`. validation: texts to validate on, where they were named.
    """

    name: str
    texts: Strings
    numbers: Integers
    labels: tuple[str, ...]
    sha256: str
    notes: tuple[str, ...] = ()
    validation: "Labelled | None" = None

    @property
    def characters(self) -> int:
        """How many characters the texts have together."""
        return sum(map(len, self.texts))

    def taken(self, places: npt.NDArray[np.integer[Any]]) -> Self:
        """Return the texts at some places."""
        return replace(self, texts=self.texts.taken(places), numbers=self.numbers[places])

    def halves(self, share: float, seed: int) -> "tuple[Labelled, Labelled]":
        """Return what is learned, in an order that is drawn, and what validates.

        That is what was named for it, or else a share of the texts.
        """
        order = np.random.default_rng(seed).permutation(len(self.texts))
        if self.validation:
            return self.taken(order), self.validation
        aside = int(np.ceil(len(order) * share))
        learned, validating = np.split(order, [len(order) - aside])
        return self.taken(learned), self.taken(validating)


def read(
    names: Sequence[str],
    *,
    columns: str = "",
    encoding: str = "utf-8",
    skip_bad: bool = False,
    labels: Sequence[str] = (),
    form: str = readers.AUTO,
    validate_on: str = "",
) -> Labelled:
    """Read texts and labels: a table, objects, or a folder of a file or a folder a label.

    columns: of text and label, by number from 1 or by name, as in text,label; by default the first
    two. labels: the only ones there may be. skip_bad: leave out rows without a label or a
    text, or of another label. form: see `charrnn.text.readers`. validate_on: a file or folder with
    those that validate; so does dev/ beside a folder's train/. Raises CorpusError.
    """
    how: dict[str, Any] = {"columns": columns, "encoding": encoding, "skip_bad": skip_bad}
    how["form"] = form
    learned, validating, notes = readers.parts(names, validate_on)
    if notes and labels:
        raise CorpusError(notes[0], f"name one of them: {learned[0]}")
    found = _read(learned, labels, how)
    found = replace(found, name=corpora.name_of(names), notes=(*notes, *found.notes))
    if not validating:
        return found
    aside = _read(validating, found.labels, how)
    said = f"{len(aside.texts):,} texts of {', '.join(validating)} validate"
    return replace(found, validation=aside, notes=(*found.notes, said, *aside.notes))


def _read(names: Sequence[str], labels: Sequence[str], how: dict[str, Any]) -> Labelled:
    """Read texts and labels, which are among some that are known, if any are."""
    known = {label: number for number, label in enumerate(labels)}

    def wrong(row: Sequence[str]) -> str:
        seen = not known or row[1] in known
        return "" if seen else f"the label {row[1]!r} was never seen in training"

    found = table.read(names, FIELDS, wrong=wrong, **how)
    texts, of_texts = found.columns
    known = known or {label: number for number, label in enumerate(sorted(set(of_texts)))}
    numbers = np.fromiter((known[label] for label in of_texts), np.int64, len(of_texts))
    return Labelled(found.name, texts, numbers, tuple(known), found.sha256, found.notes)
