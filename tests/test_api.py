import itertools

import numpy as np
import pytest

import charrnn
from charrnn import checkpoint


@pytest.fixture
def net(make_checkpoint, tmp_path):
    checkpoint.save(tmp_path / "best.safetensors", make_checkpoint())
    return charrnn.load(tmp_path)


def test_a_file_and_its_folder_load_alike(net, tmp_path):
    file = charrnn.load(str(tmp_path / "best.safetensors"))
    assert file.score("hello there") == net.score("hello there")


def test_everything_that_the_readme_promises(net):
    ids = net.vocabulary.encode("hello")
    assert net.vocabulary.decode(ids) == "hello"
    logits, state = net.step([ids[0]], net.start())
    assert logits.shape == (1, 31)
    result = net.run(ids[:, None], record=["c", "f"])
    assert result.logits.shape == (5, 1, 31)
    assert result.signals["c"].shape == (5, 1, 10)
    assert len(result.state) == len(state) == 2
    assert net.score("hello") > 0


def test_a_sample_is_an_iterator_of_text(net):
    text = "".join(net.sample(length=30, temp=0.8, prompt="he", seed=1))
    assert len(text) == 30
    assert text == "".join(net.sample(length=30, temp=0.8, prompt="he", seed=1))
    assert len(list(itertools.islice(net.sample(), 5))) == 5


def test_double_precision_is_to_be_had(net, tmp_path):
    double = charrnn.load(tmp_path, dtype=np.float64)
    assert double.step([0], double.start())[0].dtype == np.float64


def test_errors_can_be_caught_as_one(tmp_path):
    with pytest.raises(charrnn.CharrnnError):
        charrnn.load(tmp_path / "nothing")
    with pytest.raises(AttributeError):
        _ = charrnn.nothing
