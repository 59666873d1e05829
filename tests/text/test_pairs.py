"""Sources and their targets, of which a source may have several."""

import pytest

from charrnn.errors import CorpusError
from charrnn.text import pairs


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
