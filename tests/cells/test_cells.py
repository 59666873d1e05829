"""One step of each cell against numbers worked out by hand.

The hand arithmetic uses σ(ln 3) = 3/4, σ(-ln 3) = 1/4, σ(ln 4) = 4/5 and tanh(ln 2) = 3/5.
"""

import math

import numpy as np
import pytest

from charrnn.cells import CELLS, gru, gru_before, lstm, vanilla
from charrnn.cells.cell import Past
from charrnn.fast.in_place.step import OPS, Equations, twin

LN2, LN3, LN4 = math.log(2), math.log(3), math.log(4)


def row(*values):
    return np.array([values], np.float64)


def step(cell, past, share, state):
    """Advance a state by one step; return the new one, and the gates in their order."""
    state, gates = cell.step(OPS, share, state, past)
    return state, tuple(gates.values())


def test_vanilla_by_hand():
    past = Past(weight=row(0.5), bias=np.zeros(1))
    (h,), gates = step(vanilla, past, row(LN2 - 0.5), (row(1.0),))  # ln 2 - 0.5 + 0.5·1
    assert h[0, 0] == pytest.approx(0.6)
    assert gates == ()


def test_lstm_by_hand():
    past = Past(weight=row(1.0, -1.0, 0.5, 2.0), bias=np.zeros(4))
    share = row(LN3 - 1.0, -LN3 + 1.0, LN2 - 0.5, LN4 - 2.0)  # i, f, g, o less W h
    (h, c), (i, f, g, o) = step(lstm, past, share, (row(1.0), row(2.0)))
    assert [gate[0, 0] for gate in (i, f, g, o)] == pytest.approx([0.75, 0.25, 0.6, 0.8])
    assert c[0, 0] == pytest.approx(0.25 * 2 + 0.75 * 0.6)
    assert h[0, 0] == pytest.approx(0.8 * math.tanh(0.95))


def test_gru_by_hand():
    past = Past(weight=row(1.0, -1.0, LN2), bias=np.array([0.0, 0.0, -LN2 / 3]))
    share = row(LN3 - 1.0, -LN3 + 1.0, LN2 / 2)  # r · (ln 2 - ln 2 / 3) = ln 2 / 2 more in n
    (h,), (r, z, n) = step(gru, past, share, (row(1.0),))
    assert [gate[0, 0] for gate in (r, z, n)] == pytest.approx([0.75, 0.25, 0.6])
    assert h[0, 0] == pytest.approx(0.75 * 0.6 + 0.25 * 1)


def test_gru_with_the_reset_gate_before_the_product_by_hand():
    past = Past(weight=row(1.0, -1.0, LN2), bias=np.zeros(3))
    share = row(LN3 - 1.0, -LN3 + 1.0, LN2 / 4)  # W (r · 1) = ln 2 · 3/4 more in n
    (h,), (r, z, n) = step(gru_before, past, share, (row(1.0),))
    assert [gate[0, 0] for gate in (r, z, n)] == pytest.approx([0.75, 0.25, 0.6])
    assert h[0, 0] == pytest.approx(0.75 * 0.6 + 0.25 * 1)


def test_the_two_grus_differ_in_what_the_reset_gate_multiplies():
    random = np.random.default_rng(0)
    past = Past(random.normal(size=(3, 9)), np.zeros(9))
    share, h = random.normal(size=(1, 9)), random.normal(size=(1, 3))
    (after,), gates_after = step(gru, past, share, (h,))
    (before,), gates_before = step(gru_before, past, share, (h,))
    assert gates_after[0] == pytest.approx(gates_before[0], abs=1e-12)  # r
    assert np.abs(after - before).max() > 0.01


def test_a_closed_lstm_gate_keeps_its_cell_state_exactly():
    past = Past(weight=np.zeros((1, 4)), bias=np.zeros(4))
    state = (row(0.0), row(0.123))
    for _ in range(100):
        state, _ = step(lstm, past, row(-1e3, 1e3, 0.0, 0.0), state)
    assert state[1][0, 0] == 0.123


@pytest.mark.parametrize("backbone", CELLS)
def test_every_named_signal_is_a_state_or_a_gate(backbone):
    cell = CELLS[backbone]
    assert set(cell.SIGNALS) == set(cell.STATES) | set(cell.GATES)
    assert cell.STATES[0] == "h"
    assert cell.DEFAULT_SIGNAL in cell.SIGNALS
    assert {cell.KEEPER, cell.FORGET_GATE} <= {*cell.GATES, ""}


@pytest.mark.parametrize("backbone", CELLS)
def test_the_output_follows_from_the_states_and_the_gates(backbone):
    cell, random = CELLS[backbone], np.random.default_rng(0)
    size = len(cell.GATES) * 3
    past = Past(random.normal(size=(3, size)), np.zeros(size))
    state, gates = cell.step(
        OPS, random.normal(size=(2, size)), tuple(np.ones((2, 3)) for _ in cell.STATES), past
    )
    assert cell.output(OPS, state, gates) == pytest.approx(state[0], abs=0)


@pytest.mark.parametrize("name", CELLS)
def test_a_step_leaves_its_inputs_as_they_were(name):
    cell, random = CELLS[name], np.random.default_rng(0)
    size = len(cell.GATES) * 3
    past = Past(random.normal(size=(3, size)), random.normal(size=size))
    state = tuple(random.normal(size=(2, 3)) for _ in cell.STATES)
    share = random.normal(size=(2, size))
    before = [one.copy() for one in (share, *state)]
    step(cell, past, share, state)
    assert all((one == other).all() for one, other in zip((share, *state), before, strict=True))
    (twin(name).Step if twin(name) else lambda *given: Equations(cell, *given))(
        past, state[0], state
    )(share)
    assert (share == before[0]).all()
