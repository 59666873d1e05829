import os
import subprocess
import sys
import threading

import pytest

from charrnn import threads
from charrnn.errors import UsageError

PROGRAM = """
import os
import charrnn
import numpy
from threadpoolctl import threadpool_info, threadpool_limits
from charrnn import threads
threadpool_limits(3, user_api="blas")
threads.suit({shapes})
print({{one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}})
print(os.environ["OPENBLAS_THREAD_TIMEOUT"])
"""


def seen(shapes, **variables):
    plain = {name: value for name, value in os.environ.items() if "THREAD" not in name}
    plain.pop("OMP_WAIT_POLICY", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(shapes=shapes)],
        env=plain | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\n")[:2]


@pytest.mark.parametrize(
    ("shapes", "threads"),
    [
        ([(2048, 512), (9,)], "{1}"),
        ([(4096, 1024), (9,)], "{3}"),
        ("[(640, 160)], 64", "{3}"),
        ("[(640, 160)], 16", "{1}"),
    ],
)
def test_small_products_take_one_thread_and_large_ones_all(shapes, threads):
    assert seen(shapes) == [threads, "18"]


def test_what_the_environment_says_of_threads_stands():
    there = seen([(8, 8)], OPENBLAS_NUM_THREADS="2", OPENBLAS_THREAD_TIMEOUT="26")
    assert there == ["{3}", "26"]


def test_pieces_are_done_at_once_by_as_many_threads_as_the_environment_gives(monkeypatch):
    for name in threads.COUNTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    together, done = threading.Barrier(3), []

    def work(item):
        together.wait(30)  # breaks unless three of them are there
        done.append(item)

    threads.at_once(work, range(9))
    assert sorted(done) == list(range(9))


def test_what_a_piece_raises_is_raised():
    def work(item):
        raise UsageError(f"piece {item}")

    for pieces in (1, 4):
        with pytest.raises(UsageError, match="piece 0"):
            threads.at_once(work, range(pieces))
