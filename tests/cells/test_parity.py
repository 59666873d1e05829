"""Every implementation of every cell against the cell's own equations.

The oracle reads each text alone, without padding, by `step` in float64; its gradient is torch's.
Cells and implementations are found by name: a new one is tested without a change here.
"""

import functools
import itertools
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.cells.cell import Past
from charrnn.fast import has_int8
from charrnn.fast.in_place.step import twin
from charrnn.network import Network
from charrnn.text.vocabulary import Vocabulary
from charrnn.training import kernels, stack, torch_nn
from charrnn.training.equations import Equations, Weights
from charrnn.training.inputs import looked_up
from charrnn.training.kernels import layer

ALPHABET, EMBEDDING = "\nabcde", 4  # a text begins with \n
TORCH = [name for name, cell in CELLS.items() if cell.TORCH]
TRAINING = {
    "equations": list(CELLS),
    "fused": [name for name in CELLS if kernels.engine(name, threads=1)],
    "a layer of torch.nn": TORCH,
    "a module of torch.nn": TORCH,
}
RUNNING = {"equations": list(CELLS), "in place": [name for name in CELLS if twin(name)]}


class Case(NamedTuple):
    """Sizes of a test. inputs: one-hot ids, embedded ids or plain numbers. ragged: lengths."""

    steps: int
    streams: int
    hidden: int
    layers: int
    inputs: str
    ragged: bool


CASES = [
    Case(*sizes, *rest)
    for sizes in ((1, 1, 1, 1), (5, 3, 33, 1), (6, 3, 5, 3))
    for rest in itertools.product(("one-hot", "embedded", "plain"), (False, True))
]
OF_IDS = [case for case in CASES if case.inputs != "plain"]


class Given(NamedTuple):
    """What is run. first: states, alike in all streams. leaves: what has a gradient."""

    shape: Architecture
    rnn: Weights
    ids: Tensor  # (T, N)
    x: Tensor | None
    first: stack.State
    lengths: Tensor | None
    leaves: list[Tensor]


class Truth(NamedTuple):
    """What all must agree with; zero behind a text's end. signals (T, N, runs · H), by name."""

    outputs: Tensor
    last: list[Tensor]
    gradients: list[Tensor]
    signals: dict[str, Tensor]


class Ops:
    sigmoid, tanh = torch.sigmoid, torch.tanh

    @staticmethod
    def split(array, parts):
        return array.chunk(parts, dim=-1)


def filled_with_nan(make):
    """Return what makes fresh memory so that what is read before it is written shows."""

    def made(*of, **how):
        fresh = make(*of, **how)
        if "float" in str(fresh.dtype):
            fresh[...] = float("nan")
        return fresh

    return made


@pytest.fixture
def nan_in_torch(monkeypatch):
    for owner, name in ((torch.Tensor, "new_empty"), (torch, "empty_like")):
        monkeypatch.setattr(owner, name, filled_with_nan(getattr(owner, name)))


@pytest.fixture
def nan_in_numpy(monkeypatch):
    for name in ("empty", "empty_like"):
        monkeypatch.setattr(np, name, filled_with_nan(getattr(np, name)))


def given(name: str, case: Case, both: bool, dtype: torch.dtype) -> Given:
    """Draw it, the same numbers in each dtype."""
    torch.manual_seed(0)
    inputs = 0 if case.inputs == "one-hot" else EMBEDDING
    sizes = case.layers, case.hidden, len(ALPHABET), inputs
    shape = Architecture(name, *sizes, learned_start=True, bidirectional=both)
    rnn = Weights(shape).to(dtype)
    leaves = list(rnn.parameters())

    def drawn(*sizes: int, times: int = 1) -> Tensor:
        leaves.append(torch.randn(sizes).to(dtype).repeat_interleave(times, 0).requires_grad_())
        return leaves[-1]

    first = tuple(
        tuple(drawn(1, case.hidden, times=case.streams) for _ in CELLS[name].STATES)
        for _ in range(shape.runs)
    )
    ids = torch.randint(1, len(ALPHABET), (case.steps, case.streams))
    ids[0] = 0
    x = None
    if case.inputs != "one-hot":
        x = drawn(*(ids.shape if case.inputs == "plain" else (len(ALPHABET),)), EMBEDDING)
    lengths = None
    if case.ragged:
        lengths = torch.tensor([case.steps - 1, case.steps, 1])[: case.streams].clamp(min=1)
    return Given(shape, rnn, ids, x, first, lengths, leaves)


def gradients(outputs: Tensor, last: list[Tensor], leaves: list[Tensor]) -> list[Tensor]:
    """Return those of a weighted sum of what is read."""
    torch.manual_seed(1)
    weighted = [(part * torch.randn(part.shape).to(part.dtype)).sum() for part in (outputs, *last)]
    return list(torch.autograd.grad(sum(weighted), leaves))


