"""The recurrences of the lectures, one file a cell: a declaration, and its equations once.

The equations run on NumPy and on torch. Faster versions of them are optional files, found by the
cell's name, in `charrnn.fast` and `charrnn.training.kernels`. Adding a cell is one such file and
one line here.
"""

from charrnn.cells import gru, gru_before, lstm, vanilla
from charrnn.cells.cell import Cell

CELLS: dict[str, Cell] = {
    "lstm": lstm,
    "gru": gru,
    "gru_before": gru_before,
    "vanilla": vanilla,
}
RESET_GATES = ("after", "before")


def backbones() -> list[str]:
    """Return the names of the cells, but for those that a reset gate's place chooses."""
    return [name for name in CELLS if name.rpartition("_")[2] not in RESET_GATES]
