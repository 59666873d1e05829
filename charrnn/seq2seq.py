"""A text for a text in NumPy: sources are read in batches, and answers written step by step."""

import copy
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from charrnn.architecture import DECODER, Architecture
from charrnn.arrays import Array
from charrnn.intervention import Intervention
from charrnn.losses import log_softmax
from charrnn.network import Network
from charrnn.prepared import Prepared, State
from charrnn.text.vocabulary import Ids, Vocabulary

Rows = npt.NDArray[np.intp]


class Encoded(NamedTuple):
    """Sources that were read, N of them.

    memory (N, S, M): the encoder's outputs; keys (N, S, H): what the decoder compares its own with.
    behind (N, S): where a source is over. c (N, M): the output at which each direction has read the
    whole source. first: the decoder's state before the first symbol.
    """

    memory: Array
    keys: Array
    behind: npt.NDArray[np.bool_]
    c: Array
    first: State

    def taken(self, rows: Rows) -> "Encoded":
        """Return some of them."""
        first = tuple(tuple(part[rows] for part in layer) for layer in self.first)
        return Encoded(self.memory[rows], self.keys[rows], self.behind[rows], self.c[rows], first)


class Seq2Seq:
    """A trained encoder and its decoder. What N sources have B answers each, M = N · B together.

    end: the id that begins and ends a target.
    """

    def __init__(
        self,
        architecture: Architecture,
        weights: Mapping[str, npt.NDArray[np.generic]],
        end: int,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        assert architecture.decoder
        self.shape, self.dtype, self.end = architecture.decoder, np.dtype(dtype), end
        self.encoder = Network(architecture, weights, Vocabulary(""), dtype)
        self.within = within = {
            name.removeprefix(DECODER): value
            for name, value in weights.items()
            if name.startswith(DECODER)
        }
        self.decoder = Prepared(self.shape, within, dtype)
        self._of: dict[str, Array] = {
            name: np.ascontiguousarray(within[name].T, self.dtype)
            for name in self.shape.shapes()
            if name.partition(".")[0] in ("bridge", "query", "key", "energy", "joint")
        }
        self._head: Array = self.decoder.head[0]
        self._bias: Array = self.decoder.head[1]
        if self.shape.attention != "dot":  # the head reads h, the last symbol and c
            hidden, symbol = self.shape.hidden, self.shape.of_character
            self._head, of_symbol, self._of_c = np.split(self._head, [hidden, hidden + symbol])
            if self.shape.embedding:
                of_symbol = np.asarray(within["embedding.weight"], self.dtype) @ of_symbol
            self._of_symbol = of_symbol + self._bias  # (V, V)

        self._held: dict[str, Sequence[Intervention]] = {"encoder": (), "decoder": ()}

    def holding(self, stack: str, held: Sequence[Intervention]) -> Self:
        """Return the model with units of its encoder or decoder set from outside."""
        made = copy.copy(self)
        made._held = self._held | {stack: held}
        return made

    def encode(self, sources: Sequence[Ids]) -> Encoded:
        """Read sources as ids, each after the mark of its beginning."""
        lengths = np.array([len(one) for one in sources])
        ids = np.zeros((lengths.max(), len(sources)), np.int64)
        for number, one in enumerate(sources):
            ids[: len(one), number] = one
        outputs = self.encoder.read_texts(ids, lengths, self._held["encoder"])  # (S, N, M)
        c = outputs[lengths - 1, np.arange(len(sources))]
        if self.encoder.architecture.bidirectional:
            half = self.encoder.architecture.hidden
            c = np.concatenate([c[:, :half], outputs[0, :, half:]], axis=1)
        memory = np.ascontiguousarray(outputs.transpose(1, 0, 2))
        keys = memory @ self._of["key.weight"] if "key.weight" in self._of else memory
        behind = np.arange(len(ids)) >= lengths[:, None]
        return Encoded(memory, keys, behind, c, self._first(c))

    def _first(self, c: Array) -> State:
        """Return the state before the first symbol, of c (N, M)."""
        states, hidden = len(self.shape.cell.STATES), self.shape.hidden
        values = np.tanh(c @ self._of["bridge.weight"] + self._of["bridge.bias"])
        parts = np.split(values, range(hidden, values.shape[1], hidden), axis=1)
        return tuple(tuple(parts[first : first + states]) for first in range(0, len(parts), states))

    def step(
        self,
        ids: npt.NDArray[np.integer],
        state: State,
        encoded: Encoded,
        seen: list[dict[str, Array]] | None = None,
    ) -> tuple[Array, State, Array]:
        """Read the last symbol of each answer (N, B).

        state (M, H) each. Returns the logits (N, B, V) of the next one, the new state, and the
        weights (N, B, S) of the attention, which add up to 1 over each source. seen: takes the
        signals of each layer (M, H), by their names.
        """
        lead, kind = ids.shape, self.shape.attention
        share = self.decoder.layers[0].weight[ids]  # (N, B, G · H)
        weights: Array = np.zeros((*lead, encoded.memory.shape[1]), self.dtype)
        c = encoded.c[:, None]  # (N, 1, M)
        if kind == "additive":
            weights = self._weights(state[0][0].reshape(*lead, -1), encoded)
            c = np.matmul(weights, encoded.memory)  # (N, B, M)
        if kind != "dot":
            share = share + c @ self.decoder.beside
        h, state = self._through(share.reshape(-1, share.shape[-1]), state, seen)
        h = h.reshape(*lead, -1)  # (N, B, H)
        if kind != "dot":
            return h @ self._head + self._of_symbol[ids] + c @ self._of_c, state, weights
        weights = self._weights(h, encoded)
        both = np.concatenate([h, weights @ encoded.memory], axis=-1)
        joint = np.tanh(both @ self._of["joint.weight"] + self._of["joint.bias"])
        return joint @ self._head + self._bias, state, weights

    def _weights(self, h: Array, encoded: Encoded) -> Array:
        """Return how much each output of the encoder counts (N, B, S) for h (N, B, H)."""
        if self.shape.attention == "dot":
            scores: Array = h @ encoded.keys.transpose(0, 2, 1)
        else:
            query = h @ self._of["query.weight"] + self._of["query.bias"]
            bent = np.tanh(encoded.keys[:, None] + query[:, :, None])  # (N, B, S, H)
            scores = (bent @ self._of["energy.weight"])[..., 0]
        scores = np.where(encoded.behind[:, None], -np.inf, scores)
        weights: Array = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return weights

    def _through(
        self, share: Array, state: State, seen: list[dict[str, Array]] | None
    ) -> tuple[Array, State]:
        """Advance all layers; share (M, G · H) is the first one's. Return what is above them."""
        passed: list[Array] = []
        states: list[tuple[Array, ...]] = []
        cell = self.shape.cell
        names = [name for name in cell.GATES if name not in cell.STATES]
        for number, (layer, before) in enumerate(zip(self.decoder.layers, state, strict=True)):
            if passed:
                share = passed[-1] @ layer.weight + layer.bias
            current = tuple(part.copy() for part in before)
            advance = self.decoder.steps(layer.recurrent, current[0], current)
            advance(share)
            gates = dict(zip(names, advance.gates, strict=False))
            for one in self._held["decoder"]:
                if one.layer == number:
                    one.apply(cell, current, gates)
            if seen is not None:
                seen.append(gates | dict(zip(cell.STATES, current, strict=True)))
            states.append(current)
            passed.append(self.decoder.output_of(current[0], passed))
        return passed[-1], tuple(states)

    def log_probabilities(self, source: Ids, target: Ids) -> tuple[Array, Array]:
        """Return those of each symbol that may follow in a target, and the attention's weights.

        They are (T - 1, V) and (T - 1, S). target (T,): after its mark. Each step reads
        the target's own symbols.
        """
        encoded = self.encode([source])
        state, logs, weights = encoded.first, [], []
        for one in target[:-1].tolist():
            logits, state, weight = self.step(np.array([[one]]), state, encoded)
            logs.append(log_softmax(logits[0, 0].astype(np.float64)))
            weights.append(weight[0, 0])
        return np.array(logs), np.array(weights)
