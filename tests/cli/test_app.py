"""The program as its users meet it: real processes, their streams and their exit codes."""

import json
import math
import os
import re
import signal
import subprocess
import sys
import time

import pytest

import charrnn as package
from charrnn import checkpoint, runs
from tests.processes import Process

POEM = "she sells sea shells by the sea shore\n" * 40
SHORT = ("--hidden", "8", "--steps", "20", "--batch", "4", "--sequence", "16")


@pytest.fixture
def poem(tmp_path):
    (tmp_path / "poem.txt").write_text(POEM)
    return "poem.txt"


def line_of(done) -> str:
    """Return the error, which is one line and a hint, and never a traceback."""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) <= 2
    assert all(hint.startswith("  ") for hint in lines[1:])
    return lines[0]


def modules_after(*arguments) -> set[str]:
    """Run a command in a fresh interpreter and return what it had imported at its end."""
    script = (
        "import sys; sys.argv = ['charrnn', *sys.argv[1:]]\n"
        "from charrnn.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "finally: print('\\n'.join(['MODULES', *sys.modules]), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return set(done.stderr.split("MODULES\n")[1].split("\n"))


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], {"torch", "numpy", "numba", "yaml"}),
        (["train", "--help"], {"torch", "numpy", "numba"}),
        (["sample", "--length", "5"], {"torch", "numba"}),
        (["inspect", "neuron", "42", "--length", "5"], {"torch", "numba"}),
        (["inspect", "checkpoint"], {"torch", "numba"}),
    ],
)
def test_commands_import_nothing_heavy(arguments, unwanted):
    assert not modules_after(*arguments) & unwanted


def test_the_version(charrnn):
    assert charrnn("--version").stdout == f"charrnn {package.__version__}\n"


def test_help_is_shown_without_arguments(charrnn):
    assert "train" in charrnn().stdout
    assert charrnn().stderr == ""
    assert "Traceback" not in charrnn("inspect").stderr


def test_train_sample_and_inspect_one_after_the_other(charrnn, poem, tmp_path):
    trained = charrnn("train", poem, *SHORT)
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout == "checkpoints/poem-lstm\n"
    assert "best validation" in trained.stderr
    assert trained.stderr.endswith("\n\n  charrnn sample --temp 0.8\n  charrnn inspect find\n")
    folder = tmp_path / "checkpoints" / "poem-lstm"
    assert sorted(path.name for path in folder.iterdir()) == [
        "best.safetensors", "config.yaml", "last.safetensors", "metrics.jsonl",
    ]  # fmt: skip

    sampled = charrnn("sample", "--length", "50", "--seed", "1", "--prompt", "sea")
    assert (sampled.returncode, len(sampled.stdout)) == (0, 53)
    assert sampled.stdout.startswith("sea")
    header, figures = sampled.stderr.splitlines()
    assert header == "checkpoints/poem-lstm/best.safetensors · temp 1 · seed 1"
    assert re.fullmatch(
        r"50 characters · [\d,]+ per second · \d\.\d{3} nats per character · seed 1", figures
    )

    seen = charrnn("inspect", "neuron", "1:0", "--length", "20")
    assert seen.returncode == 0
    assert seen.stdout.startswith("neuron 0 (layer 1, unit 0) · tanh(c), cell state\n")
    assert "−1 ▁" in seen.stdout
    shown = charrnn("inspect", "checkpoint")
    assert "corpus      poem · 1,520 characters · sha256 " in shown.stdout
    assert "command     charrnn train poem.txt --hidden 8" in shown.stdout


def test_a_run_is_never_overwritten_without_force(charrnn, poem, tmp_path):
    for _ in range(2):
        assert charrnn("train", poem, *SHORT, "--quiet").returncode == 0
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "poem-lstm", "poem-lstm-2",
    ]  # fmt: skip
    again = charrnn("train", poem, *SHORT, "--out", "checkpoints/poem-lstm")
    assert again.returncode == 1
    assert line_of(again) == "charrnn train: checkpoints/poem-lstm exists and is not empty"
    assert charrnn(
        "train", poem, *SHORT, "--out", "checkpoints/poem-lstm", "--force", "--quiet"
    ).stderr == ""  # fmt: skip


