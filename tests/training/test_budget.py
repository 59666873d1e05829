"""A budget of minutes becomes steps, by which the run can be repeated, and ends on time."""

import dataclasses
import time
from types import SimpleNamespace

import pytest
from safetensors.numpy import load_file

from charrnn.config import resolve
from charrnn.text.corpus import Corpus
from charrnn.training import budget, timing
from charrnn.training.events import Progress, Settled, Validation
from charrnn.training.run import Run
from charrnn.training.setup import prepare
from charrnn.training.state import State
from charrnn.training.trainer import train

TEXT = "she sells sea shells by the sea shore, and he sees the shells she sells.\n" * 40
SMALL = {"hidden": 12, "batch": 4, "sequence": 16, "threads": 1, "warmup": 10}
SHELLS = Corpus("shells", TEXT, "abc123")


def run(folder, text=TEXT, stop=lambda: False, **settings):
    folder.mkdir(exist_ok=True)
    corpus = Corpus("shells", text, "abc123")
    return list(train(resolve(SMALL | settings, None, {}), corpus, folder, stop=stop))


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def laid_out(minutes, monkeypatch, step=0.1, pause=1.0, **settings):
    """Lay out a budget on a clock that stands still, with a trial that found these seconds."""
    monkeypatch.setattr(budget, "trial", lambda *_: step)
    monkeypatch.setattr(time, "perf_counter", lambda: 1000.0)
    given = resolve(SMALL | {"minutes": minutes} | settings, None, {})
    return budget.lay_out(given, prepare(given, SHELLS), 994.5, pause)


def test_a_budget_holds_the_steps_for_which_time_is_left_beside_the_validations(monkeypatch):
    settings, setup, left = laid_out(1, monkeypatch)
    # 5.5 s have passed, 1 s is for the process's start and end, 1 s for the validation at the end;
    # 6 more take a tenth of 60 s.
    assert left == 52.5
    assert (settings.steps, setup.steps, settings.validate_every) == (465, 465, 78)
    assert (settings.minutes, settings.epochs) == (0, 50)
    assert setup.notes[-1] == "--minutes 1 allows about 465 steps on this machine"


@pytest.mark.parametrize(
    ("pause", "steps", "every"), [(0.125, 508, 26), (3.0, 385, 97), (30.0, 1, 1)]
)
def test_a_budget_has_20_validations_or_fewer_where_they_take_over_a_tenth_of_it(
    pause, steps, every, monkeypatch
):
    settings, _, _ = laid_out(1, monkeypatch, pause=pause)
    assert (settings.steps, settings.validate_every) == (steps, every)


def test_validations_that_take_long_leave_half_of_the_time_to_learn_in(monkeypatch):
    settings, _, _ = laid_out(1, monkeypatch, pause=8.0)  # 45.5 s are left; four would take 32
    assert (settings.steps, settings.validate_every) == (295, 148)


def test_a_budget_counts_the_validations_that_are_wished_for(monkeypatch):
    settings, _, _ = laid_out(1, monkeypatch, pause=1.25, validate_every=50)
    assert (settings.steps, settings.validate_every) == (418, 50)


@pytest.mark.parametrize("given", [{"schedule": "cosine"}, {"step": 1.0}])
def test_a_run_that_cannot_change_its_length_keeps_that_of_the_trial(given, monkeypatch):
    _, setup, left = laid_out(1, monkeypatch, **given)
    assert left == 0
    assert "; --config with the run's config.yaml repeats it" in setup.notes[-1]


@pytest.mark.parametrize(("warmup", "taken"), [(10, 10), (23, 23), (24, 23), (100, 23)])
def test_the_warm_up_of_a_short_run_does_not_change_with_its_length(monkeypatch, warmup, taken):
    settings, _, left = laid_out(1, monkeypatch, warmup=warmup)
    assert (settings.steps, settings.warmup, left) == (465, taken, 52.5)
    settings, _, _ = laid_out(1, monkeypatch, warmup=warmup, schedule="cosine")
    assert settings.warmup == warmup


def test_a_budget_of_hardly_any_steps_says_so(monkeypatch):
    _, setup, _ = laid_out(1, monkeypatch, step=1.0)
    assert setup.notes[-1].endswith(
        "that is too few to learn much, since starting takes some seconds: give it more"
    )


def test_the_trial_is_a_twentieth_of_the_budget_half_a_minute_at_most(monkeypatch):
    clock = [0.0]

    def three_steps(setup, first):
        clock[0] += 0.75
        return [0.25] * 3

    monkeypatch.setattr(timing, "_times", three_steps)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    for seconds, taken in ((100, 5.25), (3600, 30)):
        clock[0] = 0.0
        assert timing.trial(None, seconds) == pytest.approx(0.25 * 1.05)
        assert clock[0] == taken


