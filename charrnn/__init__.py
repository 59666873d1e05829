"""charrnn: train a character-level recurrent network, write with it, see what its neurons do.

>>> import charrnn
>>> net = charrnn.load("demo")
>>> "".join(net.sample(length=80, temp=0.8, seed=1))  # doctest: +SKIP
>>> charrnn.find(net, "brackets")  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from charrnn import threads
from charrnn.errors import CharrnnError

threads.sleep_soon()

if TYPE_CHECKING:
    from charrnn.api import (
        Model,
        Training,
        ablate,
        compare,
        course,
        events,
        explain,
        find,
        find_label,
        follow,
        gates,
        list_runs,
        load,
        mistakes,
        neuron,
        page,
        proofread,
        score,
        surprise,
        train,
    )

__all__ = [
    "CharrnnError",
    "Model",
    "Training",
    "ablate",
    "compare",
    "course",
    "events",
    "explain",
    "find",
    "find_label",
    "follow",
    "gates",
    "list_runs",
    "load",
    "mistakes",
    "neuron",
    "page",
    "proofread",
    "score",
    "surprise",
    "train",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the Python interface, and NumPy with it, only when it is used."""
    if name in __all__:
        from charrnn import api

        return getattr(api, name)
    raise AttributeError(f"module 'charrnn' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
