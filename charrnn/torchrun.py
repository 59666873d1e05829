"""Which of several processes this one is, as torchrun tells each of them."""

import os


def rank() -> int:
    """Return this process's number, from 0; 0 where there is no other."""
    return int(os.environ.get("RANK", "0"))


def size() -> int:
    """Return how many processes there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))
