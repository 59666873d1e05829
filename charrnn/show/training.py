"""A training run on the screen: the plan, the progress, the end."""

from collections.abc import Mapping
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
from charrnn.show.stdio import is_unicode
from charrnn.show.units import about, best, count, duration, loss, loss_of
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
SAMPLE_SECONDS = 10.0  # between two samples in a log


class View:
    """A view of a run: entered before the first event, left after the last.

    This one prints nothing.
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
        """Show an event."""


class JsonView(View):
    """One line of JSON per event, on stdout."""

    def update(self, event: Event) -> None:
        """Print the event."""
        print(to_json(event), flush=True)


class LineView(View):
    """Plain lines, one per validation: for logs, pipes and dumb terminals."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress: Progress | None = None
        self.sampled = 0.0  # when a sample was last printed, in seconds of the run
        self.scored = "character"  # what the losses are means over
        self.estimated = False  # whether the steps are: those of a budget, until it is settled

    def update(self, event: Event) -> None:
        """Print the plan, each validation, now and then a line of sample, and the end."""
        if isinstance(event, Compiling):
            say(self.console, f"compiling the {event.cell} kernel, once on this machine …")
        elif isinstance(event, Plan):
            self.estimated = event.budget_seconds > 0
            self.scored = event.architecture.scored
            show_plan(self.console, event)
        elif isinstance(event, Progress):
            self.progress = event
        elif isinstance(event, RolledBack):
            say(
                self.console,
                f"{event.reason} by step {event.diverged_step:,}: rolled back to step "
                f"{event.step:,}, with half the learning rate ({event.learning_rate:g})",
            )
        elif isinstance(event, Settled):
            self.estimated = False
            say(
                self.console,
                f"learning rate falls from step {event.step:,} to the last one, {event.steps:,}; "
                f"--config {event.config} repeats the run",
            )
        elif isinstance(event, Finished):
            show_finish(self.console, event, self.scored)
        else:
            assert self.progress is not None
            now = f"{self._step(event.step)} · {standing(self.progress, event, self.scored)}"
            self.console.print(now, soft_wrap=True)
            if self._is_time(event.step):
                line_end = marked("\n", is_unicode(self.console.encoding))
                if sample := line_end.join(self._sample(event)):
                    self.console.print(f"  {sample[:LINE_CHARACTERS]}", soft_wrap=True)

    def _is_time(self, step: int) -> bool:
        """Return whether a sample is due: not more often than now and then, and at the end."""
        assert self.progress is not None
        now = self.progress.elapsed_seconds
        if now - self.sampled < SAMPLE_SECONDS and step < self.progress.steps:
            return False
        self.sampled = now
        return True

    def _step(self, step: int) -> str:
        """Say how far the run has come."""
        assert self.progress is not None
        steps = self.progress.steps
        return f"step {step:,} of {about(steps) if self.estimated else f'{steps:,}'}"

    def _sample(self, event: Validation) -> list[str]:
        unicode = is_unicode(self.console.encoding)
        if event.network is None:
            return ["".join(running(one, unicode) for one in line) for line in event.examples]
        return live_sample(event.network, unicode)


def standing(progress: Progress, validation: Validation | None, scored: str = "character") -> str:
    """Say how good a run is, how fast, and how long it will go on."""
    left = progress.elapsed_seconds / progress.step * (progress.steps - progress.step)
    per = f" per {scored}" * (scored != "character")
    parts = [f"train {progress.loss_nats:.3f} nats{per}"]
    if validation and validation.validation_nats is not None:
        best = " (best)" if validation.best else ""
        parts.append(f"validation {judged(validation.validation_nats, validation.measures)}{best}")
        if validation.dead_units is not None:
            parts.append(count(validation.dead_units, "dead unit"))
    parts.append(f"{progress.chars_per_second:,.0f} characters/s")
    return " · ".join([*parts, f"{duration(left)} left"])


