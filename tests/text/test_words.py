"""Words with tags, spread over the characters of documents, and written again."""

import pytest

from charrnn.errors import CorpusError
from charrnn.spans import counted
from charrnn.text import tagged, words

CONLL = """\
# newdoc id = one
# text = Ann's in.
Ann PROPN No
's PART _
in ADP No
. PUNCT _

# text = Go on!
Go VERB _
on ADV No
! PUNCT _

# newdoc id = two
No INTJ _
"""
CONLLU = """\
# newdoc
# text = Don't go
1-2\tDon't\t_\t_\t_\t_\t_\t_\t_\t_
1\tDo\tdo\tAUX\tVB\t_\t3\taux\t_\t_
2\tn't\tnot\tPART\tRB\t_\t3\tadvmod\t_\t_
3\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
"""
TAGS = "^B-PROPN I-PROPN I-PROPN B-PART I-PART O B-ADP I-ADP B-PUNCT O"
TAGS += " ^B-VERB I-VERB O B-ADV I-ADV B-PUNCT"


@pytest.fixture
def conll(tmp_path):
    (tmp_path / "a.conll").write_text(CONLL)
    return str(tmp_path / "a.conll")


def read(*names, **how):
    return tagged.read(names, tagged.COLUMNS, **how)


def test_words_of_a_document_are_spread_over_its_characters(conll):
    first, second = read(conll).rows
    assert first.text == "Ann's in. Go on!"
    assert first.tags == TAGS.split()
    assert (second.text, second.tags) == ("No", ["^B-INTJ", "I-INTJ"])


def test_what_is_written_is_what_was_read(conll):
    first = read(conll).rows[0]
    lines = words.as_conll(first.text, first.tags).split("\n")
    there = [line.replace(" ", "\t") if line[:1] != "#" else line for line in CONLL.split("\n")]
    there = [line for line in there if not line.startswith("# newdoc")]
    assert lines == [line.replace("\tNo", "\tSpaceAfter=No") for line in there[: len(lines)]]


def test_the_columns_of_a_tag_are_named_or_numbered_and_joined(tmp_path, conll):
    (tmp_path / "a.conllu").write_text(CONLLU)
    name = str(tmp_path / "a.conllu")
    (row,) = read(name).rows
    assert row.text == "Don't go"
    assert row.tags[:6] == ["^B-AUX+PART", *["I-AUX+PART"] * 4, "O"]
    assert read(name, columns="form,upos+xpos").rows[0].tags[-1] == "I-VERB|VB"
    assert read(conll, columns="1,3").rows[0].tags[0] == "^B-No"
    with pytest.raises(CorpusError, match="no column 'pos'"):
        read(name, columns="form,pos")


def test_a_bad_sentence_is_named_or_counted(tmp_path, conll):
    (tmp_path / "b.conll").write_text(CONLL + "\n# text = Yes.\nNo INTJ _\n\nOh\n")
    with pytest.raises(CorpusError, match=r"b\.conll, line 17: the word 'No' does not stand next"):
        read(str(tmp_path / "b.conll"))
    found = read(str(tmp_path / "b.conll"), skip_bad=True)
    assert found.notes[0].startswith("2 bad sentences skipped")
    assert [row.text for row in found.rows] == ["Ann's in. Go on!", "No"]


def test_a_long_document_is_cut_after_a_sentence(tmp_path):
    sentence = "a A\n" * 2_000 + "\n"  # of 3,999 characters
    (tmp_path / "long.conll").write_text(sentence * 4)
    rows = read(str(tmp_path / "long.conll")).rows
    assert [len(row.text) for row in rows] == [3 * 3_999 + 2, 3_999]


def test_tokens_tags_and_sentences_are_counted_by_hand():
    """Of 7 words 5 are cut right: "Ann's" is taken for one, and "in" for a noun."""
    known = TAGS.split()
    got = [*known[:3], *["I-PROPN"] * 2, "O", "B-NOUN", "I-NOUN", *known[8:]]
    assert len(got) == len(known)
    found = counted(known, got)
    assert found[:5] == (7, 6, 4, 5, 5)  # Ann, by its characters, and four more have their kind
    assert found[5:] == (2, 2, 2)
    joined = [tag.removeprefix("^") if place else tag for place, tag in enumerate(known)]
    assert counted(known, joined)[5:] == (2, 1, 0)
