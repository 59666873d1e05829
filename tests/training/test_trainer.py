import json
import shutil
import sys

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from charrnn import checkpoint, config
from charrnn.architecture import Architecture
from charrnn.config import resolve
from charrnn.errors import CheckpointError, CorpusError, TrainingError
from charrnn.initialisation import first_weights
from charrnn.text.batches import Chunk
from charrnn.text.corpus import Corpus
from charrnn.training import trainer
from charrnn.training.events import (
    Finished,
    Plan,
    Progress,
    RolledBack,
    Validation,
    to_json,
)
from charrnn.training.learners import descent
from charrnn.training.model import CharacterModel
from charrnn.training.schedules import Schedule
from charrnn.training.tasks import language_model
from charrnn.training.tasks.language_model import Objective, Penalty
from charrnn.training.trainer import train

TEXT = "she sells sea shells by the sea shore, and he sees the shells she sells.\n" * 40
SMALL = {"hidden": 12, "batch": 4, "sequence": 16, "steps": 40, "threads": 1}


def run(folder, text=TEXT, stop=lambda: False, notes=(), **settings):
    folder.mkdir(exist_ok=True)
    resolved = resolve(SMALL | settings, None, {})
    corpus = Corpus("shells", text, "abc123", notes)
    return list(train(resolved, corpus, folder, command="charrnn train shells", stop=stop))


def random_text(length):
    letters = np.random.default_rng(0).choice(list("abcd"), size=length)
    return "".join(letters)


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize("backbone", ["lstm", "gru", "vanilla"])
def test_the_same_seed_gives_the_same_run_to_the_bit(tmp_path, backbone):
    for name in "ab":
        run(tmp_path / name, backbone=backbone)
    one, other = (load_file(tmp_path / name / "last.safetensors") for name in "ab")
    assert all((one[name] == other[name]).all() for name in one)
    run(tmp_path / "c", backbone=backbone, seed=1)
    third = load_file(tmp_path / "c" / "last.safetensors")
    assert not (one["head.weight"] == third["head.weight"]).all()


def test_the_events_of_a_run_in_order(tmp_path):
    events = run(tmp_path)
    plan, *middle, end = events
    assert isinstance(plan, Plan)
    assert (plan.characters, plan.alphabet, plan.batch, plan.steps) == (2920, 16, 4, 40)
    assert plan.training_characters + plan.validation_characters == 2920
    assert [event.step for event in of(Validation, middle)] == list(range(2, 41, 2))
    assert all(
        isinstance(middle[place - 1], Progress)
        for place, event in enumerate(middle)
        if isinstance(event, Validation)
    )
    assert isinstance(end, Finished)
    best = min(of(Validation, middle), key=lambda event: event.validation_nats)
    assert (end.best_nats, end.best_step) == (best.validation_nats, best.step)
    assert not end.interrupted
    assert end.loss_nats < of(Progress, middle)[0].loss_nats - 0.2


def test_best_and_last_are_kept_with_their_provenance(tmp_path):
    events = run(tmp_path, text=random_text(400), steps=60, learning_rate=0.03)  # it overfits
    end = events[-1]
    best = checkpoint.load(tmp_path / "best.safetensors")
    last = checkpoint.load(tmp_path / "last.safetensors")
    assert best.provenance["steps"] == end.best_step < 60
    assert best.provenance["validation_nats"] == end.best_nats
    assert last.provenance["steps"] == 60
    assert last.provenance == {
        "corpus": "shells",
        "sha256": "abc123",
        "characters": 400,
        "seed": 0,
        "initialisation": "orthogonal",
        "forget_bias": 1.0,
        "spectral_radius": 1.1,
        "steps": 60,
        "training_nats": end.loss_nats,
        "validation_nats": of(Validation, events)[-1].validation_nats,
        "dead_units": of(Validation, events)[-1].dead_units,
        "charrnn": "0.1.0",
        "command": "charrnn train shells",
    }
    assert best.vocabulary.decode(best.heldout) == random_text(400)[-40:]


def test_the_recorded_loss_is_that_of_the_model_in_the_file(tmp_path):
    run(tmp_path)
    best = checkpoint.load(tmp_path / "best.safetensors")
    heldout = best.vocabulary.decode(best.heldout)
    assert best.network().score(heldout) == pytest.approx(
        best.provenance["validation_nats"], abs=1e-5
    )


