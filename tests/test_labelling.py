import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrnn import labelling
from charrnn.training.tasks import classify


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["last", "mean", "max"])
@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=6),
    padding=st.integers(0, 3),
    units=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_texts_are_pooled_alike_with_and_without_torch(
    kind, bidirectional, lengths, padding, units, seed
):
    size = max(lengths) + padding, len(lengths), units * (1 + bidirectional)
    outputs = np.random.default_rng(seed).normal(size=size)
    found = labelling.pooled(outputs, np.array(lengths), kind, bidirectional)
    wanted = classify.pooled(
        torch.from_numpy(outputs), torch.tensor(lengths), kind, bidirectional
    ).numpy()
    assert found.shape == (len(lengths), size[2])
    assert found == pytest.approx(wanted, abs=1e-14)


def test_what_is_pooled_by_hand():
    outputs = np.array([[[1.0, -2.0]], [[3.0, -4.0]], [[90.0, 90.0]]])  # (T, N, 2), of 2 characters
    lengths = np.array([2])
    wanted = {"mean": [2.0, -3.0], "max": [3.0, -2.0], "last": [3.0, -2.0]}  # back: at the first
    for kind, values in wanted.items():
        assert labelling.pooled(outputs, lengths, kind, bidirectional=True).tolist() == [values]
    assert labelling.pooled(outputs, lengths, "last", bidirectional=False).tolist() == [[3.0, -4.0]]
