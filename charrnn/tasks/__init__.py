"""What is learned: a file a task. Each says what is read, what suits it, and what counts.

The half of a task that needs torch is the file of the same name in `charrnn.training.tasks`.
Adding a task is one file here, one there, and one line below.
"""

from charrnn.tasks import classify, language_model
from charrnn.tasks.task import Task

TASKS: dict[str, Task] = {
    "language-model": language_model,
    "classify": classify,
}
