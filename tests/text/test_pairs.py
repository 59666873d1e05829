"""Sources and their targets, of which a source may have several."""

import numpy as np
import pytest

from charrnn.errors import CorpusError
from charrnn.text import pairs
from charrnn.text.batches import PADDING
from charrnn.text.pairs import Pairs
from charrnn.text.symbols import Symbols


def test_sources_that_stand_several_times_have_several_right_answers(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("read\tR EH D\nlead\tL EH D\nread\tR IY D\nread\tR EH D\n")
    found = list(pairs.answers(pairs.read([str(path)])))
    assert found == [("read", [("R EH D",), ("R IY D",)]), ("lead", [("L EH D",)])]


def test_source_columns_are_joined_and_there_may_be_several_targets(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('lemma,form,tags\ngo,went,"V;PST"\n')
    (source, *targets) = pairs.read([str(path)], columns="lemma+tags,form").columns
    assert list(source) == ["go\tV;PST"]
    assert [list(one) for one in targets] == [["went"]]
    found = pairs.read([str(path)], columns="form,lemma,tags")
    assert list(pairs.answers(found)) == [("went", [("go", "V;PST")])]


def test_an_empty_target_is_bad(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("a\tb\tc\nd\te\t\n")
    with pytest.raises(CorpusError) as caught:
        pairs.read([str(path)], columns="1,2,3")
    assert caught.value.message == f"{path}, line 2: the target is empty"


def test_all_targets_of_a_source_are_on_one_side(tmp_path):
    """Else what validates would be learned."""
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"w{number % 20}\t{number}\n" for number in range(100)))
    learned, validating = pairs.paired([str(path)]).halves(0.2, seed=1)
    sides = [set(side.columns[0]) for side in (learned, validating)]
    assert not sides[0] & sides[1]
    assert len(sides[1]) == 4
    assert len(learned.columns[0]) + len(validating.columns[0]) == 100
    numbers = [*learned.columns[1], *validating.columns[1]]
    assert sorted(map(int, numbers)) == list(range(100))


def test_a_batch_has_padding_behind_each_target():
    """Two pairs in one array each; 0 is the mark."""
    ids, targets = np.array([0, 1, 2, 0, 3]), np.array([0, 5, 0, 0, 6, 7, 0])
    starts, target_starts = np.array([0, 3]), np.array([0, 3])
    read = Pairs(ids, starts, np.zeros(2, int), 2, 0, targets, target_starts)
    batch = read.read(np.array([1, 0]))
    assert batch.inputs[:2].tolist() == [[0, 0], [3, 1]]
    assert batch.lengths.tolist() == [2, 3]
    assert batch.targets.T.tolist() == [[0, 6, 7, 0], [0, 5, 0, PADDING]]
    assert batch.characters == 2 + 3 + 3 + 2  # ends are written, beginnings are not
    assert read.target_counts(8).tolist() == [2, 0, 0, 0, 0, 1, 1, 1]
    assert read.first(1).target_ids.tolist() == [0, 5, 0]


def test_symbols_of_several_characters_have_a_character_each():
    symbols = Symbols.of(["K AO R", "R AO"])
    assert symbols.names == ("AO", "K", "R")
    spelled = symbols.spelled("K  AO XX")
    assert len(spelled) == 3
    assert symbols.listed(spelled[:2] + "\x1e") == ("K", "AO", "\x1e")
    assert symbols.text(("K", "AO")) == "K AO"
    assert spelled[2] not in symbols.spelled("AO K R")
    plain = Symbols()
    assert plain.text(plain.listed(plain.spelled("a b"))) == "a b"