def judged(nats: float, measures: Mapping[str, float]) -> str:
    """Show a loss, by the character or, beside the measures of labels, by the text."""
    if not measures:
        return loss(nats)
    if "exact" in measures:
        return f"{nats:.4f} nats per symbol, exact {measures['exact']:.1%}"
    if "macro_f1" not in measures:
        return f"{nats:.4f} nats per character, accuracy {measures['accuracy']:.2%}"
    accuracy, macro_f1 = measures["accuracy"], measures["macro_f1"]
    return f"{nats:.3f} nats per text, accuracy {accuracy:.1%}, macro-F1 {macro_f1:.3f}"


def live_sample(network: Network, unicode: bool) -> list[str]:
    """Return a few lines, or records, sampled from the network as it is; always the same seed.

    Only a model that predicts the next character writes; for labels, each text is for one that is
    drawn.
    """
    if not network.architecture.causal:
        return []
    random = np.random.default_rng(0)
    text = ""
    labels = network.architecture.labels
    for _ in range(SAMPLE_LINES if network.record_end else 1):
        one = np.eye(labels)[random.integers(labels)].tolist() if labels else []
        ids = generate(
            network.mixed(one) if labels else network,
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
    share = f"{plan.validation_characters:,} for validation"
    labels = plan.architecture.classes or plan.architecture.labels
    whole = labels or plan.architecture.decoder
    read = "whole texts" if whole else f"{plan.sequence} characters"
    epochs = plan.steps / plan.epoch_steps
    shown = f"{epochs:,.0f}" if epochs >= 100 else f"{epochs:.3g}"
    steps = f"{about(plan.steps)} steps" if plan.budget_seconds else count(plan.steps, "step")
    threads = f", {count(plan.threads, 'thread')}" if plan.device == "cpu" else ""
    for name, value in [
        (
            "corpus",
            f"{plan.corpus} · {plan.characters:,} characters, {plan.alphabet:,} different · "
            + (share if plan.validation_characters else "no validation")
            + f" · {count(labels, 'tag' if plan.architecture.aligned else 'label')}" * bool(labels),
        ),
        ("model", in_words(plan.architecture)),
        (
            "schedule",
            f"{plan.optimizer} {plan.learning_rate:g}, {plan.schedule} · "
            f"{steps} of {plan.batch} × {read} ({shown} epochs)",
        ),
        ("device", f"{plan.device}{threads}, {plan.kernel} kernel · seed {plan.seed}"),
        ("time", f"about {duration(plan.estimated_seconds)}, as timed on this machine"),
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


def _in_words(setting: tuple[str, bool | int | float | str]) -> str:
    name, value = setting
    words = name.replace("_", " ")
    if isinstance(value, bool):
        return words
    if isinstance(value, str):
        return f"{words} {value}"
    return f"{words} {value:,}" if isinstance(value, int) else f"{words} {value:g}"


def show_finish(console: Console, end: Finished, scored: str = "character") -> None:
    """Print the result of a run."""
    if end.interrupted:
        saved = f"saved in {safe(str(end.folder))}" if end.step else "nothing to save yet"
        say(
            console,
            f"stopped at step {end.step:,} of {end.steps:,} after "
            f"{duration(end.elapsed_seconds)}; {saved}",
        )
    elif end.step < end.steps:
        say(
            console, f"stopped at step {end.step:,} of {end.steps:,}: validation no longer improved"
        )
    if end.best_nats is not None:
        assert end.best_step is not None
        _, when = best(end.best_nats, end.best_step, end.steps, end.elapsed_seconds)
        say(console, f"best validation {judged(end.best_nats, end.best_measures)}, {when}")
    elif end.loss_nats is not None:
        say(
            console,
            f"training {loss_of(end.loss_nats, scored)} · "
            f"{duration(end.elapsed_seconds)} of training",
        )
    if end.diagnosis:
        say(console, end.diagnosis)


def show_commands(console: Console, commands: list[str]) -> None:
    """Print the commands to type next, each on a line that can be copied."""
    console.print()
    for command in commands:
        console.print(f"  {command}", soft_wrap=True)
