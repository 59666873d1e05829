"""Which options of `charrnn sample` go together: a table, checked pair by pair."""

import dataclasses
import itertools

import pytest

from charrnn.errors import UsageError
from charrnn.sampling.settings import SampleConfig, check

VALUES = {
    "temp": "0.5", "greedy": True, "top_k": 3, "top_p": 0.5, "min_p": 0.1, "typical": 0.5,
    "repetition_penalty": 2.0, "repetition_window": 9, "ban": "x", "only": "abc", "beam": 3,
    "best_of": 2, "seed": 1, "length": 5, "lines": 2, "stop": ("a",), "keep_stop": True,
    "samples": 2, "match": "a+", "max_copy": 9, "show_copies": 9, "corpus": ("a.txt",),
    "fill": "__", "clamp": ("1=0",), "beside": True, "color": "rank", "top": 3, "json": True,
    "log_probs": True, "output": "o.txt", "force": True, "safe": True, "weights": "int8",
    "threads": 1, "label": "A", "prompt": "a", "prompt_file": "p.txt", "unknown": "skip",
}  # fmt: skip
WITH = {  # what an option needs beside it
    "keep_stop": "stop", "log_probs": "json", "beside": "clamp", "force": "output",
    "repetition_window": "repetition_penalty", "corpus": "max_copy",
}  # fmt: skip
READS_NOT = {  # each way of writing, and the options that it would not read
    "greedy": {"temp", "beam", "top_k", "top_p", "min_p", "typical"},
    "beam": {"temp", "greedy", "top_k", "top_p", "min_p", "typical", "repetition_penalty",
             "repetition_window", "best_of", "samples", "match", "max_copy", "corpus"},
    "best_of": {"samples", "match", "max_copy", "corpus"},
    "match": {"lines", "stop", "keep_stop"},
    "samples": {"beside", "color", "top"},
    "color": {"json", "log_probs", "show_copies", "beside"},
    "top": {"json", "log_probs", "show_copies", "beside"},
    "json": {"beside", "show_copies"},
    "show_copies": {"beside", "log_probs"},
    "beside": {"log_probs"},
    "fill": {"temp", "greedy", "beam", "best_of", "top_k", "top_p", "min_p", "typical",
             "repetition_penalty", "repetition_window", "ban", "only", "match", "max_copy",
             "corpus", "clamp", "beside", "length", "lines", "stop", "keep_stop", "color", "top",
             "json", "log_probs", "show_copies", "seed"},
}  # fmt: skip


def taken(*names: str) -> bool:
    given = {name: VALUES[name] for name in names}
    try:
        check(SampleConfig(**given))
    except UsageError:
        return False
    return True


def test_the_table_knows_every_option():
    assert set(VALUES) == {item.name for item in dataclasses.fields(SampleConfig)}


@pytest.mark.parametrize("name", VALUES)
def test_each_option_is_taken_alone_or_with_what_it_needs(name):
    assert taken(name) == (name not in WITH)
    assert taken(name, WITH.get(name, name))


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(VALUES, 2)))
def test_two_options_are_taken_together_where_both_are_read(one, other):
    needed = {WITH.get(one, one), WITH.get(other, other)}
    pairs = itertools.permutations({one, other, *needed}, 2)
    unread = any(b in READS_NOT.get(a, ()) for a, b in pairs)
    assert taken(one, other, *needed) == (not unread)