def test_the_saved_configuration_trains_the_same_run_again(tmp_path):
    run(tmp_path / "a", learning_rate=0.01, clip_value=0.1)
    saved = resolve({}, tmp_path / "a" / "config.yaml", {})
    assert saved.learning_rate == 0.01
    assert yaml.safe_load((tmp_path / "a" / "config.yaml").read_text()).keys() == set(vars(saved))
    (tmp_path / "b").mkdir()
    list(train(saved, Corpus("shells", TEXT, "abc123"), tmp_path / "b"))
    one, other = (load_file(tmp_path / name / "last.safetensors") for name in "ab")
    assert all((one[name] == other[name]).all() for name in one)
    assert config.to_yaml(saved) == (tmp_path / "a" / "config.yaml").read_text()


def test_metrics_hold_every_event_but_the_plan(tmp_path):
    events = run(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == [
        type(event).__name__.lower() for event in events[1:]
    ]
    first = lines[0]
    assert first.keys() == {
        "event", "step", "steps", "characters", "elapsed_seconds", "chars_per_second",
        "loss_nats", "learning_rate", "gradient_norm",
    }  # fmt: skip
    assert first["characters"] == (16 + 15) * 4  # chunks are all but equally long
    assert lines[1].keys() == {
        "event",
        "step",
        "elapsed_seconds",
        "validation_nats",
        "training_nats",
        "dead_units",
        "best",
        "averaged",
    }


def test_training_and_validation_losses_are_measured_in_the_same_way(tmp_path):
    events = run(tmp_path, text="abcd" * 300, steps=300, learning_rate=0.03, dropout=0.5)
    last = of(Validation, events)[-1]
    # One text all through: with dropout the loss of the steps is higher, the measured one is not.
    assert last.training_nats == pytest.approx(last.validation_nats, abs=0.02)
    assert of(Progress, events)[-1].loss_nats > last.training_nats + 0.02


def test_stopping_finishes_the_step_and_saves(tmp_path):
    asked = []
    events = run(tmp_path, stop=lambda: len(asked) >= 5 or asked.append(1))
    assert (events[-1].step, events[-1].interrupted) == (5, True)
    assert checkpoint.load(tmp_path / "last.safetensors").provenance["steps"] == 5
    assert checkpoint.load(tmp_path / "best.safetensors").provenance["steps"] == 4


def test_stopping_before_the_first_validation_leaves_a_best_model_too(tmp_path):
    asked = []
    run(tmp_path, stop=lambda: bool(asked) or asked.append(1))
    best = checkpoint.load(tmp_path / "best.safetensors")
    assert best.provenance["steps"] == 1
    assert best.provenance["validation_nats"] is None


def test_without_validation_the_last_model_is_the_best(tmp_path):
    events = run(tmp_path, validation=0)
    assert {event.validation_nats for event in of(Validation, events)} == {None}
    assert events[-1].best_nats is None
    assert (tmp_path / "best.safetensors").read_bytes() == (
        tmp_path / "last.safetensors"
    ).read_bytes()
    assert len(checkpoint.load(tmp_path / "best.safetensors").heldout) == 0


def test_no_heldout_text_is_stored_when_unwanted(tmp_path):
    run(tmp_path, heldout=False)
    assert len(checkpoint.load(tmp_path / "best.safetensors").heldout) == 0


def test_a_small_corpus_gets_fewer_streams_and_says_so(tmp_path):
    plan = run(tmp_path, text=TEXT[:100], batch=50, notes=("from the corpus",))[0]
    assert plan.batch == 5
    assert plan.notes == (
        "from the corpus",
        "the corpus is small: 5 sequences in parallel instead of 50",
    )


def test_epochs_bound_the_steps(tmp_path):
    plan = run(tmp_path, epochs=1, steps=10_000)[0]
    assert plan.notes == ("1 epochs end the run before its 10,000 steps; --epochs changes it",)
    assert plan.steps == plan.epoch_steps == -(-((2628 - 1) // 4) // 16)


def test_long_validation_texts_are_bounded_and_that_is_said(tmp_path):
    plan = run(tmp_path, validation_chars=100)[0]
    assert plan.validation_characters == 96  # 12 from each of 8 places
    assert plan.notes == (
        "validation reads 96 of 292 characters, from several places; --validation-chars changes it",
    )


def test_a_corpus_too_small_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="training needs at least 2"):
        run(tmp_path, text="1")


def test_hello_is_learned_in_a_sequence_as_short(tmp_path):
    plan, *_, end = run(tmp_path, text="hello", steps=3)
    assert plan.sequence == 4
    assert any("sequences of 4 instead of 16" in note for note in plan.notes)
    assert end.step == 3


def test_divergence_stops_with_the_reason(tmp_path):
    with pytest.raises(TrainingError, match="the loss became nan"):
        run(tmp_path, backbone="vanilla", learning_rate=1e30, clip_norm=0, steps=200)
    assert not (tmp_path / "best.safetensors").exists()  # nothing broken is kept


def test_a_model_that_breaks_in_its_last_step_is_not_kept(tmp_path):
    with pytest.raises(TrainingError, match=r"a weight became .*e\+29 by step 1"):
        run(tmp_path, backbone="vanilla", learning_rate=1e30, clip_norm=0, steps=1)
    assert not (tmp_path / "best.safetensors").exists()
    assert not (tmp_path / "last.safetensors").exists()


def test_stopping_before_the_first_step_saves_nothing_and_says_so(tmp_path):
    end = run(tmp_path, stop=lambda: True)[-1]
    assert (end.step, end.loss_nats, end.best_nats) == (0, None, None)
    assert not list(tmp_path.glob("*.safetensors"))


def test_events_are_json_that_strict_readers_take():
    progress = Progress(1, 2, 3, 0.1, 5.0, 1.5, 0.1, gradient_norm=float("inf"))
    assert json.loads(to_json(progress))["gradient_norm"] is None


def test_an_earlier_run_does_not_outlive_the_start_of_the_next(tmp_path):
    run(tmp_path)
    run(tmp_path, stop=lambda: True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "metrics.jsonl"]


def test_an_alphabet_of_nothing_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="every character occurs fewer than 10000 times"):
        run(tmp_path, min_count=10_000)


def test_a_model_larger_than_memory_is_refused_in_a_line(tmp_path):
    with pytest.raises(TrainingError, match="cannot be made here"):
        run(tmp_path, hidden=10**9)


def test_a_device_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TrainingError, match="finds no mps device"):
        run(tmp_path, device="mps")


