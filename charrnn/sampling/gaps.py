"""What may stand in a gap, by a network that predicts each character from both sides.

A gap of one character takes one pass. Of a longer one each character is predicted from its
neighbours, of which some are in the gap themselves. A filling is scored by what its characters and
those NEAR the gap cost, each given all others: the pseudo-likelihood (Besag 1975; of masked
language models, Salazar et al. 2020). Beams from both ends propose fillings; then single characters
are exchanged for likelier ones for as long as that helps.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.losses import log_softmax
from charrnn.network import Network
from charrnn.prepared import State
from charrnn.sampling.search import select
from charrnn.text.vocabulary import Ids

WIDTH = 32  # fillings that are kept
TRIED = 3  # characters that are tried in place of each of a filling's
ROUNDS = 12  # of exchanges, at most
NEAR = 8  # characters on either side whose costs count, too

Paths = npt.NDArray[np.intp]


class Scored(NamedTuple):
    """Fillings (N, K), what each costs in nats (N,), and the log-probabilities (N, K, V)."""

    paths: Paths
    costs: npt.NDArray[np.float64]
    logs: Array


@dataclass(frozen=True)
class Gap:
    """What is known of a gap: ids near it, and what each direction has read up to it.

    near: NEAR ids before and after, or fewer. states: of each direction's layers (1, H), at the
    gap. outputs: of each direction (n, ·) beside each of the near ids on its own side, from left to
    right; forwards before it, backwards after it.
    """

    network: Network
    near: tuple[Ids, Ids]
    states: tuple[State, State]
    outputs: tuple[list[Array], list[Array]]

    @classmethod
    def of(cls, network: Network, before: Ids, after: Ids) -> "Gap":
        """Read what stands before a gap, and what follows it."""
        first = network.start()
        starts = first[::2], first[1::2]
        near = before[max(0, len(before) - NEAR) :], after[:NEAR]
        states, outputs = [], []
        for way, ids in enumerate((before, after)):
            passed: list[Array] = []
            state = starts[way]
            if len(ids):
                passed, state = network.along(way, ids[:, None], starts[way])
            begun = [edge[None] for edge in network.outputs_of(starts[way])]
            whole = [
                np.concatenate([one, edge][:: -1 if way == 0 else 1])
                for one, edge in zip(passed or [edge[:0] for edge in begun], begun, strict=True)
            ]  # (n + 1, 1, H), at the outer end that of the first state
            count = len(near[way])
            outputs.append(
                [one[-1 - count : -1] if way == 0 else one[1 : 1 + count] for one in whole]
            )
            states.append(state)
        return cls(network, near, (states[0], states[1]), (outputs[0], outputs[1]))

    def logs(self, ahead: list[Array], back: list[Array]) -> Array:
        """Return log-probabilities (…, V) of the outputs before characters and after them."""
        network = self.network
        sides = [np.concatenate(pair, axis=-1) for pair in zip(ahead, back, strict=True)]
        logits = network.logits(network.head_input(sides))
        logs: Array = log_softmax(logits.astype(np.float64))
        if network.end is not None:
            logs[..., network.end] = -np.inf  # the gap is inside a record
        return logs

    def score(self, paths: Paths) -> Scored:
        """Score fillings (N, K)."""
        network, (left, right) = self.network, self.near
        count, size = paths.shape
        shared = [np.repeat(side[:, None].astype(np.intp), count, axis=1) for side in (left, right)]
        within = [self._along(way, paths.T, shared[1 - way]) for way in (0, 1)]
        known = [[np.repeat(one, count, axis=1) for one in side] for side in self.outputs]
        ahead = [np.concatenate(pair) for pair in zip(known[0], within[0], strict=True)]
        back = [np.concatenate(pair) for pair in zip(within[1], known[1], strict=True)]
        logs = self.logs(ahead, back)  # (L + K + R, N, V)
        ids = np.concatenate([shared[0], paths.T, shared[1]])
        steps, lanes = np.ogrid[: len(ids), :count]
        gap = slice(len(left), len(left) + size)
        found = logs[steps, lanes, ids]
        found[: gap.start][ids[: gap.start] == network.end] = 0  # a mark is not predicted
        found[gap.stop :][ids[gap.stop :] == network.end] = 0
        return Scored(paths, -found.sum(axis=0), logs[gap].transpose(1, 0, 2))

    def _along(self, way: int, gap: Paths, beyond: Paths) -> list[Array]:
        """Return the outputs beside the characters of fillings (K, N), and those beyond the gap."""
        state = select(self.states[way], np.zeros(gap.shape[1], np.intp))
        edge = [one[None] for one in self.network.outputs_of(state)]
        whole = np.concatenate([gap, beyond] if way == 0 else [beyond, gap])
        passed, _ = self.network.along(way, whole, state)
        if way == 0:
            return [np.concatenate([a, b[:-1]]) for a, b in zip(edge, passed, strict=True)]
        return [np.concatenate([b[1:], a]) for a, b in zip(edge, passed, strict=True)]

    def beam(self, way: int, size: int) -> Paths:
        """Return fillings of a size that a beam in one direction finds.

        It reads on from one end; the other side is taken to follow at once.
        """
        network = self.network
        state = self.states[way]
        other = network.outputs_of(self.states[1 - way])
        costs, paths = np.zeros(1), np.zeros((1, 0), np.intp)
        for _ in range(size):
            here = network.outputs_of(state)
            there = [np.repeat(one, len(paths), axis=0) for one in other]
            logs = self.logs(*((here, there) if way == 0 else (there, here)))
            scores = costs[:, None] - logs
            order = np.argsort(scores, axis=None, kind="stable")[:WIDTH]
            order = order[np.isfinite(scores.reshape(-1)[order])]
            streams, ids = np.divmod(order, scores.shape[1])
            costs = scores[streams, ids]
            added = [paths[streams], ids[:, None]]
            paths = np.concatenate(added if way == 0 else added[::-1], axis=1)
            _, state = network.along(way, ids[None], select(state, streams))
        return paths


def of_one(gap: Gap) -> Scored:
    """Return every character for a gap of one, the likeliest first, and what each costs."""
    logs = gap.logs(*(gap.network.outputs_of(state) for state in gap.states))  # (1, V)
    size = logs.shape[1]
    return best(
        Scored(np.arange(size)[:, None], -logs[0], np.repeat(logs[None], size, axis=0)), size
    )


def search(gap: Gap, size: int) -> Scored:
    """Return fillings of a size, see above, the likeliest first."""
    if size == 1:
        return of_one(gap)
    paths = np.unique(np.concatenate([gap.beam(way, size) for way in (0, 1)]), axis=0)
    found = best(gap.score(paths), WIDTH)
    for _ in range(ROUNDS):
        new = exchanged(found)
        after = best(joined(found, gap.score(new)), WIDTH)
        if np.array_equal(after.paths, found.paths):
            break
        found = after
    return found


def exchanged(found: Scored) -> Paths:
    """Return fillings in which one character of one that was found is exchanged for a likelier."""
    likeliest = np.argsort(-found.logs, axis=-1)[..., :TRIED]  # (N, K, TRIED)
    count, size, tried = likeliest.shape
    new = np.broadcast_to(found.paths[:, None, None], (count, size, tried, size)).copy()
    for place in range(size):
        new[:, place, :, place] = likeliest[:, place]
    return np.unique(new.reshape(-1, size), axis=0)


def joined(one: Scored, other: Scored) -> Scored:
    """Return two sets of fillings as one, each once."""
    paths, first = np.unique(np.concatenate([one.paths, other.paths]), axis=0, return_index=True)
    return Scored(
        paths,
        np.concatenate([one.costs, other.costs])[first],
        np.concatenate([one.logs, other.logs])[first],
    )


def best(found: Scored, most: int) -> Scored:
    """Return the fillings that cost least, in order."""
    order = np.argsort(found.costs, kind="stable")[:most]
    order = order[np.isfinite(found.costs[order])]
    return Scored(found.paths[order], found.costs[order], found.logs[order])
