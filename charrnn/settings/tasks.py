"""The tasks by name, and what each declares.

How a task works is in the file of its name in `charrnn.tasks`.
"""

from typing import NamedTuple

from charrnn.settings.labels import LabelSettings, PoolSettings, RowSettings
from charrnn.settings.pairs import PairSettings
from charrnn.settings.tags import TagSettings


class Declared(NamedTuple):
    """What there is to know of a task before its file is imported.

    learns: what is learned, in a few words. format: the version of its checkpoints, so that an
    older charrnn refuses a newer task. writes: whether `sample` writes text with its models.
    causal: whether it predicts what follows, so that its networks cannot read backwards. next: the
    commands to type after a training, `{run}` for its folder. settings: those that not every task
    reads. does: what its models do, where they do not write. views: the module of `charrnn.cli`
    that answers for them in `sample` and `inspect`, where those of models that write do not.
    defaults: settings that are by default others than for a language model, and that must be known
    before the corpus is. attends: the setting by which its models have attention to look at.
    units: whether a run ends with a search of their units. scored: what their losses are means
    over, as in `Architecture`.
    """

    learns: str
    format: int
    writes: bool
    causal: bool
    next: tuple[str, ...]
    settings: tuple[type, ...] = ()
    does: str = "writes text"
    views: str = ""
    defaults: tuple[tuple[str, str], ...] = ()
    attends: str = ""
    units: bool = True
    scored: str = "character"


DEFAULT = "language-model"
TASKS = {
    "language-model": Declared(
        learns="the next character",
        format=1,
        writes=True,
        causal=True,
        next=("charrnn sample --temp 0.8{run}",),
    ),
    "classify": Declared(
        learns="a label for a text",
        format=2,
        writes=False,
        causal=False,
        next=("charrnn sample{run} --prompt TEXT", "charrnn inspect score{model}"),
        settings=(RowSettings, LabelSettings, PoolSettings),
        does="labels texts",
        views="labels",
        defaults=(("backbone", "gru"),),
        attends="--pool attention",
        scored="text",
    ),
    "tag": Declared(
        learns="a tag for each character",
        format=4,
        writes=False,
        causal=False,
        next=("charrnn sample{run} --prompt TEXT", "charrnn inspect score{model}"),
        settings=(RowSettings, LabelSettings, TagSettings),
        does="tags characters",
        defaults=(("backbone", "gru"),),
        views="tags",
    ),
    "seq2seq": Declared(
        learns="a text for a text",
        format=6,
        writes=False,
        causal=False,
        next=("charrnn sample{run} --prompt TEXT", "charrnn inspect score{model}"),
        settings=(RowSettings, LabelSettings, PairSettings),
        does="writes texts for texts",
        defaults=(("backbone", "gru"),),
        views="pairs",
        attends="--attention dot",
        units=False,
        scored="symbol",
    ),
    "cloze": Declared(
        learns="a character from both sides",
        format=5,
        writes=False,
        causal=False,
        next=(
            "charrnn sample{run} --fill _ --prompt 'a g_p'",
            "charrnn inspect text FILE{model}",
        ),
        does="fills gaps",
        views="cloze",
    ),
    "conditional": Declared(
        learns="a text for a label",
        format=3,
        writes=True,
        causal=True,
        next=("charrnn sample --samples 5{run}", "charrnn inspect score{model}"),
        settings=(RowSettings,),
    ),
}