def test_the_saved_configuration_repeats_the_run(charrnn, poem, tmp_path):
    charrnn("train", poem, *SHORT, "--seed", "3", "--out", "one", "--quiet")
    charrnn("train", "--config", "one/config.yaml", "--out", "two", "--quiet")
    one, two = (checkpoint.load(tmp_path / name / "last.safetensors") for name in ("one", "two"))
    assert all((one.weights[name] == two.weights[name]).all() for name in one.weights)


def test_a_failed_start_leaves_no_folder_behind(charrnn, tmp_path):
    (tmp_path / "h.txt").write_text("h")
    done = charrnn("train", "h.txt")
    assert done.returncode == 1
    assert line_of(done).startswith("charrnn train: the corpus has 1 characters")
    assert not (tmp_path / "checkpoints" / "h-lstm").exists()


def test_json_is_one_event_a_line_and_nothing_else(charrnn, poem):
    import json

    done = charrnn("train", poem, *SHORT, "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.stderr == ""
    assert [event["event"] for event in events[:3]] == ["plan", "progress", "validation"]
    assert events[-1]["event"] == "finished"
    assert events[0]["architecture"]["hidden"] == 8


def test_print_config_resolves_all_sources_and_trains_nothing(charrnn, tmp_path):
    done = charrnn("train", "--print-config", "--layers", "3", CHARRNN_HIDDEN="77")
    assert "hidden: 77\n" in done.stdout
    assert "layers: 3\n" in done.stdout
    assert not (tmp_path / "checkpoints").exists()


def test_a_corpus_may_be_piped_in(charrnn):
    assert charrnn("train", "-", *SHORT, "--quiet", stdin=POEM).returncode == 0
    assert "corpus      stdin · 1,520" in charrnn("inspect", "checkpoint").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["frob"], 2, "charrnn: there is no command 'frob'"),
        (["train", "nowhere.txt"], 1, "charrnn train: nowhere.txt: there is no such file"),
        (["train", "--hidden", "0"], 2, "charrnn train: --hidden is 0"),
        (["train", "--hidden", "x"], 2, "charrnn train: Invalid value for '--hidden'"),
        (["train", "--minutes", "inf"], 2, "charrnn train: --minutes is inf"),
        (["train", "--preset", "huge"], 2, "charrnn train: 'huge' is not a preset"),
        (["train", "--out", ""], 2, "charrnn train: an argument is empty"),
        (["train", "--config", "no.yaml"], 1, "charrnn train: no.yaml: No such file"),
        (["sample", "nowhere"], 1, "charrnn sample: nowhere: there is no such checkpoint"),
        (["sample", "--prompt", "漢"], 1, "charrnn sample: the text has a character outside the"),
        (["sample", "--prompt-file", "no.txt"], 2, "charrnn sample: no.txt: No such file"),
        (["sample", "--temp", "-1"], 2, "charrnn sample: the temperature is -1"),
        (["sample", "--temp", "nan"], 2, "charrnn sample: the temperature is nan"),
        (["sample", "--temp", "warm"], 2, "charrnn sample: --temp 'warm' is not a temperature"),
        (["train", "--kernel", "x"], 2, "charrnn train: Invalid value for '--kernel': 'x' is not"),
        (["inspect", "neuron", "9999"], 2, "charrnn inspect neuron: there is no neuron '9999'"),
        (["inspect", "neuron", "0", "--signal", "r"], 2, "charrnn inspect neuron: lstm has no"),
        (["inspect", "neuron", "0", "--prompt", ""], 2, "charrnn inspect neuron: the prompt is"),
        (["inspect", "neuron", "0", "--offset", "99999"], 2, "charrnn inspect neuron: the text"),
        (["inspect", "checkpoint", "poem.txt"], 1, "charrnn inspect checkpoint: poem.txt is no"),
        (["inspect", "checkpoint", "."], 1, "charrnn inspect checkpoint: .: no best.safetensors"),
    ],
)
def test_every_mistake_is_one_line_and_an_exit_code(charrnn, poem, arguments, code, line):
    done = charrnn(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert line_of(done).startswith(line)


def test_a_traceback_is_shown_only_under_debug(charrnn):
    done = charrnn("--debug", "sample", "nowhere")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_prompts_are_piped_read_from_a_file_and_given(charrnn, tmp_path):
    (tmp_path / "b.txt").write_text("class ")
    done = charrnn(
        "sample", "--prompt-file", "b.txt", "--prompt", "A", "--length", "0", stdin="import\n"
    )
    assert done.stdout == "import\nclass A"


def test_unknown_prompt_characters_can_be_skipped(charrnn):
    done = charrnn("sample", "--prompt", "a漢b", "--unknown", "skip", "--length", "0")
    assert done.stdout == "ab"


def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    head = subprocess.run(
        f"{sys.executable} -m charrnn sample --length 100000 </dev/null | head -c 10; "
        "status=${PIPESTATUS[0]}; echo; echo $status",
        shell=True,
        executable="/bin/bash",
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert head.stdout.endswith("\n141\n")  # ended by SIGPIPE, as any Unix filter
    assert len(head.stderr.splitlines()) == 1  # the model and the seed


def test_a_training_whose_events_nobody_reads_is_saved(poem, tmp_path):
    command = [sys.executable, "-m", "charrnn", "train", poem, "--steps", "1000000", "--json"]
    command += ["--epochs", "1000000", "--hidden", "8", "--batch", "4", "--out", "run"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.readline()
        process.stdout.close()
        talk = process.stderr.read()
    assert process.returncode == 130
    assert talk == b""
    assert checkpoint.load(tmp_path / "run" / "best.safetensors").provenance["steps"] > 0


def test_a_training_goes_on_when_nobody_reads_its_talk(poem, tmp_path):
    command = [sys.executable, "-m", "charrnn", "train", poem, *SHORT, "--out", "run"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        process.stderr.close()
    assert process.returncode == 0
    assert checkpoint.load(tmp_path / "run" / "last.safetensors").provenance["steps"] == 20


def test_a_run_into_a_pipe_is_plain_lines_even_under_force_color(charrnn, poem):
    done = charrnn("train", poem, *SHORT, FORCE_COLOR="1", TERM="xterm-256color")
    assert "\x1b[1A" not in done.stderr  # nothing is redrawn
    assert "step 20 of 20 · train " in done.stderr


def test_what_a_file_says_of_itself_reaches_the_terminal_visibly(charrnn, poem, tmp_path):
    charrnn("train", poem, *SHORT, "--quiet", "--out", "run")
    loaded = checkpoint.load(tmp_path / "run" / "best.safetensors")
    loaded.provenance["command"] = "charrnn\x1b]0;title\x07"
    checkpoint.save(tmp_path / "evil.safetensors", loaded)
    shown = charrnn("inspect", "checkpoint", "evil.safetensors").stdout
    assert "command     charrnn␛]0;title␇\n" in shown
    assert "\x1b" not in charrnn("inspect", "checkpoint", "no\x1b[31mfile").stderr


def test_closed_streams_and_full_disks_are_no_internal_errors(tmp_path):
    for line, expected in [
        ("train - <&-", b"charrnn train: the corpus has 0 characters"),
        ("sample --length 10 >/dev/full </dev/null", b"No space left on device"),
        ("sample --length 10 >&- </dev/null", b"temp 1"),
        (f"inspect checkpoint {'x' * 300}", b"File name too long"),
    ]:
        done = subprocess.run(
            f"{sys.executable} -m charrnn {line}", shell=True, cwd=tmp_path, capture_output=True
        )
        assert expected in done.stderr, line
        assert b"internal error" not in done.stderr, line


def test_an_ascii_stream_gets_ascii(charrnn):
    done = charrnn("inspect", "neuron", "42", "--length", "110", PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert "?" not in done.stdout.split("\n\n")[0]
    assert done.stdout.startswith("neuron 42 (layer 1, unit 42) - tanh(c), cell state")
    assert "-1 0123456789 +1" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_finish_the_step_save_and_exit_130(poem, tmp_path, number):
    flags = ["--epochs", "1000000", "--hidden", "8", "--batch", "4", "--out", "run"]
    process = Process("train", poem, "--steps", "1000000", *flags, cwd=tmp_path)
    wait_for(tmp_path / "run" / "metrics.jsonl")
    os.kill(process.pid, number)
    done = process.end()
    assert done.returncode == 130
    assert "stopped at step " in done.stderr
    assert "charrnn train --resume run" in done.stderr
    assert checkpoint.load(tmp_path / "run" / "best.safetensors").provenance["steps"] > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_killed_run_goes_on_to_the_same_model(charrnn, poem, tmp_path):
    flags = ["--steps", "600", "--epochs", "100000", "--hidden", "8", "--batch", "4"]
    whole = charrnn("train", poem, *flags, "--out", "checkpoints/whole", "--quiet")
    assert whole.returncode == 0, whole.stderr
    killed = Process("train", poem, *flags, "--quiet", "--out", "checkpoints/killed", cwd=tmp_path)
    wait_for(tmp_path / "checkpoints" / "killed" / "resume.safetensors")
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.end().returncode == -signal.SIGKILL
    assert charrnn("train", "--resume").returncode == 0  # the newest that was stopped
    for name in ("best", "last"):
        one, other = (
            checkpoint.load(tmp_path / "checkpoints" / run / f"{name}.safetensors").weights
            for run in ("whole", "killed")
        )
        assert all((one[name] == other[name]).all() for name in one)
    done = charrnn("train", "--resume", "checkpoints/killed")
    assert done.returncode == 1
    assert "checkpoints/killed: this run has ended" in done.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--resume", "no run under checkpoints/ was stopped before its end"),
        ("--resume nowhere", "nowhere: there is no such folder"),
        ("--resume a b", "--resume takes one run folder"),
        ("--resume --clip-norm 3", "--clip-norm cannot be given with it"),
        ("--resume --out b", "--out cannot be given with it"),
    ],
)
def test_what_cannot_be_resumed_says_why(charrnn, line, message):
    done = charrnn("train", *line.split())
    assert done.returncode in (1, 2)
    assert message in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_ctrl_c_while_sampling_ends_at_once(tmp_path):
    command = [sys.executable, "-m", "charrnn", "sample", "--length", "100000000"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_ctrl_c,
    ) as process:
        assert process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        _, talk = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in talk


def hear_ctrl_c() -> None:
    """Undo what a shell does to a job in the background, whose SIGINT it has it ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(path) -> None:
    """Wait until a file holds something."""
    deadline = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size):
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.05)


def test_inspect_score_says_what_a_text_costs(charrnn, tmp_path):
    (tmp_path / "t.py").write_text("def main():\n    pass\n")
    net, steps = package.load("demo"), checkpoint.load(runs.demo()).provenance["steps"]
    done = charrnn("inspect", "score", "t.py")
    assert done.returncode == 0, done.stderr
    nats = net.score("def main():\n    pass\n")
    bits = nats / math.log(2)
    assert done.stdout == (
        "text        t.py · 20 characters predicted, state carried\n"
        f"model       the demonstration model, step {steps:,}\n"
        f"loss        {nats:.3f} nats, {bits:.3f} bits per character\n"
        f"total       {20 * bits:,.0f} bits, {20 * bits / 8:,.0f} bytes\n"
    )
    got = json.loads(charrnn("inspect", "score", "t.py", "--json").stdout)
    assert got["nats"] == pytest.approx(nats)
    assert got["total_bits"] == pytest.approx(20 * bits)
    assert "per_character" not in got
    each = json.loads(charrnn("inspect", "score", "t.py", "--json", "--per-character").stdout)
    assert "".join(each["per_character"]["character"]) == "ef main():\n    pass\n"
    assert sum(each["per_character"]["nats"]) == pytest.approx(20 * nats)


def test_inspect_score_reads_cold_windows(charrnn, tmp_path):
    (tmp_path / "t.py").write_text("import os\n" * 10)
    got = json.loads(
        charrnn("inspect", "score", "t.py", "--cold", "10", "--json", "--per-character").stdout
    )
    assert (got["how"], got["characters"]) == ("cold, in windows of 10", 90)
    costs = got["per_character"]["nats"]
    assert costs[:10] == pytest.approx(costs[10:20])  # the same window again
    done = charrnn("inspect", "score", "t.py", "--cold", "100")
    assert done.returncode == 2
    assert "holds no window of 100" in done.stderr


def test_a_broken_numba_leaves_the_work_to_torch_and_is_named_once(charrnn, poem, tmp_path):
    (tmp_path / "numba.py").write_text("raise ImportError('Numba needs another NumPy')")
    done = charrnn("train", poem, *SHORT, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("numba") == 1
    assert (
        "numba cannot be used (Numba needs another NumPy): torch.nn runs the recurrence"
        in done.stderr
    )
