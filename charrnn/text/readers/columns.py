"""Which columns of a row are taken: by number or name, several joined into one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from charrnn.errors import CorpusError, UsageError
from charrnn.text.readers.source import Bad, Row

BETWEEN = "\t"  # the columns of one field


@dataclass(frozen=True)
class Columns:
    """Columns by number from 1, or by name; those of a group are joined by a tab into one field."""

    groups: tuple[tuple[str, ...], ...]
    given: bool = True

    @classmethod
    def of(cls, given: str, fields: Sequence[str], more: bool = False) -> "Columns":
        """Return the columns of a setting such as text,label or 1+3,2; by default the first ones.

        fields: what they are for; more: whether there may be more of the last. Raises UsageError.
        """
        if not given:
            return cls(tuple((str(number + 1),) for number in range(len(fields))), given=False)
        groups = tuple(tuple(map(str.strip, group.split("+"))) for group in given.split(","))
        counted = len(groups) == len(fields) or (more and len(groups) > len(fields))
        if not counted or not all(map(all, groups)):
            example = f"{','.join(fields)} or {','.join(map(str, range(1, len(fields) + 1)))}"
            raise UsageError(f"--columns {given!r} is not valid", f"for example: {example}")
        if len(set(groups)) < len(groups):
            raise UsageError(
                f"--columns {given!r} names one column twice",
                f"{' and '.join(fields)} stand in different ones",
            )
        columns = cls(groups)
        if columns.numbered and any(int(one) == 0 for group in groups for one in group):
            raise UsageError(f"--columns {given!r}: columns count from 1")
        return columns

    @property
    def numbered(self) -> bool:
        """Whether all are numbers."""
        return all(one.isdecimal() for group in self.groups for one in group)

    def places(self, names: Sequence[str], where: str) -> list[list[int]]:
        """Return the columns as places, counted from 0. Raises CorpusError for a missing name."""
        if self.numbered:
            return [[int(one) - 1 for one in group] for group in self.groups]
        for one in (one for group in self.groups for one in group):
            if one not in names:
                raise CorpusError(
                    f"{where} has no column {one!r}", f"its columns are: {', '.join(names)}"
                )
        return [[names.index(one) for one in group] for group in self.groups]


def picked(
    rows: Iterable[tuple[int, Sequence[str] | str]],
    columns: Columns,
    where: str,
    between: str,
    names: Sequence[str] = (),
) -> Iterator[Row | Bad]:
    """Yield the rows of a table. A row of empty cells is none.

    rows: the line of each, and its cells or what is wrong with it. between: what stands between
    two cells, in a word. names: of the columns, where the form has them; else they are those
    of the first row if columns are named.
    """
    places = columns.places(names, where) if names or columns.numbered else []
    for line, cells in rows:
        if isinstance(cells, str):
            yield Bad(cells, where, line)
        elif not any(cells):
            continue
        elif not places:
            places = columns.places(cells, where)
        elif len(cells) <= max(map(max, places)):
            missing = "a column is missing" if len(cells) > 1 else f"there is no {between}"
            yield Bad(missing, where, line)
        else:
            fields = [BETWEEN.join([cells[place] for place in group]) for group in places]
            yield Row(tuple(fields), where, line)