def test_rare_characters_are_folded_into_one(tmp_path):
    plan = run(tmp_path, text=TEXT + "@#", min_count=2)[0]
    assert plan.alphabet == 17
    best = checkpoint.load(tmp_path / "best.safetensors")
    assert best.vocabulary.unknown
    assert best.heldout[-2:].tolist() == [16, 16]


def test_bytes_are_learned_from_any_file(tmp_path):
    data = bytes(range(256)) * 8
    run(tmp_path, text=data.decode("latin-1"), bytes=True)
    best = checkpoint.load(tmp_path / "best.safetensors")
    assert (len(best.vocabulary), best.vocabulary.kind) == (256, "bytes")
    assert np.array_equal(best.heldout, np.frombuffer(data[-205:], np.uint8))


def break_at(monkeypatch, steps, factor=float("nan")):
    """Multiply the loss of some calls, counted from 1, by a factor; timing has none of them."""
    calls, real = [0], language_model.loss_of

    def loss_of(*arguments):
        loss, loss_nats, state = real(*arguments)
        calls[0] += 1
        by = factor if calls[0] in steps else 1.0
        return loss * by, loss_nats * by, state

    monkeypatch.setattr(trainer, "seconds_per_step", lambda *_: 0.001)
    monkeypatch.setattr(language_model, "loss_of", loss_of)


def test_a_loss_that_is_not_a_number_goes_back_and_on_with_half_the_rate(tmp_path, monkeypatch):
    break_at(monkeypatch, {25})
    events = run(tmp_path, learning_rate=0.004)
    (back,) = of(RolledBack, events)
    assert (back.step, back.diverged_step, back.reason) == (24, 26, "the loss became nan")
    assert back.learning_rate == 0.002
    after = of(Progress, events[events.index(back) :])
    assert after[0].step == 26
    assert after[0].learning_rate == pytest.approx(
        0.5 * 0.004 * Schedule("trapezoid", 40, 1).share(25)
    )
    assert events[-1].step == 40
    assert np.isfinite(checkpoint.load(tmp_path / "last.safetensors").weights["head.bias"]).all()


def test_a_run_that_went_back_and_was_stopped_still_goes_on_with_half_the_rate(
    tmp_path, monkeypatch
):
    break_at(monkeypatch, {25})
    asked = iter(range(1000))
    run(tmp_path, stop=lambda: next(asked) == 30)
    monkeypatch.undo()
    corpus = Corpus("shells", TEXT, "abc123")
    settings = resolve(SMALL, None, {})
    events = list(train(settings, corpus, tmp_path, resume=True))
    last = of(Progress, events)[-1]
    share = Schedule("trapezoid", 40, 1).share(39)
    assert last.learning_rate == pytest.approx(0.5 * settings.learning_rate * share)


