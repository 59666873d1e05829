"""The network in torch: torch.nn's recurrent modules between an embedding and a softmax."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from charrnn.architecture import Architecture


class ResetBeforeGRU(nn.GRU):
    """torch.nn.GRU with the reset gate before the recurrent product, step by step.

    The equations are those of `charrnn.cells.gru_before`; torch.nn has the other form only.
    """

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Read input (T, N, E) on from hx (layers, N, H); return the outputs and the last h."""
        if hx is None:
            hx = input.new_zeros(self.num_layers, input.shape[1], self.hidden_size)
        last = []
        for layer, h in enumerate(hx):
            weight_ih, weight_hh, bias_ih, bias_hh = self.all_weights[layer]
            of_gates, of_candidate = torch.split(
                weight_hh, [2 * self.hidden_size, self.hidden_size]
            )
            outputs = []
            for share in nn.functional.linear(input, weight_ih, bias_ih + bias_hh):
                of_rz, of_n = torch.split(share, [2 * self.hidden_size, self.hidden_size], dim=1)
                r, z = torch.sigmoid(of_rz + h @ of_gates.t()).chunk(2, dim=1)
                n = torch.tanh(of_n + (r * h) @ of_candidate.t())
                h = n + z * (h - n)
                outputs.append(h)
            input = torch.stack(outputs)
            last.append(h)
        return input, torch.stack(last)


MODULES: dict[str, type[nn.LSTM | nn.GRU | nn.RNN]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "gru_before": ResetBeforeGRU,
    "vanilla": nn.RNN,
}


class CharacterModel(nn.Module):
    """Reads ids and returns, at each step, the logits of the next character.

    fused: whether our own kernels run the recurrence, on the CPU, instead of torch.nn's; the
    weights and the numbers are the same.
    """

    def __init__(self, architecture: Architecture, fused: bool = False) -> None:
        super().__init__()
        self.architecture = architecture
        self.engine = _engine(architecture) if fused else None
        self.embedding = (
            nn.Embedding(architecture.vocabulary, architecture.embedding)
            if architecture.embedding
            else None
        )
        self.rnn = MODULES[architecture.cell_name](
            input_size=architecture.inputs,
            hidden_size=architecture.hidden,
            num_layers=architecture.layers,
        )
        self.head = nn.Linear(architecture.hidden, architecture.vocabulary)

    def forward(self, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Read ids (T, N) on from a state; return the logits (T, N, V) and the new state.

        state: as torch.nn's module takes it, (layers, N, H) each; None is zero.
        """
        if self.engine:
            from charrnn.training.kernels import stack

            table = None if self.embedding is None else self.embedding.weight
            outputs, state = stack.run(self.engine, self.rnn, ids, table, state)
            return self.head(outputs), state
        if self.embedding is None:
            inputs = self.head.weight.new_zeros(*ids.shape, self.architecture.vocabulary)
            inputs.scatter_(2, ids[..., None], 1)
        else:
            inputs = self.embedding(ids)
        outputs, state = self.rnn(inputs, state)
        return self.head(outputs), state

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the first weights.

        Input and output matrices: uniform within ± 1 / √H, as in torch.nn. Recurrent matrices:
        orthogonal, gate by gate (Saxe et al. 2014). Biases zero, the LSTM's forget gate 1, so
        that it remembers from the start (Jozefowicz et al. 2015). Embeddings: normal.
        """
        hidden = self.architecture.hidden
        bound = hidden**-0.5
        for name, parameter in self.named_parameters():
            if name.startswith("embedding"):
                nn.init.normal_(parameter, generator=generator)
            elif "weight_hh" in name:
                for gate in torch.split(parameter.detach(), hidden):
                    nn.init.orthogonal_(gate, generator=generator)
            elif "bias" in name:
                nn.init.zeros_(parameter)
            else:
                nn.init.uniform_(parameter, -bound, bound, generator=generator)
            if "bias_ih" in name and "f" in self.architecture.cell.GATES:
                start = self.architecture.cell.GATES.index("f") * hidden
                nn.init.ones_(parameter.detach()[start : start + hidden])

    def to_numpy(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return a copy of every weight under its name."""
        return {name: value.cpu().numpy().copy() for name, value in self.state_dict().items()}


def _engine(architecture: Architecture) -> Any:
    from charrnn.training.kernels.layer import Engine  # compiled by numba, which may be missing

    return Engine(architecture.cell_name, torch.get_num_threads())


def detach(state: Any) -> Any:
    """Cut a state off from its past: the truncation in truncated back-propagation."""
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
