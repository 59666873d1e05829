"""A training run as it is watched: the plan, the progress, the end."""

from types import TracebackType
from typing import Self

import numpy as np
from rich.console import Console

from charrnn.hyperparameters import Choice
from charrnn.network import Network
from charrnn.sampling.generate import generate
from charrnn.show.console import say
from charrnn.show.glyphs import marked, running, safe
from charrnn.show.model import in_words, show_field
from charrnn.show.streams import is_unicode
from charrnn.show.units import count, duration, loss
from charrnn.training.events import (
    Compiling,
    Event,
    Finished,
    Plan,
    Progress,
    RolledBack,
    Settled,
    Validation,
    to_json,
)

SAMPLE_CHARACTERS = 200
SAMPLE_LINES = 4
LINE_CHARACTERS = 100
SAMPLE_TEMP = 0.8


class View:
    """Someone who watches a run: entered before the first event, left after the last.

    This one keeps quiet.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def update(self, event: Event) -> None:
        """Take notice of an event."""


class JsonView(View):
    """One line of JSON an event, on stdout."""

    def update(self, event: Event) -> None:
        """Print the event."""
        print(to_json(event), flush=True)


class LineView(View):
    """Plain lines, one a validation: for logs, pipes and dumb terminals."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress: Progress | None = None

    def update(self, event: Event) -> None:
        """Print the plan, each validation with a line of sample, and the end."""
        if isinstance(event, Compiling):
            say(self.console, f"compiling the {event.cell} kernel, once on this machine …")
        elif isinstance(event, Plan):
            show_plan(self.console, event)
        elif isinstance(event, Progress):
            self.progress = event
        elif isinstance(event, RolledBack):
            say(
                self.console,
                f"{event.reason} by step {event.diverged_step:,}: back to step {event.step:,}, "
                f"with half the rate ({event.learning_rate:g})",
            )
        elif isinstance(event, Settled):
            say(
                self.console,
                f"the rate falls from step {event.step:,} on, to end on time at step "
                f"{event.steps:,}; --config {event.config} repeats the run",
            )
        elif isinstance(event, Finished):
            show_finish(self.console, event)
        else:
            assert self.progress is not None
            now = f"{step_of(event.step, self.progress.steps)} · {standing(self.progress, event)}"
            self.console.print(now, soft_wrap=True)
            line_end = marked("\n", is_unicode(self.console.encoding))
            sample = line_end.join(self._sample(event.network))
            self.console.print(f"  {sample[:LINE_CHARACTERS]}", soft_wrap=True)

    def _sample(self, network: Network) -> list[str]:
        return live_sample(network, is_unicode(self.console.encoding))


def step_of(step: int, steps: int) -> str:
    """Say how far a run has come."""
    return f"step {step:,} of {steps:,}"


def standing(progress: Progress, validation: Validation | None) -> str:
    """Say how good a run is, how fast, and how long it will go on."""
    left = progress.elapsed_seconds / progress.step * (progress.steps - progress.step)
    parts = [f"train {progress.loss_nats:.3f} nats"]
    if validation and validation.validation_nats is not None:
        best = " (best)" if validation.best else ""
        parts.append(f"validation {loss(validation.validation_nats)}{best}")
        if validation.dead_units is not None:
            parts.append(count(validation.dead_units, "dead unit"))
    parts.append(f"{progress.chars_per_second:,.0f} characters/s")
    return " · ".join([*parts, f"{duration(left)} left"])


def live_sample(network: Network, unicode: bool) -> list[str]:
    """Return a few lines that the network writes now, or records; the same seed at each call."""
    random = np.random.default_rng(0)
    text = ""
    for _ in range(SAMPLE_LINES if network.record_end else 1):
        ids = generate(
            network,
            network.vocabulary.encode(""),
            temp=SAMPLE_TEMP,
            length=SAMPLE_CHARACTERS,
            random=random,
            end=network.record_end,
        )
        text += network.vocabulary.decode(ids) + "\n"
    safe = "".join(running(character, unicode) for character in text).expandtabs(4)
    return [line for line in safe.split("\n") if line.strip()][:SAMPLE_LINES]


def show_plan(console: Console, plan: Plan) -> None:
    """Print what is about to happen."""
    share = f"{plan.validation_characters:,} at the end validate"
    epochs = plan.steps / plan.epoch_steps
    threads = f", {count(plan.threads, 'thread')}" if plan.device == "cpu" else ""
    for name, value in [
        (
            "corpus",
            f"{plan.corpus} · {plan.characters:,} characters, {plan.alphabet:,} different · "
            + (share if plan.validation_characters else "nothing validates"),
        ),
        ("model", in_words(plan.architecture)),
        (
            "schedule",
            f"{plan.optimizer} {plan.learning_rate:g}, {plan.schedule} · "
            f"{count(plan.steps, 'step')} of {plan.batch} × {plan.sequence} characters "
            f"({epochs:.3g} epochs)",
        ),
        ("device", f"{plan.device}{threads}, {plan.kernel} kernel · seed {plan.seed}"),
        ("time", f"about {duration(plan.estimated_seconds)}"),
        ("run", str(plan.folder)),
        *[
            ("chosen", chosen_in_words(choice))
            for choice in plan.choices
            if choice.values != {"residual": False}
        ],
        *[("note", note) for note in plan.notes],
    ]:
        show_field(console, name, value)


def chosen_in_words(choice: Choice) -> str:
    """Say what was chosen and why: hidden 256 · as many parameters as the text bears."""
    return f"{', '.join(map(_in_words, choice.values.items()))} · {choice.reason}"


def _in_words(setting: tuple[str, bool | int | float]) -> str:
    name, value = setting
    words = name.replace("_", " ")
    if isinstance(value, bool):
        return words
    return f"{words} {value:,}" if isinstance(value, int) else f"{words} {value:g}"


def show_finish(console: Console, end: Finished) -> None:
    """Print the result of a run."""
    if end.interrupted:
        saved = f"saved in {safe(str(end.folder))}" if end.step else "nothing was learned yet"
        say(
            console,
            f"stopped at step {end.step:,} of {end.steps:,} after "
            f"{duration(end.elapsed_seconds)}; {saved}",
        )
    elif end.step < end.steps:
        say(console, f"ended at step {end.step:,} of {end.steps:,}: it no longer got better")
    if end.best_nats is not None:
        say(
            console,
            f"best validation {loss(end.best_nats)}, at step {end.best_step:,} of {end.steps:,}, "
            f"after {duration(end.elapsed_seconds)}",
        )
    elif end.loss_nats is not None:
        say(console, f"training {loss(end.loss_nats)}, after {duration(end.elapsed_seconds)}")
    if end.diagnosis:
        say(console, end.diagnosis)


def show_commands(console: Console, commands: list[str]) -> None:
    """Print the commands to type next, each on a line that can be copied."""
    console.print()
    for command in commands:
        console.print(f"  {command}", soft_wrap=True)
