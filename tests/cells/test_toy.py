"""A cell declared here, and nowhere else, does all that the program does with its own."""

import io
from typing import ClassVar

import numpy as np
import pytest

from charrnn import checkpoint
from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.cells.cell import Rate, Signal
from charrnn.checkpoint import Checkpoint
from charrnn.cli.app import app
from charrnn.config import resolve
from charrnn.initialisation import first_weights
from charrnn.text.corpus import Corpus
from charrnn.training.trainer import train


class Toy:
    """A slow state m, read through a gate: h = tanh(m), m = k ∘ m + (1 - k) ∘ n."""

    NAME = "toy"
    GATES = ("k", "n")
    STATES = ("h", "m")
    SIGNALS: ClassVar = {
        "h": Signal(-1, 1, "output"),
        "m": Signal(-1, 1, "slow state", squashed=True),
        "k": Signal(0, 1, "keep gate; 1 keeps the old state"),
        "n": Signal(-1, 1, "candidate"),
    }
    DEFAULT_SIGNAL = "m"
    INNER = ("n",)
    JOINED = False
    KEEPER = "k"
    FORGET_GATE = "k"
    RATE = Rate(0.007)
    TORCH = ""

    @staticmethod
    def step(ops, share, state, past):
        """Advance by one character; share (N, 2H), h and m (N, H)."""
        h, m = state
        k, n = ops.split(share, 2)
        of_k, of_n = ops.split(h @ past.weight + past.bias, 2)
        gates = {"k": ops.sigmoid(k + of_k), "n": 2 * (n + of_n)}
        m = gates["n"] + gates["k"] * (m - gates["n"])
        return (ops.tanh(m), m), gates

    @staticmethod
    def output(ops, state, gates):
        """Return h (N, H)."""
        return ops.tanh(state[1])


TEXT = "she sells sea shells by the sea shore.\n" * 300


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(CELLS, "toy", Toy)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))  # nothing is piped in


def trained(folder, **settings) -> Checkpoint:
    folder.mkdir()
    small = {"backbone": "toy", "hidden": 12, "batch": 4, "sequence": 16, "validate_every": 60}
    resolved = resolve(small | {"steps": 60, "learning_rate": 0.02} | settings, None, {})
    list(train(resolved, Corpus("sea", TEXT, ""), folder))
    return checkpoint.load(folder / "best.safetensors")


def test_a_cell_needs_a_declaration_and_a_registration_alone(tmp_path, capsys):
    made = trained(tmp_path / "made", layers=2)
    assert made.architecture.cell is Toy
    assert made.network().score(TEXT[:200]) < 1  # nats; 2.5 is a guess among all

    def shown(command: str) -> str:
        app([*command.split(), str(tmp_path / "made")], prog_name="charrnn", standalone_mode=False)
        return capsys.readouterr().out

    assert len(shown("sample --seed 1 -n 50")) >= 50
    assert "neuron 3 (layer 1, unit 3) · tanh(m), slow state" in shown("inspect neuron 3 -m")
    assert "space" in shown("inspect find space -m")
    assert "keep gate k" in shown("inspect gates -m")


def test_training_begins_with_the_gate_open_that_the_cell_declares():
    shape = Architecture("toy", 1, 3, vocabulary=5)
    first = first_weights(shape, np.random.default_rng(0), forget_bias=2.5)
    assert first["rnn.bias_ih_l0"].tolist() == [2.5, 2.5, 2.5, 0, 0, 0]  # k, n


def test_without_a_kernel_of_its_own_the_fused_ones_are_as_good_as_none(tmp_path):
    fused, plain = (
        trained(tmp_path / kernel, kernel=kernel, steps=9) for kernel in ("fused", "torch")
    )
    for name, weight in fused.weights.items():
        assert (weight == plain.weights[name]).all()
