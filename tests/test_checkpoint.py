import ast
import json
import os
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

import charrnn
from charrnn import checkpoint, files
from charrnn.cells import CELLS
from charrnn.errors import CheckpointError, FileError
from charrnn.text.vocabulary import Vocabulary


@pytest.fixture
def saved(make_checkpoint, tmp_path):
    path = tmp_path / "best.safetensors"
    checkpoint.save(path, make_checkpoint())
    return path


def rewrite(path, change_header=lambda header: None, change_tensors=lambda tensors: None):
    """Save the file again with something changed."""
    tensors = load_file(path)
    header = read_header(path.read_bytes())
    change_header(header)
    change_tensors(tensors)
    save_file(tensors, path, {"charrnn": json.dumps(header)})


def read_header(data: bytes) -> dict:
    """Read the metadata as the README says, without safetensors."""
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["charrnn"])


def fails(path) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(path)
    return caught.value


def test_a_checkpoint_reads_back_to_itself(saved, make_checkpoint):
    made, read = make_checkpoint(), checkpoint.load(saved)
    assert read.architecture == made.architecture
    assert read.vocabulary == made.vocabulary
    assert read.provenance == made.provenance
    assert read.heldout.tolist() == made.heldout.tolist()
    assert set(read.weights) == set(made.weights)
    assert all((read.weights[name] == made.weights[name]).all() for name in made.weights)


def test_the_file_byte_by_byte(saved, make_checkpoint):
    data = saved.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    layout = json.loads(data[8 : 8 + length])
    header = json.loads(layout.pop("__metadata__")["charrnn"])
    assert header == {
        "format": 1,
        "architecture": {
            "backbone": "lstm",
            "layers": 2,
            "hidden": 5,
            "vocabulary": 31,
            "embedding": 0,
            "reset_gate": "after",
            "tied": False,
            "residual": False,
            "all_layers": False,
            "learned_start": False,
        },
        "alphabet": {
            "characters": "\n !,.abcdefghijklmnopqrstuvwxyz",
            "unknown": False,
            "kind": "characters",
        },
        "records": "",
        "record_end": "",
        "provenance": {"steps": 7},
    }
    made = make_checkpoint()
    assert set(layout) == {*made.weights, "heldout"}
    for name, entry in layout.items():
        start, stop = (8 + length + offset for offset in entry["data_offsets"])
        expected = made.heldout if name == "heldout" else made.weights[name]
        assert entry["dtype"] == ("U8" if name == "heldout" else "F32")
        assert entry["shape"] == list(expected.shape)
        assert data[start:stop] == expected.astype(expected.dtype.newbyteorder("<")).tobytes()


def test_the_same_model_gives_the_same_bytes(saved, make_checkpoint, tmp_path):
    checkpoint.save(tmp_path / "again", make_checkpoint())
    assert (tmp_path / "again").read_bytes() == saved.read_bytes()


@pytest.mark.parametrize("backbone", CELLS)
def test_a_plain_torch_module_loads_the_weights_strictly(make_checkpoint, tmp_path, backbone):
    checkpoint.save(tmp_path / "c", make_checkpoint(backbone, layers=3))
    tensors = {name: torch.from_numpy(value) for name, value in load_file(tmp_path / "c").items()}
    modules = {"lstm": torch.nn.LSTM, "vanilla": torch.nn.RNN}
    module = modules.get(backbone, torch.nn.GRU)  # of both kinds, which share their tensors
    rnn = module(31, 5, num_layers=3)
    own = {name[4:]: value for name, value in tensors.items() if name.startswith("rnn.")}
    rnn.load_state_dict(own, strict=True)
    assert (rnn.weight_hh_l2 == tensors["rnn.weight_hh_l2"]).all()


