"""Findings made by hand, for the tests of what keeps them and what shows them."""

from charrnn.neurons.activations import Signal
from charrnn.neurons.address import Neuron
from charrnn.neurons.evidence import Evidence, Finding, Side, Use


def finding(concept, score, gain, number=3, used=True, p=0.005):
    """Return what is found for one neuron, whose gain over both rivals is certain if above 0."""
    use = Use(0.1, 0.1, 0.1, 0.3, 20, 0.0, 0.1, shown=used)
    one = Evidence(
        signal=Signal(Neuron(number, 1, number), "c", -1, 1, unbounded=True),
        sign=1,
        chosen_by=score,
        score=score,
        interval=(score - 0.01, score + 0.01),
        r=0.5,
        thresholded=None,
        p=p,
        over_lexical=gain,
        over_lexical_interval=(gain - 0.01, gain + 0.01),
        over_untrained=gain,
        over_untrained_interval=(gain - 0.01, gain + 0.01),
        squashed=0.5,
        use=use,
    )
    side = Side(0.2, 90, {"last 1": 0.6, "last 3": 0.7, "last 8": 0.7}, (0.6, 0.7), "", (one,))
    return Finding(concept, 9000, 10, 1, 0, side, side)
