"""Which of several processes this one is, as torchrun tells each of them."""

import os

from charrnn.errors import UsageError

SET = ("RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")  # by torchrun, beside WORLD_SIZE


def rank() -> int:
    """Return this process's number, from 0; 0 where there is no other."""
    return int(os.environ["RANK"]) if size() > 1 else 0


def size() -> int:
    """Return how many processes there are.

    Other launchers, and the jobs of a cluster, set some of the same variables: without WORLD_SIZE
    there is one process. Raises UsageError where there should be several and torchrun did not start
    them.
    """
    world = os.environ.get("WORLD_SIZE", "")
    if world in ("", "1"):
        return 1
    numbers = {"WORLD_SIZE": world} | {name: os.environ.get(name, "") for name in SET}
    for name, value in numbers.items():
        if not value or (name != "MASTER_ADDR" and not (value.isascii() and value.isdigit())):
            raise UsageError(
                f"the environment says WORLD_SIZE={world}, so several processes, but {name} is "
                f"{value!r}",
                "torchrun sets all that is needed; for one process unset WORLD_SIZE",
            )
    return int(world)
