"""The wheel, built from this tree and run in an empty folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def run_from(unpacked, folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "charrnn", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )


def test_the_wheel_samples_and_inspects_its_own_demonstration_model(unpacked, tmp_path):
    sampled = run_from(unpacked, tmp_path, "sample", "--temp", "0.8", "--length", "100")
    assert len(sampled.stdout) == 100
    assert sampled.stderr.startswith("the demonstration model · temp 0.8 · seed ")
    assert run_from(unpacked, tmp_path, "inspect", "neuron", "42").stdout.startswith("neuron 42 ")
    prose = run_from(unpacked, tmp_path, "inspect", "score", "--checkpoint", "demo:prose")
    assert "the demonstration model of prose" in prose.stdout


def test_the_wheel_carries_the_nested_corpus_and_every_preset_and_recipe(unpacked):
    for inside, outside in [
        ("charrnn/corpora", "corpora"),
        ("charrnn/presets", "charrnn/presets"),
        ("charrnn/text/recipes", "charrnn/text/recipes"),
    ]:
        names = {path.name for path in (ROOT / outside).iterdir() if path.is_file()}
        assert {path.name for path in (unpacked / inside).iterdir()} == names


def test_the_demonstration_models_are_at_most_four_megabytes_together(unpacked):
    models = list((unpacked / "charrnn" / "checkpoints").glob("*/best.safetensors"))
    assert [path.parent.name for path in sorted(models)] == ["demo", "prose"]
    assert sum(path.stat().st_size for path in models) <= 4_000_000
