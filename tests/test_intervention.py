"""Units that are set from outside: in one character, in a whole text, and to no effect."""

import numpy as np
import pytest

from charrnn.intervention import Intervention

BACKBONES = ["vanilla", "gru", "lstm"]


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_held_unit_has_its_value_after_every_character(make_checkpoint, backbone):
    network = make_checkpoint(backbone).network()
    ids = network.vocabulary.encode("to be or not to be")[:, None]
    held = [Intervention(layer=1, unit=3, value=0.75)]
    signals = network.run(ids, record=["h"], held=held).signals
    assert (signals["h"][:, 0, 5 + 3] == 0.75).all()
    free = network.run(ids, record=["h"]).signals["h"]
    np.testing.assert_array_equal(signals["h"][:, :, :5], free[:, :, :5])  # the layer below
    assert (signals["h"][1:, :, 5:8] != free[1:, :, 5:8]).all()  # its neighbours hear it


@pytest.mark.parametrize("backbone", BACKBONES)
def test_steps_and_a_whole_text_are_held_alike(make_checkpoint, backbone):
    network = make_checkpoint(backbone).network(np.float64)
    ids = network.vocabulary.encode("to be or not")
    held = [Intervention(0, 1, 0.5, push=True), Intervention(1, 0, -0.2)]
    whole = network.run(ids[:, None], held=held)
    state = network.start()
    for time, one in enumerate(ids):
        logits, state = network.step([one], state, held)
        np.testing.assert_allclose(logits[0], whole.logits[time, 0], rtol=1e-12)


def test_a_held_cell_state_is_heard_through_the_output_gate(make_checkpoint):
    network = make_checkpoint("lstm").network(np.float64)
    ids = network.vocabulary.encode("a bee")[:, None]
    held = [Intervention(0, 2, 1.5, signal="c")]
    signals = network.run(ids, record=["h", "c", "o"], held=held).signals
    assert (signals["c"][:, 0, 2] == 1.5).all()
    np.testing.assert_allclose(signals["h"][:, 0, 2], signals["o"][:, 0, 2] * np.tanh(1.5))


def test_a_push_by_nothing_changes_nothing_and_a_push_adds_up(make_checkpoint):
    network = make_checkpoint("lstm").network(np.float64)
    ids = network.vocabulary.encode("a")[:, None]
    free = network.run(ids, record=["h", "c"]).signals
    for signal in ("h", "c"):
        still = network.run(ids, record=["h"], held=[Intervention(1, 4, 0, signal, push=True)])
        np.testing.assert_allclose(still.signals["h"], free["h"], rtol=1e-12)
    moved = network.run(ids, record=["c"], held=[Intervention(1, 4, 0.25, "c", push=True)])
    assert moved.signals["c"][0, 0, 9] == pytest.approx(free["c"][0, 0, 9] + 0.25)


def test_each_stream_can_be_held_by_itself(make_checkpoint):
    network = make_checkpoint("gru").network(np.float64)
    ids = np.repeat(network.vocabulary.encode("abcd")[:, None], 3, axis=1)
    held = [Intervention(0, 2, np.array([0.5]), streams=np.array([1]))]
    logits = network.run(ids, held=held).logits
    np.testing.assert_array_equal(logits[:, 0], logits[:, 2])
    alone = network.run(ids[:, :1], held=[Intervention(0, 2, 0.5)]).logits
    np.testing.assert_allclose(logits[:, 1], alone[:, 0], rtol=1e-12)