def alone(name, x, weights, state) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Read one text x (T, E) by a cell's equations; return its last states and all signals."""
    cell, (weight_ih, weight_hh, bias_ih, bias_hh) = CELLS[name], weights
    inner = torch.tensor([gate in cell.INNER for gate in cell.GATES])
    inner = inner.repeat_interleave(weight_hh.shape[1])
    past = Past(weight_hh.T, bias_hh * inner)
    state, seen = tuple(part[None] for part in state), []
    for row in x:
        share = row[None] @ weight_ih.T + bias_ih + bias_hh * ~inner
        state, gates = cell.step(Ops, share, state, past)
        seen.append(gates | dict(zip(cell.STATES, state, strict=True)))
    return [part[0] for part in state], {
        name: torch.cat([one[name] for one in seen]) for name in seen[0]
    }


@functools.cache
def truth(name: str, case: Case, both: bool) -> Truth:
    """Read each text alone, layer by layer, each direction in its own order."""
    shape, rnn, ids, x, first, lengths, leaves = given(name, case, both, torch.float64)
    if case.inputs != "plain":
        x = (torch.eye(len(ALPHABET), dtype=torch.float64) if x is None else x)[ids]
    ends = [case.steps] * case.streams if lengths is None else lengths.tolist()
    size = case.steps, case.streams, shape.runs, case.hidden
    signals = {signal: x.new_zeros(size) for signal in shape.cell.SIGNALS}
    outputs, last = x.new_zeros(*size[:2], shape.width), [[] for _ in first]
    for stream, end in enumerate(ends):
        read = x[:end, stream]
        for below in range(0, shape.runs, 1 + both):
            said = []
            for run in range(below, below + 1 + both):
                order = slice(None) if run == below else torch.arange(end - 1, -1, -1)
                before = [part[stream] for part in first[run]]
                state, seen = alone(name, read[order], rnn.all_weights[run], before)
                last[run].append(state)
                said.append(seen["h"][order])
                for signal, values in seen.items():
                    signals[signal][:end, stream, run] = values[order].detach()
            read = torch.cat(said, dim=1)
        outputs[:end, stream] = read
    ends_of_all = [torch.stack(part) for run in last for part in zip(*run, strict=True)]
    flat = {signal: values.flatten(2) for signal, values in signals.items()}
    return Truth(outputs, ends_of_all, gradients(outputs, ends_of_all, leaves), flat)


def expect_near(found, wanted, bound: float, where) -> None:
    """NaN is never near."""
    found, wanted = torch.as_tensor(found), torch.as_tensor(wanted).detach()
    far = (found.double() - wanted).abs().max() / max(1, wanted.abs().max())
    assert far < bound, where


def each(implementations):
    pairs = [(kind, name) for kind, names in implementations.items() for name in names]
    return pytest.mark.parametrize(("kind", "name"), pairs)


both_ways = pytest.mark.parametrize("both", [False, True], ids=["forwards", "both ways"])
bounds = [(torch.float64, 1e-10), (torch.float32, 1e-5)]
dtypes = pytest.mark.parametrize(("dtype", "bound"), bounds, ids=["float64", "float32"])


def trained(kind: str, made: Given, ids: Tensor | None) -> tuple[Tensor, stack.State]:
    """Run the forward pass of an implementation that can be trained."""
    shape, rnn = made.shape, made.rnn
    if kind == "a module of torch.nn":
        module = torch_nn.module(replace(shape, embedding=rnn.all_weights[0][0].shape[1]))
        weights = dict(zip(module.state_dict(), rnn.parameters(), strict=True))
        x = looked_up(ids, made.x, rnn.all_weights[0][0])
        return torch_nn.whole(
            lambda *of: torch.func.functional_call(module, weights, of), x, made.first, made.lengths
        )
    runner = {
        "equations": lambda: Equations(shape.cell),
        "fused": lambda: kernels.engine(shape.cell_name, threads=2),
        "a layer of torch.nn": lambda: torch_nn.TorchLayer(shape.cell.TORCH),
    }[kind]()
    return stack.run(runner, rnn, ids, made.x, made.first, lengths=made.lengths)


@both_ways
@dtypes
@each(TRAINING)
def test_outputs_states_and_gradients_are_those_of_the_equations(
    kind, name, dtype, bound, both, monkeypatch, nan_in_torch
):
    monkeypatch.setattr(layer, "SMALLEST_SHARD", 1)
    for case in CASES:
        made, wanted = given(name, case, both, dtype), truth(name, case, both)
        ids = None if case.inputs == "plain" else made.ids
        outputs, last = trained(kind, made, ids)
        last = list(itertools.chain(*last))
        found = [part.detach().clone() for part in (outputs, *last)]  # a kernel writes over them
        found += gradients(outputs, last, made.leaves)
        all_wanted = [wanted.outputs, *wanted.last, *wanted.gradients]
        for one, other in zip(found, all_wanted, strict=True):
            expect_near(one, other, bound, case)


