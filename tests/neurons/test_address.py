import pytest

from charrnn.architecture import Architecture, Decoder
from charrnn.errors import UsageError
from charrnn.neurons.address import Neuron, is_address, parse

NETWORK = Architecture("lstm", layers=2, hidden=128, vocabulary=65)


@pytest.mark.parametrize(
    ("address", "neuron"),
    [
        ("0", Neuron(number=0, layer=1, unit=0)),
        ("42", Neuron(number=42, layer=1, unit=42)),
        ("128", Neuron(number=128, layer=2, unit=0)),
        ("255", Neuron(number=255, layer=2, unit=127)),
        ("1:42", Neuron(number=42, layer=1, unit=42)),
        ("2:42", Neuron(number=170, layer=2, unit=42)),
    ],
)
def test_both_ways_to_name_a_neuron(address, neuron):
    assert parse(address, NETWORK) == neuron


@pytest.mark.parametrize("address", ["256", "3:0", "0:5", "1:128", "", "-1", "a", "1:2:3", "²"])
def test_a_neuron_that_is_not_there_is_refused_with_those_there_are(address):
    with pytest.raises(UsageError) as caught:
        parse(address, NETWORK)
    assert caught.value.message == f"there is no neuron {address!r} in this model"
    assert caught.value.hint == "its neurons are 0 to 255, or 1:0 to 2:127 as layer:unit"


BOTH = Architecture("lstm", layers=2, hidden=128, vocabulary=65, bidirectional=True)


@pytest.mark.parametrize(
    ("address", "neuron", "shown"),
    [
        ("1:7", Neuron(7, 1, 7, "forward"), "7 (1:7)"),
        ("forward:1:7", Neuron(7, 1, 7, "forward"), "7 (1:7)"),
        ("backward:1:7", Neuron(135, 1, 7, "backward"), "135 (backward:1:7)"),
        ("135", Neuron(135, 1, 7, "backward"), "135 (backward:1:7)"),
        ("2:7", Neuron(263, 2, 7, "forward"), "263 (2:7)"),
        ("backward:2:127", Neuron(511, 2, 127, "backward"), "511 (backward:2:127)"),
    ],
)
def test_a_unit_of_either_direction_is_typed_as_it_is_shown(address, neuron, shown):
    assert is_address(address)
    assert parse(address, BOTH) == neuron
    assert neuron.both_names == shown
    assert parse(shown.partition("(")[2].rstrip(")"), BOTH) == neuron


PARTS = Architecture(
    **(vars(BOTH) | {"decoder": Decoder("lstm", layers=2, hidden=128, vocabulary=9)})
)


@pytest.mark.parametrize(
    ("address", "shape", "shown"),
    [
        ("encoder:1:7", PARTS, "7 (encoder:1:7)"),
        ("encoder:backward:1:7", PARTS, "135 (encoder:backward:1:7)"),
        ("backward:1:7", PARTS, "135 (encoder:backward:1:7)"),
        ("encoder:135", PARTS, "135 (encoder:backward:1:7)"),
        ("decoder:2:7", PARTS.decoder, "135 (decoder:2:7)"),
        ("135", PARTS.decoder, "135 (decoder:2:7)"),
    ],
)
def test_a_unit_of_either_part_is_typed_as_it_is_shown(address, shape, shown):
    assert is_address(address)
    assert parse(address, shape).both_names == shown
    assert parse(shown.partition("(")[2].rstrip(")"), shape) == parse(address, shape)


@pytest.mark.parametrize(
    ("address", "shape"),
    [("decoder:1:7", PARTS), ("encoder:1:7", PARTS.decoder), ("encoder:1:7", NETWORK)],
)
def test_a_part_that_is_not_there_is_refused(address, shape):
    with pytest.raises(UsageError, match=f"there is no neuron '{address}'"):
        parse(address, shape)


@pytest.mark.parametrize(
    ("address", "shape"), [("backward:1:7", NETWORK), ("backward:3:0", BOTH), ("1:128", BOTH)]
)
def test_a_direction_that_is_not_there_is_refused(address, shape):
    with pytest.raises(UsageError, match="there is no neuron"):
        parse(address, shape)
    hint = "0 to 511, or 1:0 to 2:127 as layer:unit, and backward:1:0 to backward:2:127"
    with pytest.raises(UsageError) as caught:
        parse("512", BOTH)
    assert caught.value.hint == f"its neurons are {hint}"


def test_a_neuron_shows_both_of_its_names():
    assert str(parse("2:42", NETWORK)) == "neuron 170 (layer 2, unit 42)"
    assert str(parse("backward:2:42", BOTH)) == "neuron 426 (layer 2, backward, unit 42)"
