"""Halves are alternate blocks: alike where a text changes on its way, and no record is cut."""

from types import SimpleNamespace

import numpy as np

from charrnn.neurons.halves import halves


def of(first, last, begins=()):
    return halves(
        SimpleNamespace(counted=np.arange(first, last), record_begins=np.array(begins, np.intp))
    )


def test_a_long_text_is_cut_into_sixteen_blocks_that_alternate():
    a, b = of(200, 200 + 64_000)
    assert a.places.tolist()[:4000] == list(range(200, 4200))
    assert b.places.tolist()[:4000] == list(range(4200, 8200))
    assert sorted([*a.places, *b.places]) == list(range(200, 64_200))
    assert (a.length, b.length) == (32_000, 32_000)


def test_a_short_text_is_cut_once():
    a, b = of(200, 3000)
    assert (a.places[0], a.places[-1], b.places[0], b.places[-1]) == (200, 1599, 1600, 2999)


def test_labels_and_places_of_a_half_belong_together():
    a, b = of(0, 16_000)
    labels = np.arange(16_000.0)
    assert (b.of(labels) == b.places).all()
    inside, numbers = b.inside(np.array([0, 2000, 15_999, 1999]))
    assert inside.tolist() == [False, True, True, False]
    assert b.places[numbers].tolist() == [2000, 15_999]
    assert a.inside(np.array([15_999]))[0].tolist() == [False]


def test_a_record_is_never_cut_and_its_begin_is_known():
    begins = np.arange(1, 20_000, 7)
    a, b = of(1, 20_000, begins)
    for half in (a, b):
        jumps = half.places[1:][np.diff(half.places) > 1]
        assert set(jumps.tolist()) <= set(begins.tolist())
        assert half.places[half.begins].tolist() == sorted(set(begins) & set(half.places))
    assert a.length + b.length == 19_999


def test_where_one_record_is_most_of_the_text_it_is_cut_all_the_same():
    a, b = of(1, 10_001, [1, 9000])
    assert (a.length, b.length) == (5000, 5000)
