"""Help fits a screen, says what the program takes, and its examples can be typed."""

import re
import shlex

import pytest
import typer

from charrnn.cli.app import app
from charrnn.cli.help import text_of

LINES, COLUMNS = 40, 80
WORDS = {"N", "X", "TEXT", "FILE", "FOLDER", "MODEL", "CONCEPT"}
OLD = {  # spellings of earlier releases
    "inspect neuron": ("--checkpoint", "--text", "--top-k"),
    "inspect text": ("--checkpoint", "--top-k"),
    "inspect run": ("--svg",),
    "inspect find": ("--all", "--no-ablation"),
    "train": ("--out", "--learning-rate"),
    "sample": ("--temp", "--length"),
}


def commands():
    """Yield every command with its words and its context."""
    root = typer.main.get_command(app)
    groups = [("", root, typer.Context(root, info_name="charrnn"))]
    for words, command, context in groups:
        yield words, command, context
        for name, under in getattr(command, "commands", {}).items():
            inner = typer.Context(under, info_name=name, parent=context)
            groups.append((f"{words} {name}".strip(), under, inner))


COMMANDS = {words: (command, context) for words, command, context in commands()}


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # from which help takes 80


@pytest.mark.parametrize("words", COMMANDS)
def test_help_fits_a_screen(words):
    shown = text_of(*COMMANDS[words]).splitlines()
    assert len(shown) <= LINES
    assert max(map(len, shown)) <= COLUMNS
    assert "Examples:" in shown
    assert not re.search(r"<\w+>", "\n".join(shown))  # a type's name is no word for a value


@pytest.mark.parametrize("words", COMMANDS)
def test_all_of_the_help_names_every_option_and_keeps_to_the_columns(words):
    command, context = COMMANDS[words]
    shown = text_of(command, context, everything=True)
    assert max(map(len, shown.splitlines())) <= COLUMNS
    for param in command.params:
        if param.param_type_name == "option" and not param.hidden:
            assert any(f"{name} " in f"{shown} " for name in param.opts), param.name


@pytest.mark.parametrize("words", COMMANDS)
def test_a_value_is_shown_by_one_of_a_few_words(words):
    shown = text_of(*COMMANDS[words], everything=True)
    values = re.findall(r"^  (?:-\w, )?--[\w-]+ ([A-Z]+)", shown, re.MULTILINE)
    assert set(values) <= WORDS


@pytest.mark.parametrize("words", [words for words in COMMANDS if words not in ("", "inspect")])
def test_the_examples_are_taken_as_typed(words):
    command, context = COMMANDS[words]
    for example in command.callback.examples:
        typed = shlex.split(re.split(r" {3,}", example)[0])  # what it is for stands behind it
        typed = typed[typed.index("charrnn") :]
        assert typed[: 1 + len(words.split())] == ["charrnn", *words.split()]
        inner = typer.Context(command, info_name=command.name, parent=context.parent)
        assert command.parse_args(inner, typed[1 + len(words.split()) :]) == []


@pytest.mark.parametrize("words", OLD)
def test_old_spellings_are_still_taken(words):
    command, _ = COMMANDS[words]
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    assert set(OLD[words]) <= known


def test_views_that_read_a_text_share_their_options_in_one_order():
    wanted = ["model", "text", "prompt", "encoding", "unknown", "output", "json", "force", "quiet"]
    for view in "find neuron explain ablate gates text errors score compare page".split():
        names = [one.name for one in COMMANDS[f"inspect {view}"][0].params]
        assert [name for name in names if name in wanted] == wanted, view


def test_views_of_runs_share_theirs():
    for view in ("run", "runs", "checkpoint"):
        names = [one.name for one in COMMANDS[f"inspect {view}"][0].params]
        assert names[-4:] == ["output", "json", "force", "quiet"], view


def test_narrow_terminals_get_narrow_help(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    shown = text_of(*COMMANDS["inspect gates"]).splitlines()
    prose = [line for line in shown if not line.startswith("  charrnn")]
    assert max(map(len, prose)) <= 40


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (["train", "--modle", "gru"], "charrnn train --help"),
        (["train", "--model", "gru"], "--backbone: "),
        (["train", "--rnn_size", "8"], "--hidden: "),
        (["train", "--hiden", "8"], "--hidden: "),
        (["sample", "--lenght", "8"], "--length: "),
        (["sample", "--xyz"], "charrnn sample --help"),
        (["inspect", "nuron"], "charrnn inspect neuron"),
        (["inspect", "weights"], "charrnn inspect --help"),
    ],
)
def test_what_is_near_is_suggested_and_nothing_else(charrnn, typed, hint):
    done = charrnn(*typed)
    assert done.returncode == 2
    assert done.stderr.splitlines()[1].strip().startswith(hint)
