"""A model in Python: loaded, to read, score and write with."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from charrnn import between, generative, inputs, labelling, reading, tagging
from charrnn.arguments import documented, expect_known, in_python, names_of
from charrnn.arrays import Array
from charrnn.attention import Alignment, lacking
from charrnn.between import Surrounded
from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.generative import Generated
from charrnn.intervention import Intervention
from charrnn.labelling import Labelled
from charrnn.network import Network, Result
from charrnn.notebook import Shown
from charrnn.prepared import State
from charrnn.reading import Opened
from charrnn.sampling import answering
from charrnn.sampling.answering import Answered
from charrnn.sampling.fill import Fillings, fillings
from charrnn.sampling.settings import SampleConfig
from charrnn.sampling.texts import texts
from charrnn.tagging import Tagged
from charrnn.text.vocabulary import Unknown

OF_TERMINALS = (  # settings of `charrnn sample` that say how it is printed, or where from
    "prompt_file", "fill", "beside", "show_copies", "color", "top", "json", "log_probs", "output",
    "force", "safe", "weights", "threads",
)  # fmt: skip


class Model(Network, Shown):
    """A network, loaded, that can also write. In a notebook it shows what is in its file.

    In all that it takes and returns T is time, N the streams that are read in parallel, V the size
    of the alphabet and H the units of a layer.
    """

    opened: Opened

    def __repr__(self) -> str:
        shape = self.architecture
        return (
            f"<charrnn model: {shape.backbone} {shape.layers}×{shape.hidden}, "
            f"{shape.parameters:,} parameters, alphabet of {shape.vocabulary:,}>"
        )

    @property
    def checkpoint(self) -> Checkpoint:
        """What is in its file: architecture, alphabet, weights, provenance, held-out text."""
        return self.opened.checkpoint

    def step(
        self, ids: Any, state: State | None = None, held: Sequence[Intervention] = ()
    ) -> tuple[Array, State]:
        """Read one character of each stream.

        ids (N,), or one id. state: before it, by default the first one. held: units whose state is
        set from outside. Returns the logits (N, V) of the next character and the new state; the
        old one is left as it was. Raises VocabularyError for an id that is not in the alphabet,
        UsageError for what has another shape.
        """
        ids = np.atleast_1d(self._ids(ids, {0: "one id", 1: "(N,)"}))
        return super().step(ids, self._state(state, len(ids)), held)

    def run(
        self,
        ids: Any,
        state: State | None = None,
        record: Sequence[str] = (),
        held: Sequence[Intervention] = (),
        predicting: bool = True,
        ahead: int = 0,
    ) -> Result:
        """Read many characters of each stream.

        ids (T, N), or (T,) for one stream, whose results then have N = 1. state: before them, by
        default the first one. record: names of signals, such as "h", "c" or "f". held: units whose
        state is set from outside. predicting: work out the logits, too. ahead: characters at the
        end that are only read backwards, by a model whose directions are apart. Raises
        VocabularyError for an id that is not in the alphabet, UsageError for another shape or an
        unknown signal.
        """
        ids = self._ids(ids, {1: "(T,)", 2: "(T, N)"})
        ids = ids[:, None] if ids.ndim == 1 else ids
        return super().run(ids, self._state(state, ids.shape[1]), record, held, predicting, ahead)

    def read(
        self, ids: Any, record: Sequence[str] = (), state: State | None = None
    ) -> Iterator[tuple[slice, Result]]:
        """Read one stream piece by piece, the state carried: what `run` does, in little memory.

        ids (T,). Yields the places of each piece, and its result with N = 1.
        """
        return super().read(self._ids(ids, {1: "(T,)"}), record, self._state(state, 1))

    def score(self, text: str) -> float:
        """Return the loss of a text in nats per character: the mean of its `costs`."""
        return float(self.costs(text).mean())

    @in_python()
    def costs(self, text: str, cold: int = 0, unknown: Unknown = "error") -> Array:
        """Return the loss of each character of a text but the first, in nats.

        In a model of records the text is one, whose characters and end are all predicted. cold:
        read windows of so many characters, each from a zero state; 0 carries the state. Their mean
        is `score`. Raises UsageError for a text too short, VocabularyError for a character never
        seen, unless unknown is "skip" or "nearest".
        """
        if not self.architecture.apart:
            self._expect(writing=True)
        elif cold:
            raise UsageError("cold: a model that reads both sides carries no state over windows")
        if self.shares is not None:
            raise UsageError("a text is scored for a label", "net.given(label).score(text)")
        ids = self.vocabulary.encode(self.record_end + text + self.record_end, unknown)
        if len(ids) < 2:
            raise UsageError("a text to score needs at least two characters")
        return self.cold_losses(ids, cold) if cold else between.losses(self, ids)

    @documented(SampleConfig, OF_TERMINALS)
    @in_python()
    def sample(
        self,
        length: int | None = 1000,
        temp: float | str = 1.0,
        prompt: str = "",
        seed: int | None = None,
        **settings: Any,
    ) -> Iterator[str]:
        """Yield text that the model finds likely after the prompt, which is not repeated.

        It comes character by character; with `samples` each item is a whole text. length: in
        characters; None goes on without end, or to a record's. temp: 0 takes the likeliest, 1 is
        the model's own distribution; "0.3..1.2" is a range over the length. seed: the same one
        writes the same text; None is random. Settings are those of `charrnn sample`, checked alike.
        Raises UsageError for settings that cannot be, VocabularyError for a character of the
        prompt that is not in the alphabet.
        """
        self._expect(writing=True)
        given = {
            "length": length,
            "temp": _written(temp),
            "prompt": prompt,
            "seed": seed,
        } | settings
        expect_known(list(settings), SampleConfig, OF_TERMINALS)
        return texts(self, self.opened, given)

    @in_python()
    def fill(self, prompt: str, mask: str = "____", unknown: Unknown = "error") -> Fillings:
        """Rank what may stand in place of the mask in a prompt, by what is before and after it.

        As many characters are tried as the mask has. Raises UsageError where it does not stand in
        the prompt once, VocabularyError for a character that is not in the alphabet.
        """
        if not self.architecture.apart:
            self._expect(writing=True)
        return fillings(self, prompt, mask, unknown)

    @in_python()
    def label(
        self, texts: str | Sequence[str], unknown: Unknown = "error"
    ) -> list[dict[str, float]]:
        """Return for each text the probability of each label, the likeliest first.

        Raises UsageError for a model that writes, VocabularyError for a character never seen.
        """
        texts = self._texts(texts, tags=False)
        if not texts:
            return []
        names = self.checkpoint.labels
        logs = labelling.log_probabilities(self, labelling.encoded(self, texts, unknown))
        orders = np.argsort(-logs, axis=1, kind="stable").tolist()
        rows = np.exp(logs).tolist()
        return [
            {names[one]: row[one] for one in order} for row, order in zip(rows, orders, strict=True)
        ]

    @in_python()
    def attention(self, text: str, unknown: Unknown = "error") -> Alignment:
        """Return how much each symbol of a text counts for its label, or for each of its answer.

        Raises UsageError for a model without attention, VocabularyError for a character never seen.
        """
        (text,) = inputs.texts([text])
        decoder = self.architecture.decoder
        if decoder and decoder.attention != "none":
            answers = answering.Answering(self.checkpoint, answering.How(unknown=unknown))
            return answers.alignment(answers.encoded(text), self.opened.name)
        if self.attention_vector is None:
            raise lacking()
        whole = self.record_end + text
        ids = self.vocabulary.encode(whole, unknown)
        if len(ids) != len(whole):  # those of bytes, or some were skipped
            whole = self.vocabulary.characters_of(ids)
        return labelling.alignment(self, ids, whole, self.checkpoint.labels, self.opened.name)

    @in_python()
    def translate(
        self,
        texts: str | Sequence[str],
        beam: int = 1,
        length: int | None = None,
        unknown: Unknown = "error",
    ) -> list[str]:
        """Return for each text the one that the model writes for it.

        beam: how many answers are followed; 1 takes the likeliest symbol at each step. length: of
        an answer, at most, in symbols. Raises UsageError for a model of another task.
        """
        how = answering.How(beam=beam, length=length or 0, unknown=unknown)
        found = answering.Answering(self.checkpoint, how).answers(inputs.texts(texts))
        return [best[0].text for best in found]

    @in_python()
    def tag(self, texts: str | Sequence[str]) -> list[list[tuple[str, str]]]:
        """Return for each text its characters, each with its tag.

        Where the model restores what was stripped off, a text is stripped first. Raises UsageError
        for a model of another task.
        """
        found = tagging.tagged_lines(self, self.checkpoint, self._texts(texts, tags=True))
        return [list(zip(text, tags, strict=True)) for text, tags in found]

    @in_python()
    def restore(self, texts: str | Sequence[str]) -> list[str]:
        """Return texts with what the model puts back: diacritics, capitals, spaces, punctuation.

        Raises UsageError for a model of another task, or whose tags have names.
        """
        return tagging.restored(self, self.checkpoint, self._texts(texts, tags=True))

    def _texts(self, texts: str | Sequence[str], tags: bool) -> list[str]:
        """Return texts as a list. Raises UsageError for what the model does not do."""
        self._expect(writing=False)
        if self.architecture.aligned != tags:
            raise UsageError(
                "this model labels texts, not characters" if tags else "this model tags characters",
                "net.label(text) labels" if tags else "net.tag(text) tags",
            )
        return inputs.texts(texts)

    @in_python()
    def measure(
        self,
        files: str | Path | Iterable[str | Path] | None = None,
        columns: str = "",
        skip_bad: bool = False,
        read: str = "auto",
    ) -> Labelled | Tagged | Generated | Answered | Surrounded:
        """Return how well the model labels texts or characters: accuracy, F1, confusions.

        Of a model that writes texts for labels, the same by Bayes, and the loss of the texts with
        their labels and without. Of one that writes texts for texts, exact answers and error
        rates; of one that fills gaps, the loss given both sides, and how often the likeliest
        character is right. files: a table, or a folder with a file or a folder a label; by default
        the held-out texts. columns: of a table, "text,label" by number or name. skip_bad: pass over
        its bad rows. read: the form of the files, as in `charrnn train --read`. Raises UsageError
        for a model without labels, CorpusError for a file.
        """
        if self.architecture.decoder:
            return answering.measured(self.opened, names_of(files), columns, skip_bad, read)
        if self.architecture.apart:
            return between.measured(self.opened, names_of(files))
        if self.architecture.labels:
            return generative.measured(self.opened, names_of(files), columns, skip_bad, read)
        self._expect(writing=False)
        named = names_of(files)
        if self.architecture.aligned:
            return tagging.measured(self.opened, self, named, columns, skip_bad, read)
        return labelling.measured(self.opened, self, named, columns, skip_bad, read)

    def given(self, label: str) -> Self:
        """Return the model for a label, or for several by weight, as in "A:0.5,B:0.5".

        It is for models that write texts for labels; reading and scoring need a label. Raises
        UsageError for a label that is not there.
        """
        made = self.mixed((model := self.checkpoint.given(label)).mixture)
        made.opened = self.opened._replace(checkpoint=model)
        return made

    def _expect(self, writing: bool) -> None:
        """Raise UsageError for what only a model of the other task can do."""
        self._expect_one_text()
        if self.architecture.apart:
            raise UsageError(
                "this model fills gaps: it writes no new text and has no labels",
                "net.fill(prompt) fills a gap, charrnn.proofread(net, text=…) proof-reads",
            )
        labels = self.architecture.classes
        if labels and writing:
            raise UsageError("this model labels texts and writes none", "net.label(text) labels")
        if not labels and not writing:
            raise UsageError("this model writes text and has no labels", "net.sample() writes")

    def _expect_one_text(self) -> None:
        """Raise UsageError for a model that writes a text for a text."""
        if self.architecture.decoder:
            raise UsageError("this model writes a text for a text", "net.translate(text) does")

    def _ids(self, ids: Any, shapes: dict[int, str]) -> npt.NDArray[np.integer]:
        """Return ids as an array. Raises an error that names them for anything else."""
        labels = self.architecture.labels if self.shares is not None else 1
        return inputs.ids(ids, shapes, len(self.vocabulary) * labels)

    def _state(self, state: State | None, streams: int) -> State:
        """Return a state, or the first one. Raises UsageError for one of another shape."""
        self._expect_one_text()
        first = self.start(streams)
        return first if state is None else inputs.state(state, first, self.architecture)


def _written(temp: float | str) -> str:
    """Return a temperature as it is typed: 1.0 as 1, which is the default."""
    return temp if isinstance(temp, str) else f"{temp:.15g}"


@in_python()
def load(path: str | Path, dtype: npt.DTypeLike = np.float32, int8: bool = False) -> Model:
    """Load a model: a checkpoint file, a run folder, or "demo" or "demo:prose".

    int8: round the layers' weights, so that wide models write faster; see `Network`.
    Raises UsageError where nothing is there, CheckpointError for a file that is no model.
    """
    if not isinstance(path, str | Path):
        raise UsageError(f"path is {path!r}, but must name a file or a folder")
    opened = reading.opened(Path(path))
    made = opened.checkpoint
    net = Model(made.architecture, made.weights, made.vocabulary, dtype, int8, made.record_end)
    net.opened = opened
    return net
