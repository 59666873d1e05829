"""Threads: how many share a product, and how long one that waits goes on spinning.

Where other work keeps a core busy, one of two threads that share a small product is often not
running, and the other spins until it is: several times slower than one thread alone.
"""

import math
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

# Read when NumPy and torch are imported: spin some thousand times, or for 2^18 ticks of the clock,
# a tenth of a millisecond, then sleep.
SPINNING = {"GOMP_SPINCOUNT": "1000", "OPENBLAS_THREAD_TIMEOUT": "18"}
COUNTS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
WORTH_TWO = 1 << 21  # weights of a matrix, from which on two threads are faster than one
PRODUCTS_WORTH_TWO = 1 << 22  # the same, where each is read for many streams: weights · streams


def sleep_soon() -> None:
    """Let threads that wait sleep soon, unless the environment says how they wait."""
    if "OMP_WAIT_POLICY" not in os.environ:
        for name, value in SPINNING.items():
            os.environ.setdefault(name, value)


def suit(shapes: Iterable[tuple[int, ...]], streams: int = 1) -> None:
    """Let NumPy's products take one thread each, unless a matrix of these shapes is worth two.

    streams: that are advanced together. A number that the environment gives stands.
    """
    largest = max(map(math.prod, shapes))
    worth = largest >= WORTH_TWO or (streams > 1 and largest * streams >= PRODUCTS_WORTH_TWO)
    if worth or any(map(os.environ.get, COUNTS)):
        return
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


def at_once(work: Callable[[int], None], items: Sequence[int]) -> None:
    """Do some work on each item, in as many threads as there are cores, or as the environment says.

    Pieces that do not wait for each other gain from a core that is free, and lose nothing where it
    is busy; the products in each then take one thread. Raises what the work raises.
    """
    if len(items) < 2:
        for item in items:
            work(item)
        return
    from threadpoolctl import threadpool_limits

    given = next((int(one) for one in map(os.environ.get, COUNTS) if one and one.isdecimal()), 0)
    with (
        threadpool_limits(1, user_api="blas"),
        ThreadPoolExecutor(given or os.cpu_count()) as pool,
    ):
        for _ in pool.map(work, items):
            pass
