import pytest

from charrnn import torchrun
from charrnn.errors import UsageError

STARTED = {"WORLD_SIZE": "3", "RANK": "1", "LOCAL_RANK": "1", "MASTER_ADDR": "here",
           "MASTER_PORT": "1"}  # fmt: skip


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    for name in STARTED:
        monkeypatch.delenv(name, raising=False)


def environment(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    "variables",
    [{}, {"RANK": "1"}, {"RANK": "x"}, {"RANK": ""}, {"WORLD_SIZE": ""}, {"WORLD_SIZE": "1"},
     {"WORLD_SIZE": "1", "RANK": "0"}],
)  # fmt: skip
def test_without_a_size_there_is_one_process(monkeypatch, variables):
    environment(monkeypatch, **variables)
    assert (torchrun.rank(), torchrun.size()) == (0, 1)


def test_torchrun_says_which_process_this_is(monkeypatch):
    environment(monkeypatch, **STARTED)
    assert (torchrun.rank(), torchrun.size()) == (1, 3)


@pytest.mark.parametrize(
    ("name", "value"), [("RANK", ""), ("WORLD_SIZE", "two"), ("MASTER_ADDR", ""), ("RANK", "²")]
)
def test_another_launchers_environment_is_named(monkeypatch, name, value):
    environment(monkeypatch, **STARTED | {name: value})
    with pytest.raises(UsageError, match=name) as caught:
        torchrun.size()
    assert "torchrun" in caught.value.hint
