"""The settings of `charrnn sample`. Nothing slow is imported, so that writing starts at once."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from charrnn.errors import UsageError
from charrnn.settings.setting import must_be, setting

Unknown = Literal["error", "skip", "nearest"]
Weights = Literal["float32", "int8"]


@dataclass(frozen=True)
class SampleConfig:
    """Everything that decides what is written. Where two say the same, `check` refuses them."""

    prompt: str = setting("", "Prompt", "Text to continue; it is printed too")
    prompt_file: str = setting("", "Prompt", "Read the prompt from this file, before --prompt")
    label: str = setting(
        "",
        "Prompt",
        "Write for this label, or for several by weight, A:0.5,B:0.5, with a model that writes "
        "texts for labels",
        shown="drawn by frequency",
    )
    unknown: Unknown = setting(
        "error",
        "Prompt",
        "Prompt characters outside the model's alphabet: refuse, drop (skip), or replace by the "
        "most similar known character (nearest)",
    )

    temp: str = setting(
        "1",
        "Sampling",
        "Temperature: 0 takes the likeliest, 1 is the model's own distribution; or a range over "
        "the length, 0.3..1.2",
    )
    greedy: bool = setting(False, "Sampling", "Always take the likeliest character, as --temp 0")
    top_k: int = setting(
        0, "Sampling", "Sample from the N likeliest characters", low=0, shown="all"
    )
    top_p: float = setting(
        1.0,
        "Sampling",
        "Nucleus sampling: smallest set of characters with total probability X",
        low=0,
        high=1,
    )
    min_p: float = setting(
        0.0,
        "Sampling",
        "Sample from characters at least X times as likely as the likeliest",
        low=0,
        high=1,
    )
    typical: float = setting(
        1.0, "Sampling", "Typical sampling with total probability X", low=0, high=1
    )
    repetition_penalty: float = setting(
        1.0, "Sampling", "Divide the odds of the characters written last by X", low=1e-6, high=1e30
    )
    repetition_window: int = setting(
        64, "Sampling", "Characters the repetition penalty looks back", low=1
    )
    ban: str = setting("", "Sampling", "Characters that are never written")
    only: str = setting("", "Sampling", "The only characters that are written", shown="all")
    beam: int = setting(
        0, "Sampling", "Beam search of width N instead of sampling", low=0, shown="off"
    )
    best_of: int = setting(1, "Sampling", "Write N texts and keep the likeliest", low=1)
    seed: int = setting(
        0, "Sampling", "Random seed; the same seed writes the same text", low=0, shown="random"
    )

    length: int = setting(1000, "Length", "Characters to write, not counting the prompt", low=0)
    lines: int = setting(0, "Length", "Stop after N lines", low=0, shown="any")
    stop: tuple[str, ...] = setting((), "Length", "Stop before this text; may be repeated")
    keep_stop: bool = setting(False, "Length", "Also write the stop text")
    samples: int = setting(1, "Length", "Write N texts in parallel", low=1)

    match: str = setting("", "Rules", "Write only text that matches this regular expression")
    max_copy: int = setting(
        0,
        "Rules",
        "Never copy more than N characters in a row from the corpus",
        low=0,
        shown="any",
    )
    show_copies: int = setting(
        0,
        "Rules",
        "Underline copies of more than N characters in a row from the corpus",
        low=0,
        shown="off",
    )
    corpus: tuple[str, ...] = setting(
        (), "Rules", "Where the corpus is now, if it has moved", shown="that of the run"
    )
    fill: str = setting(
        "", "Rules", "Rank texts that fit in place of this mask in the prompt, such as ____"
    )

    clamp: tuple[str, ...] = setting(
        (),
        "Neurons",
        "Hold a neuron at a value while writing, 42=0.9, or add to it, 1:42=+0.5; 42:c=2 holds its "
        "cell state",
    )
    beside: bool = setting(
        False, "Neurons", "Print beside it what the same seed writes without the clamp"
    )

    color: str = setting(
        "", "Output", "Shade by probability, entropy, rank, or a neuron, as in neuron:42"
    )
    top: int = setting(
        0,
        "Output",
        "Print the N likeliest characters at each place, under the line",
        low=0,
        shown="none",
    )
    json: bool = setting(False, "Output", "Print one JSON object per text")
    log_probs: bool = setting(
        False, "Output", "With --json: the natural logarithm of each character's probability"
    )
    output: str = setting("", "Output", "Write to this file", shown="stdout")
    force: bool = setting(False, "Output", "Write over an existing file")
    safe: bool = setting(False, "Output", "Show control characters as glyphs in a pipe too")

    weights: Weights = setting(
        "float32", "Speed", "int8 rounds the layers' weights; wide models write faster"
    )
    threads: int = setting(
        0,
        "Speed",
        "Threads of the matrix products",
        low=0,
        shown="1, for wide networks one per core",
    )


ONE_OF = [  # of each pair no more than one can be given
    *[("greedy", other) for other in ("temp", "beam", "top_k", "top_p", "min_p", "typical")],
    *[
        ("beam", other)
        for other in (
            "best_of",
            "samples",
            "temp",
            "match",
            "max_copy",
            "top_k",
            "top_p",
            "min_p",
            "typical",
            "repetition_penalty",
            "repetition_window",
        )
    ],
    ("best_of", "samples"),
    ("best_of", "match"),
    ("best_of", "max_copy"),
    ("match", "lines"),
    ("match", "stop"),
    ("color", "json"),
    ("color", "show_copies"),
    ("color", "beside"),
    ("top", "json"),
    ("top", "show_copies"),
    ("top", "beside"),
    ("json", "beside"),
    ("json", "show_copies"),
    ("json", "fill"),
    ("beside", "show_copies"),
    ("beside", "samples"),
    ("color", "samples"),
    ("top", "samples"),
]
SHOWN = ("color", "top", "json", "log_probs", "show_copies", "beside", "fill")  # not as plain text
DRAWING = ("temp", "greedy", "beam", "best_of", "top_k", "top_p", "min_p", "typical")
RULES = ("repetition_penalty", "ban", "only", "match", "max_copy", "clamp")
ENDS = ("length", "lines", "stop", "keep_stop")
ALONE = {  # what cannot be given together with an option that does something else
    "fill": [*DRAWING, *RULES, "repetition_window", "corpus", "seed", *ENDS, *SHOWN[:-1]],
    "interactive": ["samples", "best_of", "output", "replay", *SHOWN],
    "replay": ["interactive", "fill"],
}
NEEDED = {  # what has no meaning without one of some others
    "keep_stop": ("stop",),
    "log_probs": ("json",),
    "beside": ("clamp",),
    "repetition_window": ("repetition_penalty",),
    "corpus": ("max_copy", "show_copies"),
    "force": ("output",),
}


def check(config: SampleConfig) -> None:
    """Raise UsageError for a value out of its range and for settings that exclude each other."""
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if wanted := must_be(item, value):
            raise UsageError(f"{_flag(item.name)} is {value}, but must be {wanted}")
    given = {
        item.name
        for item in dataclasses.fields(config)
        if getattr(config, item.name) != item.default
    }
    for one, other in ONE_OF:
        if {one, other} <= given:
            raise UsageError(f"{_flag(one)} and {_flag(other)} cannot be given together")
    alone("fill", given if config.fill else [])
    for one, needed in NEEDED.items():
        if one in given and not given & set(needed):
            raise UsageError(f"{_flag(one)} needs {' or '.join(map(_flag, needed))}")
    if "" in config.stop:
        raise UsageError("--stop is empty")


def alone(one: str, given: Iterable[str]) -> None:
    """Raise UsageError where something is given that cannot be together with this option."""
    for other in given:
        if other in ALONE[one]:
            raise UsageError(f"{_flag(one)} and {_flag(other)} cannot be given together")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
