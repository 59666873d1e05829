"""The recurrences of the lectures, one file a cell, in NumPy.

A cell's module declares its gates, its states and its signals, and holds one class, `Step`.
Adding a cell is one such file and one line here.
"""

from charrnn.cells import gru, gru_before, lstm, vanilla
from charrnn.cells.cell import Cell

CELLS: dict[str, Cell] = {
    "lstm": lstm,
    "gru": gru,
    "gru_before": gru_before,
    "vanilla": vanilla,
}
BACKBONES = ("lstm", "gru", "vanilla")
RESET_GATES = ("after", "before")
