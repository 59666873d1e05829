import dataclasses
import io
from pathlib import Path

import pytest
from rich.console import Console

from charrnn.architecture import Architecture
from charrnn.hyperparameters import Choice
from charrnn.show import training
from charrnn.show.live import LiveView
from charrnn.show.units import count, duration, loss
from charrnn.training.events import (
    Compiling,
    Finished,
    Plan,
    Progress,
    RolledBack,
    Settled,
    Validation,
)

PLAN = Plan(
    corpus="shakespeare",
    characters=1_115_394,
    alphabet=65,
    training_characters=1_003_854,
    validation_characters=111_540,
    architecture=Architecture("lstm", 2, 128, 65),
    batch=32,
    sequence=64,
    steps=4180,
    epoch_steps=491,
    optimizer="adam",
    schedule="cosine",
    learning_rate=0.005,
    device="cpu",
    kernel="fused",
    threads=2,
    seed=7,
    estimated_seconds=238.2,
    folder=Path("checkpoints/shakespeare-lstm"),
    notes=("line ends: 3 CRLF are kept; --newlines unix turns them into LF",),
)
PROGRESS = Progress(
    step=2090,
    steps=4180,
    characters=4_280_320,
    elapsed_seconds=121.0,
    chars_per_second=92_400.4,
    loss_nats=1.482,
    learning_rate=0.003,
    gradient_norm=0.2,
)
END = Finished(
    step=4180,
    steps=4180,
    elapsed_seconds=238.4,
    loss_nats=1.4,
    best_nats=1.548,
    best_step=4000,
    interrupted=False,
    diagnosis="still falling, by 0.020 nats in the last quarter: give it more time",
    folder=Path("checkpoints/shakespeare-lstm"),
)


def shown(events, view=training.LineView, **options) -> str:
    file = io.StringIO()
    console = Console(file=file, width=80, highlight=False, **options)
    with view(console) as watching:
        for event in events:
            watching.update(event)
    return file.getvalue()


@pytest.fixture
def validation(make_checkpoint):
    checkpoint = make_checkpoint()
    checkpoint.weights["head.bias"][2] = 50  # it writes nothing but '!'
    return Validation(2090, 121.0, 1.561, 1.49, 1, True, False, checkpoint.network())


def test_the_plan_exactly():
    assert shown([PLAN]) == (
        "corpus      shakespeare · 1,115,394 characters, 65 different · "
        "111,540 for validation\n"
        "model       LSTM, 2 layers of 128, one-hot · 240,321 parameters\n"
        "schedule    adam 0.005, cosine · 4,180 steps of 32 × 64 characters "
        "(8.51 epochs)\n"
        "device      cpu, 2 threads, fused kernel · seed 7\n"
        "time        about 3 min 58 s, as timed on this machine\n"
        "run         checkpoints/shakespeare-lstm\n"
        "note        line ends: 3 CRLF are kept; --newlines unix turns them into LF\n"
    )


def test_many_epochs_are_counted_whole_and_steps_that_are_estimated_say_so():
    many = dataclasses.replace(PLAN, steps=913_260, budget_seconds=60.0)
    assert "about 910,000 steps of 32 × 64 characters (1,860 epochs)" in shown([many])


def test_estimated_steps_do_not_jump_and_settled_ones_are_exact(validation):
    plan = dataclasses.replace(PLAN, budget_seconds=60.0)
    others = [dataclasses.replace(PROGRESS, steps=steps) for steps in (4151, 4238)]
    drawn = shown([plan, others[0], validation, others[1], validation])
    assert drawn.count("step 2,090 of about 4,200 · ") == 2
    settled = Settled(2090, 4231, Path("a/config.yaml"))
    exact = dataclasses.replace(PROGRESS, steps=4231)
    assert "step 2,090 of 4,231 · " in shown([plan, settled, exact, validation])


def test_the_plan_says_what_was_chosen_and_why():
    choices = (
        Choice({"layers": 2, "hidden": 1024}, "as many as fit"),
        Choice({"residual": True}, "it is a stack"),
        Choice({"weight_decay": 0.05, "dropout": 0.0}, "2 epochs"),
    )
    lines = shown([dataclasses.replace(PLAN, choices=choices)]).splitlines()
    assert [line for line in lines if line.startswith("chosen")] == [
        "chosen      layers 2, hidden 1,024 · as many as fit",
        "chosen      residual · it is a stack",
        "chosen      weight decay 0.05, dropout 0 · 2 epochs",
    ]
    alone = dataclasses.replace(PLAN, choices=(Choice({"residual": False}, "one layer"),))
    assert "chosen" not in shown([alone])


