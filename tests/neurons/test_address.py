import pytest

from charrnn.architecture import Architecture
from charrnn.errors import UsageError
from charrnn.neurons.address import Neuron, parse

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


def test_a_neuron_shows_both_of_its_names():
    assert str(parse("2:42", NETWORK)) == "neuron 170 (layer 2, unit 42)"
