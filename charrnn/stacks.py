"""The encoder and the decoder of a model that writes a text for a text, each as a network.

So what reads one long text or many short ones reads with them, too. The encoder reads the sources,
the decoder the targets: each for its source, and whatever it would have written itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from charrnn.architecture import Architecture, Decoder
from charrnn.arrays import Array
from charrnn.checkpoint import Checkpoint
from charrnn.intervention import Intervention
from charrnn.losses import surprise
from charrnn.network import Network
from charrnn.prepared import State
from charrnn.recurrence import Read
from charrnn.seq2seq import Seq2Seq
from charrnn.text.vocabulary import Ids

STACKS = ("encoder", "decoder")
TOGETHER = 256  # targets that are read at once


class Pair(NamedTuple):
    """A source as ids, after its mark; and a target, between two marks."""

    source: Ids
    target: Ids


class Part(Network):
    """The encoder or the decoder of a network. model: the whole. stack: whose part it is."""

    def __init__(self, stack: "Stack", dtype: npt.DTypeLike) -> None:
        self.model, self.stack = stack.seq2seq(dtype), stack
        is_decoder = isinstance(stack.architecture, Decoder)
        weights = self.model.within if is_decoder else stack.weights
        end = stack.record_end
        super().__init__(stack.architecture, weights, stack.vocabulary, dtype, record_end=end)

    def pushes(self, number: int) -> Array | None:
        """Return None: no softmax reads an encoder."""
        return None


class DecoderPart(Part):
    """A decoder that reads targets, each for its source.

    What is read at each step is a pair: a symbol, and the number of its text among the stack's
    pairs. Its id is number · V + the symbol's. Logits are of the next symbol.
    """

    by_texts = True

    def predicted_ids(self, ids: Read) -> Read:
        """Return the ids of the symbols among what is read, as they are predicted."""
        return cast(Read, ids % self.architecture.vocabulary)

    def pushes(self, number: int) -> Array | None:
        """Return what `Network` does; None where a tanh layer stands before the softmax."""
        return None if self.model.shape.attention == "dot" else Network.pushes(self, number)

    def logits(self, outputs: Array) -> Array:
        """Return what was read: the decoder has made its logits step by step."""
        return outputs

    def _read(
        self,
        ids: npt.NDArray[np.integer],
        state: State,
        signals: dict[str, Array],
        held: Sequence[Intervention],
        lengths: npt.NDArray[np.integer] | None = None,
        ahead: int = 0,
    ) -> tuple[Array, State]:
        """Do what `Recurrence` does, a step at a time; logits (T, N, V) are what is returned."""
        model, symbols = self.model.holding("decoder", held), self.predicted_ids(ids)
        numbers, rows = np.unique(ids // self.architecture.vocabulary, return_inverse=True)
        rows = rows.reshape(ids.shape)  # (T, N), among the sources of this chunk
        encoded = model.encode([self.stack.pairs[one].source for one in numbers.tolist()])
        logits = np.empty((*ids.shape, self.architecture.targets), self.dtype)
        here = encoded.taken(rows[0])
        for time, row in enumerate(rows):
            if time and (row != rows[time - 1]).any():
                here = encoded.taken(row)
            fresh = (symbols[time] == self.end)[:, None]
            state = tuple(
                tuple(np.where(fresh, first, part) for first, part in zip(*layer, strict=True))
                for layer in zip(here.first, state, strict=True)
            )
            seen: list[dict[str, Array]] = []
            found, state, _ = model.step(symbols[time][:, None], state, here, seen)
            logits[time] = found[:, 0]
            for name, signal in signals.items():
                signal[time] = np.concatenate([layer[name] for layer in seen], axis=-1)
        return logits, state


def losses(model: Seq2Seq, pairs: Sequence[Pair]) -> npt.NDArray[np.float64]:
    """Return what each target costs for its source, its end among it, in nats (N,).

    Each symbol is predicted from the target's own symbols before it (teacher forcing).
    """
    order = np.argsort([len(one.source) for one in pairs], kind="stable")
    costs = np.zeros(len(pairs))
    for first in range(0, len(order), TOGETHER):
        rows = order[first : first + TOGETHER]
        targets = [pairs[row].target for row in rows]
        lengths = np.array([len(one) for one in targets])
        ids = np.full((lengths.max(), len(rows)), model.end, np.int64)
        for number, one in enumerate(targets):
            ids[: len(one), number] = one
        encoded = model.encode([pairs[row].source for row in rows])
        state = encoded.first
        for time in range(1, len(ids)):
            logits, state, _ = model.step(ids[time - 1][:, None], state, encoded)
            costs[rows] += np.where(time < lengths, surprise(logits[:, 0], ids[time]), 0)
    return costs


@dataclass(frozen=True)
class Stack(Checkpoint):
    """The encoder or the decoder of a model as if it were a model.

    architecture, vocabulary, heldout: its own, the ids of a decoder's those of pairs, see
    `DecoderPart`; heldout_labels (R,): the numbers of the held-out texts among `pairs`. weights:
    of all of the model, whose shape is `whole`. pairs: the held-out ones, then others that are
    read. written: whether the model wrote targets of these itself.
    """

    whole: Architecture = field(kw_only=True)
    pairs: tuple[Pair, ...] = ()
    written: bool = False

    @property
    def learned(self) -> Architecture:
        """The shape of all weights."""
        return self.whole

    @property
    def stack(self) -> str:
        """Which of STACKS it is."""
        return self.architecture.stack

    def seq2seq(self, dtype: npt.DTypeLike = np.float32) -> Seq2Seq:
        """Return the whole network."""
        assert self.targets
        end = int(self.targets.vocabulary.encode(self.record_end)[0])
        return Seq2Seq(self.whole, self.weights, end, dtype)

    def network(self, dtype: npt.DTypeLike = np.float32, int8: bool = False) -> Part:
        """Return the network of this part. int8 is not made for it."""
        return (DecoderPart if isinstance(self.architecture, Decoder) else Part)(self, dtype)

    def read_ids(self, first: int, stop: int) -> Ids:
        """Return what it reads of some pairs, by their numbers, one after another (C,)."""
        some = self.pairs[first:stop]
        if self.stack == "encoder":
            return np.concatenate([one.source for one in some])
        size = len(self.vocabulary)
        parts = [one.target[:-1].astype(np.int64) for one in some]
        return np.concatenate([part + size * (first + n) for n, part in enumerate(parts)])