def test_a_file_cut_short_anywhere_says_so(saved):
    data = saved.read_bytes()
    for length in (0, 4, 8, 100, len(data) // 2, len(data) - 1):
        saved.write_bytes(data[:length])
        assert "was cut short" in fails(saved).message, length


def test_something_else_is_no_checkpoint(tmp_path):
    (tmp_path / "poem.txt").write_text("Shall I compare thee to a summer's day?\n" * 50)
    assert "is not a checkpoint" in fails(tmp_path / "poem.txt").message


def test_a_foreign_safetensors_file_is_no_charrnn_checkpoint(tmp_path):
    save_file({"w": np.zeros(3)}, tmp_path / "other.safetensors")
    message = fails(tmp_path / "other.safetensors").message
    assert message.endswith("is a safetensors file, but not a charrnn checkpoint")


def test_a_newer_format_is_named(saved):
    new = checkpoint.FORMAT + 1
    rewrite(saved, lambda header: header.update(format=new))
    newer = f"has format {new}, newer than the {new - 1} that this charrnn reads"
    assert newer in fails(saved).message


def test_an_unknown_backbone_is_named(saved):
    rewrite(saved, lambda header: header["architecture"].update(backbone="mamba"))
    assert "'mamba', which this charrnn does not know" in fails(saved).message


def test_a_missing_tensor_is_named(saved):
    rewrite(saved, change_tensors=lambda tensors: tensors.pop("head.bias"))
    assert fails(saved).message.endswith("tensor head.bias is missing")


def test_a_wrong_shape_is_named(saved):
    rewrite(saved, change_tensors=lambda tensors: tensors.update({"head.bias": np.zeros(30)}))
    assert fails(saved).message.endswith("tensor head.bias has shape (30,) instead of (31,)")


def test_an_alphabet_of_another_size_is_named(saved):
    rewrite(saved, lambda header: header["alphabet"].update(characters="abc"))
    assert "the model has 31 characters, its alphabet 3" in fails(saved).message


def test_heldout_ids_outside_the_alphabet_are_refused(saved):
    rewrite(saved, change_tensors=lambda tensors: tensors["heldout"].fill(200))
    assert "ids outside the alphabet" in fails(saved).message


def test_weights_that_are_no_numbers_are_refused(saved):
    rewrite(saved, change_tensors=lambda tensors: tensors["head.bias"].fill(np.nan))
    assert fails(saved).message.endswith("tensor head.bias has a value that is not a valid weight")


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("architecture", "layers", "2"),
        ("architecture", "hidden", -5),
        ("architecture", "embedding", 0.5),
        ("alphabet", "characters", "\n! ,.abcdefghijklmnopqrstuvwxyz"),
        ("alphabet", "characters", ["a"]),
        ("alphabet", "unknown", 1),
        ("alphabet", "kind", "words"),
        ("architecture", "layers", 1_000_000),
        ("provenance", "steps", "7"),
        ("provenance", "steps", True),
        ("provenance", "command", 7),
        ("provenance", "validation_nats", float("nan")),
    ],
)
def test_a_header_that_no_training_wrote_is_refused(saved, part, name, value):
    rewrite(saved, lambda header: header[part].update({name: value}))
    assert "a header that does not hold together" in fails(saved).message


@pytest.mark.parametrize("heldout", [np.zeros((2, 2), np.uint8), np.full((1, 3), 1, np.uint16)])
def test_heldout_text_must_be_a_row_of_ids(saved, heldout):
    rewrite(saved, change_tensors=lambda tensors: tensors.update(heldout=heldout))
    assert "the held-out text is not a one-dimensional array of ids" in fails(saved).message


@pytest.mark.parametrize("key", ["format", "architecture", "alphabet", "provenance"])
def test_a_header_without_a_part_is_refused(saved, key):
    rewrite(saved, lambda header: header.pop(key))
    assert "a header that does not hold together" in fails(saved).message


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    assert fails(tmp_path / "nowhere").message.endswith("there is no such file")
    assert str(tmp_path) in fails(tmp_path).message


def test_a_write_that_fails_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="cannot be written: No space left on device") as caught:
        files.write(saved, b"new")
    assert caught.value.hint == "the old file is unchanged"
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_nothing_in_the_package_imports_pickle():
    for path in Path(charrnn.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
                assert not {"pickle", "shelve", "dill", "cloudpickle"} & set(names), path
            assert not (isinstance(node, ast.Attribute) and ast.unparse(node) == "torch.load"), path


def test_weights_too_large_to_be_multiplied_are_refused(saved):
    rewrite(saved, change_tensors=lambda tensors: tensors["head.bias"].fill(3e38))
    assert fails(saved).message.endswith("tensor head.bias has a value that is not a valid weight")


def test_a_type_of_numbers_that_is_not_known_is_named(saved):
    change = {"head.bias": np.zeros(31, np.int64)}
    rewrite(saved, change_tensors=lambda tensors: tensors.update(change))
    assert fails(saved).message.endswith("head.bias is of type I64, which charrnn does not read")


def test_other_precisions_are_read(saved):
    weights = checkpoint.load(saved).weights["head.weight"]
    for dtype in (np.float16, np.float64):
        change = {"head.weight": weights.astype(dtype)}
        rewrite(saved, change_tensors=lambda tensors, change=change: tensors.update(change))
        assert np.allclose(checkpoint.load(saved).weights["head.weight"], weights, atol=1e-3)


def test_bfloat16_is_read_as_torch_reads_it(saved):
    from safetensors import safe_open
    from safetensors.torch import save_file as save_torch

    with safe_open(saved, framework="pt") as file:
        metadata, names = file.metadata(), list(file.keys())
        tensors = {name: file.get_tensor(name) for name in names}
    tensors["head.weight"] = tensors["head.weight"].to(torch.bfloat16)
    save_torch(tensors, saved, metadata)
    expected = tensors["head.weight"].float().numpy()
    assert (checkpoint.load(saved).weights["head.weight"] == expected).all()


def test_what_could_not_be_read_again_is_not_written(make_checkpoint, tmp_path):
    made = replace(make_checkpoint(), vocabulary=Vocabulary("\ud800"))
    with pytest.raises(
        CheckpointError,
        match="could not be read again: the alphabet has half",
    ):
        checkpoint.save(tmp_path / "c", made)
    assert not (tmp_path / "c").exists()


def test_how_records_are_cut_is_kept_and_guessed_for_older_files(make_checkpoint, tmp_path):
    made = replace(make_checkpoint(alphabet="\nab"), records="line", record_end="\n")
    checkpoint.save(tmp_path / "c", made)
    assert checkpoint.load(tmp_path / "c").records == "line"
    rewrite(tmp_path / "c", lambda header: header.pop("records"))
    assert checkpoint.load(tmp_path / "c").records == "line"