def network_of(kind: str, made: Given, dtype: torch.dtype, monkeypatch, int8=False) -> Network:
    """Return a network of NumPy with the same weights, and a head drawn at random."""
    if kind == "equations":
        monkeypatch.setattr("charrnn.prepared.twin", lambda name: None)
    weights = {f"rnn.{name}": value for name, value in made.rnn.named_parameters()}
    if made.shape.embedding:
        weights["embedding.weight"] = made.x
    for signal, parts in zip(made.shape.cell.STATES, zip(*made.first, strict=True), strict=True):
        weights[f"initial.{signal}"] = torch.stack([part[0] for part in parts])
    torch.manual_seed(2)
    for part in ("head.weight", "head.bias"):
        weights[part] = torch.randn(made.shape.shapes()[part])
    arrays = {name: value.detach().numpy() for name, value in weights.items()}
    kind = str(dtype).removeprefix("torch.")
    return Network(made.shape, arrays, Vocabulary.of(ALPHABET), kind, int8, record_end="\n")


@both_ways
@dtypes
@each(RUNNING)
def test_outputs_and_all_signals_of_a_network_are_those_of_the_equations(
    kind, name, dtype, bound, both, monkeypatch, nan_in_numpy
):
    for case in OF_IDS:
        made, wanted = given(name, case, both, dtype), truth(name, case, both)
        network = network_of(kind, made, dtype, monkeypatch)
        lengths = torch.full((case.streams,), case.steps) if made.lengths is None else made.lengths
        inside = (torch.arange(case.steps)[:, None] < lengths)[..., None]
        outputs = network.read_texts(made.ids.numpy(), lengths.numpy())
        expect_near(torch.where(inside, torch.as_tensor(outputs), 0), wanted.outputs, bound, case)
        ids = torch.where(inside[..., 0], made.ids, 0).numpy()  # the next text begins at the end
        seen = network.run(ids, record=list(made.shape.cell.SIGNALS)).signals
        for signal, values in wanted.signals.items():
            found = torch.where(inside, torch.as_tensor(seen[signal]), 0)
            expect_near(found, values, bound, (case, signal))


@dtypes
@each(RUNNING)
def test_step_by_step_logits_states_and_gates_are_those_of_the_equations(
    kind, name, dtype, bound, monkeypatch, nan_in_numpy
):
    for case in [case for case in OF_IDS if not case.ragged]:
        made, wanted = given(name, case, False, dtype), truth(name, case, False)
        network = network_of(kind, made, dtype, monkeypatch)
        weight, bias = (torch.as_tensor(part).double() for part in network.head)
        stepper = network.stepper(case.streams)
        states = made.shape.cell.STATES
        gates = [gate for gate in made.shape.cell.GATES if gate not in states]
        for time, ids in enumerate(made.ids.numpy()):
            logits = stepper.step(ids)
            expect_near(logits, wanted.outputs[time] @ weight + bias, bound, case)
            seen = dict(zip(states, zip(*stepper.state, strict=True), strict=True))
            gates_of_layers = zip(*(step.gates for step in stepper._steps), strict=True)
            seen |= zip(gates, gates_of_layers, strict=False)  # a gate without a name is a state
            assert set(seen) == set(made.shape.cell.SIGNALS)
            for signal, layers in seen.items():
                found = np.concatenate([np.atleast_2d(one) for one in layers], axis=-1)
                expect_near(found, wanted.signals[signal][time], bound, (case, signal))


@pytest.mark.parametrize("inputs", ["one-hot", "embedded"])
@pytest.mark.parametrize("name", [name for name in CELLS if has_int8(name)])
def test_in_int8_the_loss_is_within_a_hundredth_of_a_nat(name, inputs, monkeypatch):
    case = Case(300, 1, 40, 2, inputs, ragged=False)
    made, wanted = given(name, case, False, torch.float32), truth(name, case, False)
    network = network_of("int8", made, torch.float32, monkeypatch, int8=True)
    stepper, ids = network.stepper(1), made.ids.numpy()
    found = torch.as_tensor(np.concatenate([stepper.step(one) for one in ids]))
    weight, bias = (torch.as_tensor(part).double() for part in network.head)
    logits = wanted.outputs[:, 0] @ weight + bias
    targets = made.ids.roll(-1)[:, 0]
    exact, near = (torch.nn.functional.cross_entropy(one, targets) for one in (logits, found))
    assert not torch.equal(found.double(), logits)
    assert abs(near - exact) < 0.01
