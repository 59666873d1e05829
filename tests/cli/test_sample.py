"""`charrnn sample` as its users run it: what each option does, and any mix of them."""

import contextlib
import importlib.util
import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charrnn import checkpoint
from charrnn.cli.app import app
from charrnn.errors import CharrnnError
from charrnn.sampling import statistics, write
from charrnn.text.vocabulary import Vocabulary

SEA = "the sea was wet as wet could be, the sands were dry as dry.\n" * 30


@pytest.fixture(scope="module")
def models(tmp_path_factory, request):
    """Two random models: one of a text, one of records; and the text, as if it were the corpus."""
    import hashlib

    sys.path.insert(0, str(request.config.rootpath / "tests"))
    from conftest import random_checkpoint

    folder = tmp_path_factory.mktemp("models")
    (folder / "sea.txt").write_text(SEA, encoding="utf-8")
    provenance = {"corpus": "sea", "sha256": hashlib.sha256(SEA.encode()).hexdigest(), "steps": 7}
    made = random_checkpoint("lstm", alphabet=SEA, hidden=8)
    checkpoint.save(folder / "text.safetensors", replace(made, provenance=provenance))
    records = random_checkpoint("gru", alphabet="\nabcde", hidden=8)
    checkpoint.save(
        folder / "records.safetensors", replace(records, records="line", record_end="\n")
    )
    return folder


