"""Some seconds of `python -m tests.fuzz`, which says what it does."""

from tests.fuzz import fuzz


def test_no_damaged_file_gives_anything_but_a_result_or_our_own_error():
    counts, found = fuzz(seconds=10, seed=0)
    assert found == []
    tried = {kind: 0 for kind, _ in counts}
    for (kind, _), count in counts.items():
        tried[kind] += count
    assert len(tried) == 7
    assert min(tried.values()) > 20
    assert min(counts[kind, "refused"] for kind in ("checkpoint", "state", "settings")) > 10
