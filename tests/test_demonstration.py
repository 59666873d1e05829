"""The demonstration model's units were renumbered, which must change nothing but their numbers."""

import numpy as np
import pytest

from charrnn.network import Network
from tests.benchmarks.demonstration import exchanged


@pytest.mark.parametrize("backbone", ["lstm", "gru", "vanilla"])
@pytest.mark.parametrize("residual", [False, True])
def test_two_units_that_change_places_compute_what_they_did(make_checkpoint, backbone, residual):
    made = make_checkpoint(backbone, layers=2, hidden=5, embedding=3, residual=residual)
    swapped = Network(
        made.architecture, exchanged(made.weights, made.architecture, 1, 4), made.vocabulary
    )
    before, after = (
        network.run(made.heldout[:99, None], record=["h"]) for network in (made.network(), swapped)
    )
    assert after.logits == pytest.approx(before.logits, abs=1e-6)
    places = np.array([0, 4, 2, 3, 1, 5, 9, 7, 8, 6])
    assert after.signals["h"] == pytest.approx(before.signals["h"][..., places], abs=1e-6)
