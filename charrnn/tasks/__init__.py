"""What is learned: a file a task. Each says what is read, what suits it, and what counts.

The half of a task that needs torch is the file of the same name in `charrnn.training.tasks`.
Adding a task is one file here, one there, and its declaration in `charrnn.settings.tasks`.
"""

from importlib import import_module
from typing import cast

from charrnn.tasks.task import Task


def of(name: str) -> Task:
    """Return a task by its name."""
    return cast(Task, import_module(f"{__name__}.{name.replace('-', '_')}"))