def test_a_loss_that_leaps_above_a_guess_goes_back(tmp_path, monkeypatch):
    break_at(monkeypatch, range(201, 211), factor=20.0)
    events = run(tmp_path, steps=400)
    back = of(RolledBack, events)[0]
    assert back.reason.startswith("the loss leapt from ")
    assert back.diverged_step > back.step
    assert events[-1].step == 400


@pytest.mark.parametrize("step", [205, 240])
def test_one_bad_batch_does_not_count_as_a_leap(tmp_path, monkeypatch, step):
    """Nor does one alone between a validation and the next report: here after 239."""
    break_at(monkeypatch, {step}, factor=20.0)
    events = run(tmp_path, steps=400, validate_every=239)
    assert not of(RolledBack, events)


def test_training_that_diverges_a_fourth_time_stops(tmp_path):
    resolved = resolve(SMALL | {"learning_rate": 1e30, "clip_norm": 0, "steps": 200}, None, {})
    events = train(resolved, Corpus("shells", TEXT, ""), tmp_path)
    assert isinstance(next(events), Plan)
    assert all(isinstance(next(events), RolledBack) for _ in range(3))
    with pytest.raises(TrainingError, match=r"training diverged: .* after 3 rollbacks"):
        next(events)
    assert not (tmp_path / "best.safetensors").exists()


def test_patience_ends_a_run_that_no_longer_gets_better(tmp_path):
    overfitting = {"text": random_text(400), "steps": 2000, "learning_rate": 0.03}
    events = run(tmp_path, **overfitting, patience=3)
    validations, end = of(Validation, events), events[-1]
    assert [event.best for event in validations[-4:]] == [True, False, False, False]
    assert (end.step, end.interrupted) == (validations[-1].step, False)
    assert end.best_step == validations[-4].step
    assert end.step < 2000
    assert not (tmp_path / "resume.safetensors").exists()


def test_without_patience_a_run_goes_to_its_last_step(tmp_path):
    plan, *_, end = run(tmp_path, text=random_text(400), steps=400, learning_rate=0.03)
    assert end.step == plan.steps
    assert end.best_step < end.step


def test_a_gradient_that_is_not_a_number_goes_back_too(tmp_path, monkeypatch):
    calls, real = [0], descent.descend

    def descend(*arguments):
        norm = real(*arguments)
        calls[0] += 1
        return norm * float("nan") if calls[0] == 26 else norm

    monkeypatch.setattr(trainer, "seconds_per_step", lambda *_: 0.001)
    monkeypatch.setattr(descent, "descend", descend)
    (back,) = of(RolledBack, run(tmp_path))
    assert (back.diverged_step, back.reason) == (26, "the gradient's norm became nan")


def test_a_disk_without_room_is_known_before_the_first_step(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=20_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(CheckpointError, match="0 MB are free on the disk"):
        run(tmp_path, hidden=40)
    assert list(tmp_path.iterdir()) == []


def test_without_room_an_earlier_run_stays_as_it_was(tmp_path, monkeypatch):
    run(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    usage = shutil.disk_usage(tmp_path)._replace(free=20_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(CheckpointError, match="0 MB are free on the disk"):
        run(tmp_path, hidden=40)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_half_precision_is_for_gpus(tmp_path):
    with pytest.raises(TrainingError, match="bfloat16 is for CUDA GPUs; the device is cpu"):
        run(tmp_path, precision="bfloat16", device="cpu")


def test_products_in_bfloat16_give_about_the_same_loss():
    model = CharacterModel(Architecture("gru", 1, 8, 9))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    ids = np.arange(40).reshape(20, 2) % 9
    exact = Objective(model, 20, Penalty())(Chunk(ids, ids, True), None)[1]
    rounded = Objective(model, 20, Penalty(), bfloat16=True)(Chunk(ids, ids, True), None)[1]
    assert exact != rounded
    assert float(rounded) == pytest.approx(float(exact), rel=0.02)


def test_tensorboard_reads_the_losses_of_a_run(tmp_path):
    events = run(tmp_path, tensorboard=True)
    reader = EventAccumulator(str(tmp_path))
    reader.Reload()
    found = [(point.step, point.value) for point in reader.Scalars("loss/validation")]
    told = [(event.step, event.validation_nats) for event in of(Validation, events)]
    assert [step for step, _ in found] == [step for step, _ in told]
    assert [nats for _, nats in found] == pytest.approx([nats for _, nats in told])
    assert len(reader.Scalars("loss/training")) == len(of(Progress, events))


def test_tensorboard_that_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(TrainingError, match="needs the package tensorboard"):
        run(tmp_path, tensorboard=True)