def test_a_time_budget_is_recorded_as_steps_that_repeat_the_run(tmp_path):
    events = run(tmp_path / "a", TEXT * 20, minutes=0.05)
    (settled,) = of(Settled, events)
    steps = settled.steps
    assert events[-1].step == steps
    saved = resolve({}, tmp_path / "a" / "config.yaml", {})
    assert (saved.minutes, saved.steps) == (0, steps)
    assert settled.config == tmp_path / "a" / "config.yaml"
    (tmp_path / "b").mkdir()
    again = list(train(saved, Corpus("shells", TEXT * 20, "abc123"), tmp_path / "b"))
    one, other = (load_file(tmp_path / name / "last.safetensors") for name in "ab")
    assert all((one[name] == other[name]).all() for name in one)
    assert losses_of(events) == losses_of(again)


def test_a_budget_longer_than_its_epochs_ends_with_them(monkeypatch):
    monkeypatch.setattr(budget, "trial", lambda *_: 0.1)
    monkeypatch.setattr(time, "perf_counter", lambda: 1000.0)
    given = dataclasses.replace(resolve(SMALL | {"minutes": 1}, None, {}), epochs=2)
    settings, setup, left = budget.lay_out(given, prepare(given, SHELLS), 994.5, 1.0)
    steps = 2 * setup.text.source.epoch_steps
    assert (settings.steps, setup.steps, left) == (steps, steps, 0)
    assert setup.notes[-1] == "the run ends after 2 epochs, before --minutes 1 are over"


def losses_of(events):
    return [(event.step, event.validation_nats) for event in of(Validation, events)]


def budget_of(seconds, steps, monkeypatch, seconds_at=lambda step: step / 2):
    """Give runs so many seconds, for steps that a trial estimates, on a clock that steps move."""

    def lay_out(settings, setup, began, pause):
        settings = dataclasses.replace(settings, minutes=0.0, steps=steps, validate_every=25)
        return settings, dataclasses.replace(setup, steps=steps), seconds

    monkeypatch.setattr(budget, "lay_out", lay_out)
    monkeypatch.setattr(Run, "elapsed", lambda self: seconds_at(self.state.step))


@pytest.mark.parametrize("estimate", [100, 200, 500])
def test_a_run_ends_with_its_budget_however_wrong_the_trial_was(tmp_path, monkeypatch, estimate):
    budget_of(100.0, estimate, monkeypatch)
    events = run(tmp_path, minutes=1, learning_rate=0.01)
    (settled,) = of(Settled, events)
    assert (settled.step, settled.steps, events[-1].step) == (140, 200, 200)
    rates = {event.step: event.learning_rate for event in of(Progress, events)}
    assert rates[140] == 0.01
    assert rates[200] == pytest.approx(0.01 * (1 - 0.99 * (199 - 140) / 60))
    assert resolve({}, tmp_path / "config.yaml", {}).steps == 200


def test_a_run_whose_machine_becomes_slower_has_fewer_steps(tmp_path, monkeypatch):
    budget_of(100.0, 200, monkeypatch, lambda step: step / 2 if step < 100 else step - 50)
    events = run(tmp_path, minutes=1)
    # 70 s have passed at step 120, which is 70% of 172 steps.
    assert [event.steps for event in of(Settled, events)] == [172]


@pytest.mark.parametrize(("stop_at", "settled"), [(50, [200]), (150, [])])
def test_a_run_with_a_budget_that_was_stopped_ends_as_if_it_was_not(
    tmp_path, monkeypatch, stop_at, settled
):
    budget_of(100.0, 200, monkeypatch)
    given = {"minutes": 1}
    run(tmp_path / "whole", **given)
    asked = iter(range(1000))
    run(tmp_path / "parts", stop=lambda: next(asked) == stop_at, **given)
    saved = resolve({}, tmp_path / "parts" / "config.yaml", {})
    events = list(train(saved, SHELLS, tmp_path / "parts", resume=True))
    assert f"continues after step {stop_at} of 200" in events[0].notes
    assert [event.steps for event in of(Settled, events)] == settled
    one, other = (load_file(tmp_path / name / "last.safetensors") for name in ("whole", "parts"))
    assert all((one[name] == other[name]).all() for name in one)


def test_the_estimated_steps_of_a_budget_do_not_jump_at_a_validation():
    """100 steps take 10 s and a validation 5 s: in 60 s that is 400 steps, whenever it is asked."""
    state = State("", steps=410, budget=60.0)
    run = SimpleNamespace(state=state, pause=100)
    for step, validations, expected in ((50, 0, 410), (101, 1, 400), (200, 1, 400), (210, 2, 400)):
        state.step, state.paused_seconds = step, 5.0 * validations
        taken = step / 10 + state.paused_seconds
        run.elapsed = lambda taken=taken: taken
        assert not Run._settles(run)
        assert state.steps == expected
