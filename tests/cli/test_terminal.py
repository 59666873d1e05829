"""Nothing raw reaches a terminal, whatever it came from: every command, in a pseudo-terminal."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import threading

import pytest

from charrnn import checkpoint

HOSTILE = "a\x1b]0;owned\x07b\u202ec\udcff"
TEXT = "the sea was wet (as wet could be), the sands were dry.\n" * 40
DRIVER = """
import json, sys
from charrnn.cli import app
for arguments in json.loads(sys.stdin.readline()):
    sys.argv = ["charrnn", *arguments]
    print("\\n==", len(arguments), flush=True)
    try:
        app.main()
    except SystemExit as end:
        print("\\nrc", end.code, flush=True)
"""
FAST = ["--steps", "20", "--hidden", "8", "--layers", "1", "--threads", "1"]


def seen_in_a_terminal(folder, commands) -> bytes:
    """Return what a terminal of 80 columns is sent by some commands, one after another."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER],
        cwd=folder, stdin=subprocess.PIPE, stdout=theirs, stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "80"},
    )  # fmt: skip
    os.close(theirs)
    shown = bytearray()

    def watch() -> None:
        with contextlib.suppress(OSError):  # of a terminal whose other end is closed
            while part := os.read(ours, 65_536):
                shown.extend(part)

    reader = threading.Thread(target=watch)
    reader.start()
    process.communicate(json.dumps(commands).encode() + b"\n", timeout=120)
    reader.join()
    os.close(ours)
    return bytes(shown)


@pytest.fixture
def folder(tmp_path, make_checkpoint):
    """A folder with a text, a model and a run, all of them with hostile names."""
    (tmp_path / f"{HOSTILE}.txt").write_text(TEXT)
    made = make_checkpoint("lstm", layers=1, alphabet=TEXT + HOSTILE[:-1], hidden=8)
    provenance = {"corpus": HOSTILE[:-1], "command": HOSTILE[:-1], "steps": 3}
    held = made.vocabulary.encode(TEXT[:1500])
    checkpoint.save(
        tmp_path / f"{HOSTILE}.safetensors",
        checkpoint.Checkpoint(made.architecture, made.vocabulary, made.weights, provenance, held),
    )
    return tmp_path


def test_names_and_texts_reach_a_terminal_as_marks_alone(folder):
    text, model, run = f"{HOSTILE}.txt", f"{HOSTILE}.safetensors", f"{HOSTILE}-run"
    at = ["--checkpoint", model]
    commands = [
        ["train", text, *FAST, "--out", run],
        ["train", text, *FAST, "--out", run],  # refused: it is there
        ["train", text, "--print-config"],
        ["train", HOSTILE],
        ["train", "--resume", HOSTILE],
        ["train", text, "--config", text],
        ["sample", run, "--length", "30", "--prompt", "the"],
        ["sample", model, "--length", "200", "--seed", "1"],
        ["sample", model, "--match", HOSTILE + "("],
        ["sample", model, "--prompt", HOSTILE],
        ["sample", HOSTILE],
        ["inspect", "neuron", "3", *at],
        ["inspect", "neuron", "3", *at, "--text", text],
        ["inspect", "neuron", HOSTILE, *at],
        ["inspect", "text", text, *at],
        ["inspect", "score", text, *at],
        ["inspect", "find", "brackets", *at, "--text", text, "--no-ablation"],
        ["inspect", "find", "--regex", HOSTILE, *at, "--no-ablation"],
        ["inspect", "find", HOSTILE, *at],
        ["inspect", "explain", "3", *at],
        ["inspect", "ablate", "3", *at],
        ["inspect", "gates", *at],
        ["inspect", "errors", *at, "--corpus", text],
        ["inspect", "compare", model, model],
        ["inspect", "run", run],
        ["inspect", "checkpoint", model],
        ["inspect", "page", f"{HOSTILE}.html", *at],
    ]
    shown = seen_in_a_terminal(folder, commands)
    assert shown.count(b"\r\n== ") == shown.count(b"\r\nrc ") == len(commands)
    assert b"\x1b]" not in shown
    assert b"\x07" not in shown
    assert "\u202e".encode() not in shown
    assert b"\xff" not in shown
    assert b"Traceback" not in shown
    assert b"internal error" not in shown
    assert shown.count("␛".encode()) > 20