@pytest.fixture
def sample(models, capsys, monkeypatch):
    """Run the command in this process; return its stdout and stderr."""

    def run(*options: str, model: str = "text", stdin: str = "") -> tuple[str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        arguments = ["sample", str(models / f"{model}.safetensors"), *options]
        app(arguments, prog_name="charrnn", standalone_mode=False)
        return tuple(capsys.readouterr())

    return run


def text(sample, *options: str, **more) -> str:
    return sample("--seed", "3", "--length", "40", *options, **more)[0]


def test_the_same_seed_gives_the_same_text_and_another_seed_another(sample):
    assert text(sample) == text(sample) != sample("--seed", "4", "--length", "40")[0]


@pytest.mark.parametrize(
    "options",
    [
        ["--temp", "0.3"], ["--temp", "0.1..3"], ["--greedy"], ["--top-k", "2"],
        ["--top-p", "0.3"], ["--min-p", "0.9"], ["--typical", "0.2"],
        ["--repetition-penalty", "5"], ["--ban", "ea"], ["--only", "sea "], ["--beam", "3"],
        ["--best-of", "3"], ["--lines", "1"], ["--stop", "e"], ["--match", "[a-s]*"],
        ["--clamp", "0=5"], ["--clamp", "1:3:c=+5"], ["--prompt", "sea"],
    ],
    ids="".join,
)  # fmt: skip
def test_every_option_changes_what_is_written(sample, options):
    assert text(sample, *options) != text(sample)


def test_greedy_is_temperature_zero_and_the_only_text_of_one_beam(sample):
    assert text(sample, "--greedy") == text(sample, "--temp", "0") == text(sample, "--beam", "1")


def test_a_window_ends_what_the_penalty_remembers(sample):
    def nearest_repeat(window: str) -> int:
        shown = text(sample, "--repetition-penalty", "1e9", "--repetition-window", window)
        gaps = [n - shown.rindex(one, 0, n) for n, one in enumerate(shown) if one in shown[:n]]
        return min(gaps)

    assert nearest_repeat("1") == 2
    assert nearest_repeat("9") == 10


def test_banned_and_only_characters(sample):
    assert not set("ea") & set(text(sample, "--ban", "ea"))
    assert set(text(sample, "--only", "sea ")) <= set("sea ")


def test_the_ends_of_a_text(sample):
    whole = text(sample, "--temp", "2")
    stop = whole[20:22]
    before = whole[: whole.index(stop)]
    assert text(sample, "--temp", "2", "--stop", stop) == before
    assert text(sample, "--temp", "2", "--stop", stop, "--keep-stop") == before + stop
    lines = sample("--seed", "1", "--length", "9000", "--temp", "3", "--lines", "3")[0]
    assert lines.count("\n") == 3
    assert lines.endswith("\n")


def test_samples_are_separated_and_the_first_is_not_the_second(sample):
    shown, said = sample("--samples", "3", "--length", "20", "--seed", "1", "--ban", "\n")
    texts = shown.split("\n\n")
    assert [len(one.rstrip("\n")) for one in texts] == [20, 20, 20]
    assert len(set(texts)) == 3
    assert said.splitlines()[-1].startswith("60 characters · ")


def test_records_are_lines(sample):
    shown, _ = sample("--samples", "20", "--seed", "1", model="records")
    records = shown.splitlines()
    assert len(records) == 20
    assert len(set(records)) > 10


def test_the_best_of_many_is_the_one_that_costs_the_model_least(sample):
    def nats(*options: str) -> list[float]:
        shown, _ = sample("--seed", "2", "--length", "30", "--json", *options)
        return [json.loads(line)["nats"] for line in shown.splitlines()]

    assert nats("--best-of", "6") == [min(nats("--samples", "6"))]


def test_json_holds_the_text_its_settings_and_what_each_character_cost(sample):
    shown, _ = sample("--json", "--log-probs", "--length", "9", "--seed", "5", "--prompt", "sea")
    one = json.loads(shown)
    assert (one["prompt"], one["seed"], one["characters"]) == ("sea", 5, 9)
    assert (
        one["prompt"] + one["text"] == sample("--length", "9", "--seed", "5", "--prompt", "sea")[0]
    )
    assert one["nats"] == pytest.approx(-sum(one["log_probs"]) / 9)
    assert one["settings"]["length"] == 9


def test_a_match_is_a_match(sample):
    shown = text(sample, "--match", r"(the|sea|was)( (wet|dry)){2}\.")
    assert re.fullmatch(r"(the|sea|was)( (wet|dry)){2}\.", shown)


def test_copies_are_kept_short_or_shown(sample, models):
    corpus = ["--corpus", str(models / "sea.txt")]
    shown = text(sample, "--max-copy", "2", *corpus)
    assert len(shown) == 40
    assert not any(shown[start : start + 3] in SEA for start in range(38))
    options = ["--show-copies", "1", "--only", "the sa"]
    marked, said = sample("--seed", "3", "--length", "40", *options, *corpus)
    line, marks = marked.splitlines()
    pairs = {start for start in range(39) if line[start : start + 2] in SEA}
    expected = "".join(" ^"[{start, start - 1} & pairs != set()] for start in range(40))
    assert marks == expected.rstrip()
    share = expected.count("^") / 40
    assert f"{share:.1%} stands in the corpus, more than 1 in a row\n" in said


def test_the_same_seed_with_and_without_a_clamp_side_by_side(sample):
    shown, _ = sample("--clamp", "0=5", "--beside", "--length", "20", "--seed", "1", "--ban", "\n")
    title, line = shown.splitlines()
    assert title.split() == ["without", "0=5"]
    without = sample("--length", "20", "--seed", "1", "--ban", "\n")[0]
    clamped = sample("--length", "20", "--seed", "1", "--ban", "\n", "--clamp", "0=5")[0]
    assert line.startswith(without)
    assert clamped.strip() in line
    assert without != clamped


def test_a_gap_is_filled_by_what_fits_before_and_after(sample):
    shown, _ = sample("--prompt", "the s_a", "--fill", "_", "--samples", "4")
    shares = [float(line.split("%")[0]) for line in shown.splitlines()]
    assert len(shares) == 4
    assert shares == sorted(shares, reverse=True)
    assert all(re.search(r"%  the s.a  \d+\.\d{3} nats", line) for line in shown.splitlines())


@pytest.mark.parametrize("color", ["probability", "entropy", "rank", "neuron:1:3"])
def test_without_colours_shades_are_marks_under_the_text(sample, color):
    shown, said = sample("--color", color, "--length", "20", "--seed", "1", "--ban", "\n")
    line, marks = shown.splitlines()
    assert line.replace("·", " ") == sample("--length", "20", "--seed", "1", "--ban", "\n")[0]
    assert len(marks) == 20
    assert set(marks) <= set("▁▂▃▄▅▆▇█")
    assert "▁▂▃▄▅▆▇█" in said


def test_the_likeliest_characters_stand_under_each_line(sample):
    shown, _ = sample("--top", "2", "--length", "20", "--seed", "1", "--temp", "0")
    line, first, second = shown.splitlines()[:3]
    assert line.rstrip("⏎") == first[: len(line)].rstrip("⏎")  # greedy: the likeliest came
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_output_goes_to_a_file_which_is_written_whole(sample, models):
    file = models / "written.txt"
    shown, _ = sample("--output", str(file), "--length", "30", "--seed", "1")
    assert shown == ""
    assert file.read_text("utf-8") == sample("--length", "30", "--seed", "1")[0]


def test_output_takes_the_place_of_no_file_but_goes_to_a_pipe(sample, models):
    (models / "mine.txt").write_text("mine", encoding="utf-8")
    (models / "link.txt").symlink_to("mine.txt")
    for taken in ("mine.txt", "link.txt", "."):
        with pytest.raises(CharrnnError, match=r"already exists|is a folder"):
            sample("--output", str(models / taken))
    assert (models / "mine.txt").read_text("utf-8") == "mine"
    sample("--output", "/dev/null", "--length", "9")
    assert Path("/dev/null").is_char_device()


def test_piped_text_and_a_file_come_before_the_prompt(sample, models):
    (models / "b.txt").write_text(" sea", encoding="utf-8")
    shown, _ = sample(
        "--prompt-file", str(models / "b.txt"), "--prompt", " was", "--length", "0", stdin="the"
    )
    assert shown == "the sea was"


def test_unknown_characters_of_the_prompt_are_skipped_or_replaced(sample):
    assert sample("--prompt", "séa", "--length", "0", "--unknown", "skip")[0] == "sa"
    assert sample("--prompt", "séa", "--length", "0", "--unknown", "nearest")[0] == "sea"


def test_a_conversation_goes_on_from_what_was_written(sample, models):
    turns = "the sea\n/undo\n/temp 0\nthe sea\n\n/save talk.txt\n/frob\n/reset\nthe sea\n/quit\n"
    turns = turns.replace("talk.txt", str(models / "talk.txt"))
    shown, said = sample(
        "--interactive", "--length", "9", "--seed", "1", "--ban", "\n", stdin=turns
    )
    first, second, third, fourth = shown.splitlines()
    greedy = sample("--greedy", "--length", "18", "--prompt", "the sea", "--ban", "\n")[0]
    assert "the sea" + second + third == greedy
    assert (models / "talk.txt").read_text("utf-8") == greedy
    assert fourth == second
    assert len(first) == 9
    assert "there is no /frob; /help lists what there is" in said
    again = sample(
        "--interactive", "--greedy", "--length", "4", stdin=f"/load {models}/talk.txt\n\n"
    )
    longer = sample("--greedy", "--length", "4", "--prompt", greedy)[0]
    assert greedy + again[0].rstrip("\n") == longer.rstrip("\n")


def test_a_conversation_writes_over_no_file(sample, models):
    file = models / "mine.txt"
    file.write_text("mine", encoding="utf-8")
    _, said = sample("--interactive", stdin=f"/save {file}\n")
    assert file.read_text("utf-8") == "mine"
    assert "File exists" in said


def test_replay_writes_with_each_kept_checkpoint(sample, models, tmp_path):

    made = checkpoint.load(models / "text.safetensors")
    for name, steps in [("step-5", 5), ("best", 9), ("last", 9)]:
        weights = {key: value * steps for key, value in made.weights.items()}
        one = replace(made, weights=weights, provenance={"steps": steps, "validation_nats": 1.5})
        checkpoint.save(tmp_path / f"{name}.safetensors", one)
    shown, said = sample("--replay", str(tmp_path), "--length", "20", "--seed", "1", "--ban", "\n")
    first, second = shown.splitlines()
    assert first != second
    assert said.index("step 5 · validation 1.500 nats") < said.index("step 9 · validation")
    assert "kept 2; charrnn train --keep 10 keeps more" in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--greedy", "--temp", "1.5"], "--greedy and --temp cannot be given together"),
        (["--keep-stop"], "--keep-stop needs --stop"),
        (["--top-p", "1.5"], "--top-p is 1.5, but must be at most 1"),
        (["--repetition-penalty", "0"], "--repetition-penalty is 0.0, but must be at least 1e-06"),
        (["--only", "漢"], "--only and --ban leave no character of the model's alphabet"),
        (["--clamp", "0"], "--clamp '0' is not valid"),
        (["--clamp", "99=1"], "there is no neuron '99' in this model"),
        (["--clamp", "0=nan"], "--clamp '0=nan' is not valid"),
        (["--match", "("], "--match '(' is not a valid pattern"),
        (
            ["--match", "漢"],
            "no text of at most 1,000 characters of the model's",
        ),
        (["--fill", "_", "--prompt", "_", "--top-k", "2"], "--fill and --top-k cannot be given"),
        (["--interactive", "--json"], "--interactive and --json cannot be given together"),
        (["--replay", ".", "--interactive"], "--replay and --interactive cannot be given"),
        (["--stop", ""], "--stop is empty"),
        (["--fill", "__"], "the mask '__' must stand in the prompt once"),
        (["--color", "mood"], "--color is 'mood', but can be probability"),
        (["--max-copy", "3"], "sea: there is no such file"),
        (["--replay", "nowhere"], "--replay: nowhere is no folder of a run"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(sample, capsys, options, message):
    with pytest.raises(CharrnnError) as error:
        sample(*options)
    assert message in error.value.message
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("model", ["text", "records"])
def test_int8_weights_write_by_their_own_seed_and_say_so_in_json(sample, model):
    options = ("--weights", "int8", "--seed", "2", "--length", "30", "--json")
    shown = sample(*options, model=model)[0]
    written = json.loads(shown)
    assert written["settings"]["weights"] == "int8"
    assert sample(*options, model=model)[0] == shown
    exact = json.loads(sample(*options, "--weights", "float32", model=model)[0])
    assert exact["nats"] == pytest.approx(written["nats"], rel=0.1)
    assert exact["nats"] != written["nats"]


def test_int8_weights_need_numba(sample, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CharrnnError) as error:
        sample("--weights", "int8")
    assert error.value.message == "int8 weights: numba is not installed"


def test_the_first_use_of_int8_says_that_it_compiles(charrnn, models, tmp_path):
    command = ("sample", str(models / "text.safetensors"), "--weights", "int8", "--length", "5")
    compiling = "compiling for int8, for some seconds when it is first used ..."
    several = charrnn(*command, "--samples", "2", XDG_CACHE_HOME=str(tmp_path))
    assert compiling not in several.stderr  # they go through NumPy
    assert compiling in charrnn(*command, XDG_CACHE_HOME=str(tmp_path)).stderr
    again = charrnn(*command, "--threads", "1", XDG_CACHE_HOME=str(tmp_path))
    assert compiling not in again.stderr
    assert again.returncode == 0


@pytest.mark.parametrize(
    "options", [[], ["--samples", "3"], ["--beam", "2"], ["--match", "[a-z]+"]]
)
def test_the_rate_leaves_out_the_time_to_read_the_prompt(sample, monkeypatch, options):
    order, reading, counting = [], write.read, statistics.Statistics
    monkeypatch.setattr(write, "read", lambda *all: order.append("read") or reading(*all))
    monkeypatch.setattr(
        statistics, "Statistics", lambda: order.append("clock starts") or counting()
    )
    sample("--length", "7", "--seed", "1", *options)
    assert order == ["read", "clock starts"]


def test_code_compiled_with_parts_of_an_earlier_run_is_loaded(charrnn, make_checkpoint, tmp_path):
    for backbone in ("lstm", "vanilla", "vanilla"):
        made = make_checkpoint(backbone)
        checkpoint.save(tmp_path / f"{backbone}.safetensors", made)
        command = ("sample", str(tmp_path / f"{backbone}.safetensors"), "--weights", "int8")
        assert charrnn(*command, XDG_CACHE_HOME=str(tmp_path)).returncode == 0


VALUES = {
    "--temp": st.sampled_from(["0", "0.5", "1", "7", "0..2", "1e-9"]),
    "--top-k": st.integers(0, 30).map(str),
    "--top-p": st.floats(0, 1).map(str),
    "--min-p": st.floats(0, 1).map(str),
    "--typical": st.floats(0, 1).map(str),
    "--repetition-penalty": st.floats(0.1, 10).map(str),
    "--repetition-window": st.integers(1, 9).map(str),
    "--ban": st.text("the sa\n", max_size=4),
    "--only": st.text("the saw\n", max_size=4),
    "--beam": st.integers(0, 5).map(str),
    "--best-of": st.integers(1, 4).map(str),
    "--samples": st.integers(1, 4).map(str),
    "--length": st.integers(0, 30).map(str),
    "--lines": st.integers(0, 3).map(str),
    "--stop": st.text("the s", min_size=1, max_size=3),
    "--prompt": st.text("the sea", max_size=5),
    "--match": st.sampled_from(["", "[a-t ]*", "the .*", "s{40}", "(a|b)+x?"]),
    "--show-copies": st.integers(0, 3).map(str),
    "--max-copy": st.integers(0, 3).map(str),
    "--clamp": st.sampled_from(["0=1", "1:2=+0.5", "3:c=-2"]),
    "--color": st.sampled_from(["probability", "entropy", "rank", "neuron:3"]),
    "--top": st.integers(0, 3).map(str),
    "--threads": st.integers(0, 2).map(str),
    "--weights": st.sampled_from(["float32", "int8"]),
}
SWITCHES = ["--greedy", "--keep-stop", "--json", "--log-probs", "--safe", "--beside"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), model=st.sampled_from(["text", "records"]))
def test_no_mix_of_options_raises_anything_but_our_own_errors(sample, models, data, model):
    chosen = data.draw(st.lists(st.sampled_from([*VALUES, *SWITCHES]), unique=True, max_size=6))
    options = ["--length", "12", "--seed", "0", "--corpus", str(models / "sea.txt")]
    for name in chosen:
        options += [name] if name in SWITCHES else [name, data.draw(VALUES[name])]
    with contextlib.suppress(CharrnnError):
        sample(*options, model=model)


def test_a_mark_at_the_start_of_a_prompt_is_left_out(sample, models):
    (models / "marked.txt").write_bytes(b"\xef\xbb\xbfthe sea")
    for options, stdin in (
        (["--prompt-file", str(models / "marked.txt")], ""),
        ([], "\ufeffthe sea"),
    ):
        assert sample(*options, "--length", "0", stdin=stdin)[0] == "the sea"


def test_a_stop_that_cannot_come_is_said_and_no_error(sample):
    shown, said = sample("--stop", "漢", "--length", "9", "--seed", "1")
    assert len(shown) == 9
    assert "--stop '漢' cannot come" in said


def test_a_saved_conversation_is_loaded_byte_by_byte(sample, models):
    first, second = models / "turn.txt", models / "again.txt"
    first.write_bytes(b"the sea\r\n" if "\r" in SEA else b"the sea\n")
    turns = f"/load {first}\n/save {second}\n/length \u00b2\n/quit\n"
    _, said = sample("--interactive", stdin=turns)
    assert second.read_bytes() == first.read_bytes()
    assert "the length must be a whole number" in said


def test_the_environment_gives_settings_of_sample(sample, monkeypatch):
    greedy = text(sample, "--temp", "0")
    monkeypatch.setenv("CHARRNN_TEMP", "0")
    monkeypatch.setenv("CHARRNN_HIDDEN", "64")  # of train, which is no error here
    assert text(sample) == greedy
    monkeypatch.setenv("CHARRNN_TOP_K", "many")
    with pytest.raises(CharrnnError, match="the environment: top_k is 'many'"):
        text(sample)


def test_a_gap_in_a_record_is_scored_with_its_start_and_its_end(sample, models):
    from charrnn.losses import log_softmax

    loaded = checkpoint.load(models / "records.safetensors")
    ids = loaded.vocabulary.encode("\nabe\n")
    logits = loaded.network().run(ids[:-1, None]).logits[:, 0].astype(float)
    expected = -log_softmax(logits)[range(4), ids[1:]].sum()
    shown, _ = sample("--prompt", "a_e", "--fill", "_", model="records")
    rows = {line.split()[1]: float(line.split()[2]) for line in shown.splitlines()}
    # Its cost is that of the gap and what follows, given the start: not that of the "a" before it.
    before = -log_softmax(logits)[0, ids[1]]
    assert rows["abe"] == pytest.approx(expected - before, abs=2e-3)
    assert len(rows) == 5  # never an end inside


def test_memory_does_not_hold_the_logits_of_all_that_is_written(models, sample):
    import tracemalloc

    sys.path.insert(0, str(Path(__file__).parents[1]))
    from conftest import random_checkpoint

    many = "".join(map(chr, range(0x4E00, 0x4E00 + 5000)))
    made = random_checkpoint("gru", alphabet=many, hidden=4, layers=1)
    checkpoint.save(models / "many.safetensors", replace(made, heldout=made.heldout[:10]))
    sample("--json", "--length", "1", "--seed", "1", model="many")  # which imports
    peaks = []
    for length in ("10", "1000"):
        tracemalloc.start()
        sample("--json", "--length", length, "--seed", "1", model="many")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 5e6  # 1,000 × 5,000 logits would be 20


def test_what_bytes_cannot_say_in_one_is_refused_by_its_option(tmp_path, make_checkpoint, charrnn):
    stored = "naïve café\n".encode().decode("latin-1")
    made = make_checkpoint("gru", alphabet="".join(sorted(set(stored))))
    vocabulary = Vocabulary.of(stored, as_bytes=True)
    bytes_model = replace(made, vocabulary=vocabulary, heldout=made.heldout[:0])
    checkpoint.save(tmp_path / "bytes.safetensors", bytes_model)
    for option in ("--ban", "--only"):
        done = charrnn("sample", "bytes.safetensors", option, "aé")
        assert done.returncode == 2
        assert done.stderr.splitlines()[0] == (
            f"charrnn sample: {option}: é is several bytes, and this model writes bytes"
        )