def test_the_plan_wraps_under_itself_on_a_narrow_terminal():
    file = io.StringIO()
    training.show_plan(Console(file=file, width=40, force_terminal=True, color_system=None), PLAN)
    lines = file.getvalue().splitlines()
    assert lines[:4] == [
        "corpus      shakespeare · 1,115,394 ",
        "            characters, 65 different · ",
        "            111,540 for validation",
        "model       LSTM, 2 layers of 128, ",
    ]
    assert all(len(line) <= 40 for line in lines)


def test_a_validation_is_one_line_and_a_line_of_sample(validation):
    assert shown([PROGRESS, validation]) == (
        "step 2,090 of 4,180 · train 1.482 nats · validation 1.561 nats, 2.252 bits per character "
        "(best) · 1 dead unit · 92,400 characters/s · 2 min 01 s left\n"
        "  " + "!" * 100 + "\n"
    )


def test_the_end_exactly():
    assert shown([END]) == (
        "best validation 1.548 nats, 2.233 bits per character, at step 4,000 of 4,180 · "
        "3 min 58 s of training\n"
        "still falling, by 0.020 nats in the last quarter: give it more time\n"
    )


def test_the_live_view_is_drawn_and_leaves_only_the_plan_and_the_end(validation):
    drawn = shown([PLAN, PROGRESS, validation, END], LiveView, force_terminal=True)
    assert "step 2,090 of 4,180" in drawn
    assert " 50%" in drawn
    assert "validation 1.561 nats, 2.252 bits per character (best)" in drawn
    assert "  !!!!" in drawn
    assert drawn.rstrip().endswith("give it more time")
    assert drawn.count("\x1b[?25l") == drawn.count("\x1b[?25h") == 1  # the cursor comes back


def test_quick_steps_are_drawn_now_and_then_but_each_validation_at_once(validation, monkeypatch):
    monkeypatch.setattr("charrnn.show.live.time.monotonic", lambda: 7.0)
    steps = [dataclasses.replace(PROGRESS, step=step) for step in (10, 20, 30)]
    drawn = shown([PLAN, *steps, validation, END], LiveView, force_terminal=True)
    assert "step 10 of" in drawn
    assert "step 20 of" not in drawn
    assert "step 30 of" in drawn  # with the validation


def test_a_live_sample_is_safe_to_print(make_checkpoint):
    network = make_checkpoint(alphabet="\x1b\n").network()
    lines = training.live_sample(network, unicode=True)
    assert lines
    assert set("".join(lines)) == {"␛"}


def test_quiet_and_json_views(capsys):
    assert shown([PLAN, PROGRESS, END], lambda console: training.View()) == ""
    shown([PROGRESS], lambda console: training.JsonView())
    assert capsys.readouterr().out == (
        '{"event": "progress", "step": 2090, "steps": 4180, "characters": 4280320, '
        '"elapsed_seconds": 121.0, "chars_per_second": 92400.4, "loss_nats": 1.482, '
        '"learning_rate": 0.003, "gradient_norm": 0.2}\n'
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3.6, "4 s"), (59.6, "1 min 00 s"), (238, "3 min 58 s"), (7500, "2 h 05 min")],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_units():
    assert loss(0.6931471805599453) == "0.693 nats, 1.000 bits per character"
    assert [count(1, "layer"), count(1200, "layer")] == ["1 layer", "1,200 layers"]


@pytest.mark.parametrize("view", [training.LineView, LiveView])
def test_a_budget_that_became_steps_exactly(view):
    assert shown([Settled(2800, 4000, Path("checkpoints/a/config.yaml"))], view) == (
        "learning rate falls from step 2,800 to the last one, 4,000; "
        "--config checkpoints/a/config.yaml repeats the run\n"
    )


@pytest.mark.parametrize("view", [training.LineView, LiveView])
def test_compiling_going_back_and_ending_early_exactly(view):
    back = RolledBack(80, 120, "the loss became nan", 0.0025, 3.0)
    early = dataclasses.replace(END, step=2000, best_step=1900, diagnosis="")
    assert shown([Compiling("lstm"), back, early], view) == (
        "compiling the lstm kernel, once on this machine …\n"
        "the loss became nan by step 120: rolled back to step 80, with half the "
        "learning rate (0.0025)\n"
        "stopped at step 2,000 of 4,180: validation no longer improved\n"
        "best validation 1.548 nats, 2.233 bits per character, at step 1,900 of 4,180 · "
        "3 min 58 s of training\n"
    )
