"""One step of each cell against numbers worked out by hand.

The hand arithmetic uses σ(ln 3) = 3/4, σ(-ln 3) = 1/4, σ(ln 4) = 4/5 and tanh(ln 2) = 3/5.
"""

import math

import numpy as np
import pytest

from charrnn.cells import CELLS, gru, gru_before, lstm, vanilla
from charrnn.cells.cell import Recurrent

LN2, LN3, LN4 = math.log(2), math.log(3), math.log(4)


def row(*values):
    return np.array([values], np.float64)


def halved(cell, array):
    """Halve the columns of the gates under a sigmoid, as a network does with its weights."""
    return array * [0.5 if gate in cell.SIGMOIDS else 1 for gate in cell.GATES]


def step(cell, recurrent, inputs, state):
    """Advance a state by one step; return it, and the gates."""
    cell_step = cell.Step(recurrent, state[0], state)
    cell_step(inputs)
    return state, cell_step.gates


def test_vanilla_by_hand():
    recurrent = Recurrent(weight=row(0.5), bias=np.zeros(1))
    (h,), gates = step(vanilla, recurrent, row(LN2 - 0.5), (row(1.0),))  # ln 2 - 0.5 + 0.5·1
    assert h[0, 0] == pytest.approx(0.6)
    assert gates == ()


def test_lstm_by_hand():
    recurrent = Recurrent(weight=halved(lstm, row(1.0, -1.0, 0.5, 2.0)), bias=np.zeros(4))
    inputs = row(LN3 - 1.0, -LN3 + 1.0, LN2 - 0.5, LN4 - 2.0)  # i, f, g, o less W h
    inputs = halved(lstm, inputs)
    (h, c), (i, f, g, o) = step(lstm, recurrent, inputs, (row(1.0), row(2.0)))
    assert [gate[0, 0] for gate in (i, f, g, o)] == pytest.approx([0.75, 0.25, 0.6, 0.8])
    assert c[0, 0] == pytest.approx(0.25 * 2 + 0.75 * 0.6)
    assert h[0, 0] == pytest.approx(0.8 * math.tanh(0.95))


def test_gru_by_hand():
    weight = halved(gru, row(1.0, -1.0, LN2))
    recurrent = Recurrent(weight, bias=np.array([0.0, 0.0, -LN2 / 3]))
    inputs = halved(
        gru, row(LN3 - 1.0, -LN3 + 1.0, LN2 / 2)
    )  # r · (ln 2 - ln 2 / 3) = ln 2 / 2 more in n
    (h,), (r, z, n) = step(gru, recurrent, inputs, (row(1.0),))
    assert [gate[0, 0] for gate in (r, z, n)] == pytest.approx([0.75, 0.25, 0.6])
    assert h[0, 0] == pytest.approx(0.75 * 0.6 + 0.25 * 1)


def test_gru_with_the_reset_gate_before_the_product_by_hand():
    recurrent = Recurrent(weight=halved(gru_before, row(1.0, -1.0, LN2)), bias=np.zeros(3))
    inputs = halved(
        gru_before, row(LN3 - 1.0, -LN3 + 1.0, LN2 / 4)
    )  # W (r · 1) = ln 2 · 3/4 more in n
    (h,), (r, z, n) = step(gru_before, recurrent, inputs, (row(1.0),))
    assert [gate[0, 0] for gate in (r, z, n)] == pytest.approx([0.75, 0.25, 0.6])
    assert h[0, 0] == pytest.approx(0.75 * 0.6 + 0.25 * 1)


def test_the_two_grus_differ_in_what_the_reset_gate_multiplies():
    random = np.random.default_rng(0)
    recurrent = Recurrent(random.normal(size=(3, 9)), np.zeros(9))
    inputs, h = random.normal(size=(1, 9)), random.normal(size=(1, 3))
    (after,), gates_after = step(gru, recurrent, inputs, (h.copy(),))
    (before,), gates_before = step(gru_before, recurrent, inputs, (h.copy(),))
    assert (gates_after[0] == gates_before[0]).all()  # r
    assert np.abs(after - before).max() > 0.01


def test_a_closed_lstm_gate_keeps_its_cell_state_exactly():
    recurrent = Recurrent(weight=np.zeros((1, 4)), bias=np.zeros(4))
    state = (row(0.0), row(0.123))
    for _ in range(100):
        state, _ = step(lstm, recurrent, row(-1e3, 1e3, 0.0, 0.0), state)
    assert state[1][0, 0] == 0.123


@pytest.mark.parametrize("backbone", CELLS)
def test_every_named_signal_is_a_state_or_a_gate(backbone):
    cell = CELLS[backbone]
    assert set(cell.SIGNALS) == set(cell.STATES) | set(cell.GATES)
    assert cell.STATES[0] == "h"
    assert cell.DEFAULT_SIGNAL in cell.SIGNALS


@pytest.mark.parametrize("backbone", [name for name, cell in CELLS.items() if cell.JOINED])
def test_one_product_makes_the_shares_of_input_and_past_where_they_add_up(backbone):
    cell, random = CELLS[backbone], np.random.default_rng(0)
    size = len(cell.GATES) * 3
    into, past = random.normal(size=(2, 3, size))
    x, bias = random.normal(size=(2, 3)), random.normal(size=size)
    state = [random.normal(size=(2, 3)) for _ in cell.STATES]
    read = np.concatenate([x, state[0]], axis=1)
    joined = (read[:, 3:], *(part.copy() for part in state[1:]))
    apart, _ = step(cell, Recurrent(past, bias), x @ into + bias, state)
    cell.Step(Recurrent(np.concatenate([into, past]), bias), read, joined)(bias)
    for one, other in zip(joined, apart, strict=True):
        assert one == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize("backbone", CELLS)
def test_a_step_leaves_its_inputs_as_they_were(backbone):
    cell, random = CELLS[backbone], np.random.default_rng(0)
    size = len(cell.GATES) * 3
    recurrent = Recurrent(random.normal(size=(3, size)), random.normal(size=size))
    state = tuple(random.normal(size=(2, 3)) for _ in cell.STATES)
    inputs = random.normal(size=(2, size))
    before = inputs.copy()
    step(cell, recurrent, inputs, state)
    assert (inputs == before).all()
