"""Rows of every form, held to what wrote them: the csv and json modules, conllu, bytes by hand."""

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import subprocess
import sys

import pytest

from charrnn.errors import CorpusError, UsageError
from charrnn.settings.labels import FORMS
from charrnn.text import readers
from charrnn.text.mapped import PIECE
from charrnn.text.readers import conll, conllu
from charrnn.text.readers.columns import Columns
from charrnn.text.readers.source import Bad, Row, Source

LETTERS = "ab\"'\\,;\t é漢🙂"
CONLLU = """\
# newdoc id = one
# text = Don't go, Ann!
1-2\tDon't\t_\t_\t_\t_\t_\t_\t_\t_
1\tDo\tdo\tAUX\tVB\t_\t3\taux\t_\t_
2\tn't\tnot\tPART\tRB\t_\t3\tadvmod\t_\t_
3\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
4\t,\t,\tPUNCT\t,\t_\t3\tpunct\t_\t_
4.1\tyou\tyou\tPRON\tPRP\t_\t_\t_\t_\t_
5\tAnn\tAnn\tPROPN\tNNP\t_\t3\tvocative\t_\tSpaceAfter=No
6\t!\t!\tPUNCT\t.\t_\t3\tpunct\t_\t_

# sent_id = 2
1\tIt\tit\tPRON\tPRP\t_\t2\tnsubj\t_\t_
2\trains\train\tVERB\tVBZ\t_\t0\troot\t_\tSpaceAfter=No
3\t.\t.\tPUNCT\t.\t_\t2\tpunct\t_\t_
"""


def fields(name, columns="", form="auto", count=2):
    wanted = Columns.of(columns, ("text", "label", "more")[:count])
    return [
        row.fields if isinstance(row, Row) else row for row in readers.read(str(name), wanted, form)
    ]


def written(path, text):
    path.write_bytes(text.encode())
    return path


def drawn(seed, letters):
    """Return rows of three cells, none of them empty."""
    made = random.Random(seed)
    return [
        tuple("x" + "".join(made.choices(letters, k=made.randrange(9))) for _ in range(3))
        for _ in range(200)
    ]


def test_every_form_that_can_be_named_has_a_reader():
    for form in set(FORMS) - {"auto"}:
        assert callable(readers.of(form).read)
    assert set(readers.ENDINGS.values()) | set(readers.OF_FOLDERS) < set(FORMS)
    with pytest.raises(UsageError) as caught:
        fields("-", form="tsvs")
    assert caught.value.message == "--read tsvs: there is no such form"
    assert caught.value.hint.startswith("tsv is near; ")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_tsv_has_the_cells_that_stand_between_tabs_and_no_quotes(tmp_path, line_end):
    rows = drawn(1, LETTERS.replace("\t", ""))
    text = "".join("\t".join(row) + line_end for row in rows)
    found = fields(written(tmp_path / "a.tsv", "\ufeff" + text), "3,1")
    assert found == [(row[2], row[0]) for row in rows]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_has_the_cells_that_the_csv_module_wrote(tmp_path, quoting, line_end):
    rows = drawn(2, LETTERS + "\n")
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=line_end)
    writer.writerows([("id", "the text", "label"), *rows])
    found = fields(written(tmp_path / "a.csv", text.getvalue()), "label,the text")
    assert found == [(row[2], row[1]) for row in rows]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('a,b\n"c,d\ne,f\n', 2, "a quote is opened and never closed"),
        ('a,b\n"c"x,d\n', 2, "text follows a closing quote; a quote inside a cell is written tw"),
        ("a,b\nc\n", 2, "there is no comma"),
        (f"a,b\n{'x' * 140_000},d\n", 2, "a cell is longer than 131,072 characters; perhaps a q"),
    ],
)
def test_a_bad_row_of_csv_is_named_by_its_first_line(tmp_path, text, line, what):
    path = written(tmp_path / "a.csv", text)
    first, bad = list(readers.read(str(path), Columns.of("", ("text", "label"))))
    assert first == Row(("a", "b"), str(path), 1)
    assert (bad.where, bad.line) == (str(path), line)
    assert bad.what.startswith(what)


def test_after_a_bad_row_of_csv_the_next_ones_are_read(tmp_path):
    found = fields(written(tmp_path / "a.csv", 'a,b\n"c"x,d\n"e,1",f\n'))
    assert [found[0], found[2]] == [("a", "b"), ("e,1", "f")]
    assert isinstance(found[1], Bad)


def test_jsonl_has_the_values_of_keys_that_the_json_module_wrote(tmp_path):
    rows = drawn(3, LETTERS + "\n\x85\u2028")
    objects = [{"label": a, "n": 1, "text": b, "more": c} for a, b, c in rows]
    for ascii_only in (True, False):
        lines = [json.dumps(one, ensure_ascii=ascii_only) + "\n" for one in objects]
        path = written(tmp_path / "a.jsonl", "\n".join(lines))
        assert fields(path) == [(b, a) for a, b, _ in rows]
        assert fields(path, "more+label,text") == [(f"{c}\t{a}", b) for a, b, c in rows]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"text": "a"', "this is not JSON: Expecting ',' delimiter"),
        ('["a", "b"]', "this is not a JSON object"),
        ('{"text": "a"}', "there is no 'label'"),
        ('{"text": "a", "label": ["b"]}', "'label' is a list, not a text"),
        ('{"text": null, "label": "b"}', "'text' is null, not a text"),
        ('{"text": {"a": 1}, "label": "b"}', "'text' is an object, not a text"),
        (r'{"text": "\ud83d", "label": "b"}', "'text' has half a character"),
        ("[" * 100_000, "this is not JSON: it is too deep"),
    ],
)
def test_a_bad_line_of_jsonl_is_named(tmp_path, line, what):
    path = written(tmp_path / "a.jsonl", f'{{"text": "a", "label": 1}}\n\n{line}\n')
    assert fields(path) == [("a", "1"), Bad(what, str(path), 3)]


def test_jsonl_with_other_keys_asks_for_columns(tmp_path):
    path = written(tmp_path / "a.jsonl", '{"sms": "a", "kind": true}\n')
    with pytest.raises(CorpusError) as caught:
        fields(path)
    assert caught.value.message == f"{path}: its objects have the keys sms, kind"
    assert fields(path, "sms,kind") == [("a", "true")]


def test_fasttext_has_a_label_and_the_text_after_it(tmp_path):
    text = "__label__spam Win  now, __label__ever\n\n__label__ham ok\nno label\n"
    text += "__label__a __label__b c"
    path = written(tmp_path / "a.txt", text)
    assert fields(path) == [
        ("Win  now, __label__ever", "spam"),
        ("ok", "ham"),
        Bad("there is no __label__ at its beginning", str(path), 4),
        Bad("it has several labels", str(path), 5),
    ]
    assert fields(path, "label,text")[0] == ("spam", "Win  now, __label__ever")


def test_plain_lines_are_one_column(tmp_path):
    path = written(tmp_path / "a.txt", "one\r\n\ntwo, 2\n three")
    assert fields(path, count=1) == [("one",), ("two, 2",), (" three",)]
    with pytest.raises(CorpusError) as caught:
        fields(path)
    assert caught.value.message == f"{path} is read as plain lines, which have one column"


def test_conll_has_a_row_a_word_apart_by_tabs_or_spaces(tmp_path):
    lines = "-DOCSTART- -X- O\n\nEU NNP I-ORG\n# # O\n\n\nLtd. NNP O\n"
    path = written(tmp_path / "a.conll", lines)
    assert fields(path, "1,3") == [("EU", "I-ORG"), ("#", "O"), ("Ltd.", "O")]
    rows = list(readers.read(str(path), Columns.of("1,9", ("text", "label"))))
    assert rows[0] == Bad("a column is missing", str(path), 3)
    tabs = written(tmp_path / "b.conll", "# a\n#b\n###\tSYM\t_\n#\tSYM\t_\n10 000\tNUM\t_\n")
    assert fields(tabs) == [("###", "SYM"), ("#", "SYM"), ("10 000", "NUM")]


def test_sentences_of_conll_have_the_text_of_their_comment_or_of_their_columns(tmp_path):
    lines = (
        "# newdoc = a\n# text = It's  a\u00a0dog.\nIt\tPRON\t_\n's\tAUX\t_\na\tDET\t_\n"
        "dog\tNOUN\t_\n.\tPUNCT\t_\n\nYes\tINTJ\tNo\n!\tPUNCT\t_\n\n# newdoc = b\n"
        "We\tPRON\tx\ngo\tVERB\tx\n"
    )
    path = written(tmp_path / "a.conll", lines)
    first, second, third = conll.sentences(Source(str(path)))
    assert first.text == "It's  a\u00a0dog."
    assert [first.text[slice(*one)] for one in first.spans] == ["It", "'s", "a", "dog", "."]
    assert first.cells[3] == ("dog", "NOUN", "_")
    assert (second.text, second.spans) == ("Yes!", ((0, 3), (3, 4)))
    assert third.text == "We go"
    assert [one.begins for one in (first, second, third)] == [True, False, True]
    assert [one.line for one in (first, second, third)] == [3, 9, 13]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("A cat", "the word 'dog' does not stand next in # text"),
        ("A big dog", "the word 'dog' does not stand next in # text"),
        ("A dog ran", "# text goes on after the last word: 'ran'"),
    ],
)
def test_a_sentence_whose_words_are_not_its_text_is_bad(tmp_path, text, what):
    path = written(tmp_path / "a.conll", f"# text = {text}\nA\tDET\ndog\tNOUN\n")
    assert list(conll.sentences(Source(str(path)))) == [Bad(what, str(path), 2)]


def test_conllu_has_the_words_that_the_package_finds(tmp_path):
    package = pytest.importorskip("conllu", reason="the optional package conllu is missing")
    path = written(tmp_path / "a.conllu", CONLLU)
    by_package = [token for one in package.parse(CONLLU) for token in one]
    whole = [one for one in by_package if isinstance(one["id"], int)][2:]
    found = fields(path)
    assert found[0] == ("Don't", "AUX+PART")
    assert found[1:] == [(one["form"], one["upos"]) for one in whole]
    assert fields(path, "lemma,misc")[:2] == [("do+not", "_"), ("go", "SpaceAfter=No")]
    lines = [row.line for row in readers.read(str(path), Columns.of("", ("text", "label")))]
    assert lines == [3, 6, 7, 9, 10, 13, 14, 15]


def test_sentences_of_conllu_keep_their_spaces(tmp_path):
    pytest.importorskip("conllu", reason="the optional package conllu is missing")
    path = written(tmp_path / "a.conllu", CONLLU)
    first, second = conllu.sentences(Source(str(path)))
    assert [first.text[slice(*one)] for one in first.spans] == ["Don't", "go", ",", "Ann", "!"]
    assert first.cells[0][:4] == ("1-2", "Don't", "do+not", "AUX+PART")
    assert second.text == "It rains."
    assert (first.begins, second.begins) == (True, False)


def test_conllu_that_is_none_is_named_by_its_line(tmp_path):
    pytest.importorskip("conllu", reason="the optional package conllu is missing")
    path = written(tmp_path / "a.conllu", CONLLU + "\n1\tonly\tthree\n\nword\n")
    *_, three, none = readers.read(str(path), Columns.of("", ("text", "label")))
    assert three == Bad("a word has 3 columns, not 10", str(path), 17)
    assert (none.line, none.what[:23]) == (19, "this is not CoNLL-U: In")


def test_without_the_package_conllu_one_line_says_what_to_do(tmp_path):
    path = written(tmp_path / "a.conllu", CONLLU)
    program = (
        "import sys; sys.modules['conllu'] = None\n"
        "from charrnn.text import readers; from charrnn.text.readers.columns import Columns\n"
        f"list(readers.read({str(path)!r}, Columns.of('', ('text', 'label'))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert f"{path}: CoNLL-U is read by the package conllu, which is not installed" in done.stderr


def test_a_folder_has_a_file_a_label_or_a_folder_a_label_or_some_of_both(tmp_path):
    written(tmp_path / "Czech.txt", "Novák\n\nDvořák\n")
    (tmp_path / "Greek.txt.gz").write_bytes(gzip.compress("Σωτηρίου\n".encode()))
    (tmp_path / "mail").mkdir()
    written(tmp_path / "mail" / "b.txt", "Dear all,\nyours\n")
    written(tmp_path / ".hidden", "x\n")
    files = [("Novák", "Czech"), ("Dvořák", "Czech"), ("Σωτηρίου", "Greek")]
    folders = [("Dear all,\nyours", "mail")]
    assert fields(tmp_path) == files + folders
    assert fields(tmp_path, form="class-files") == files
    assert fields(tmp_path, form="class-folders", columns="label,text") == [folders[0][::-1]]


def test_train_is_learned_dev_validates_and_test_is_left_alone(tmp_path):
    for part in ("train", "dev", "test"):
        (tmp_path / part / "pos").mkdir(parents=True)
    written(tmp_path / "README", "")
    where = str(tmp_path)
    learned, validating, notes = readers.parts([where, "other.tsv"])
    assert learned == [f"{where}/train", "other.tsv"]
    assert validating == [f"{where}/dev"]
    said = "train/ is learned, dev/ validates, README, test/ are left alone"
    assert notes == [f"{where}: {said}"]
    _, validating, notes = readers.parts([where], "mine.tsv")
    assert validating == ["mine.tsv"]
    assert notes == [f"{where}: train/ is learned, README, dev/, test/ are left alone"]


@pytest.mark.parametrize(
    ("beginning", "form"),
    [
        ("__label__x a\n", "fasttext"),
        ('\n{"a": 1}\n', "jsonl"),
        ("a\tb\n", "tsv"),
        ("a\nb\tc\n", "tsv"),
        (CONLLU, "conllu"),
        ("a, b\n", "lines"),
        ("", "lines"),
    ],
)
def test_a_form_is_told_by_the_first_lines_where_the_name_does_not(beginning, form):
    assert readers.by_content(beginning) == form
    assert readers.by_name("a.txt") == readers.by_name("-") == ""
    assert readers.by_name("data/A.CSV.gz") == "csv"


@pytest.mark.parametrize(
    ("form", "folder", "line"),
    [
        ("tsv", True, "--read tsv is for a file;"),
        ("class-files", False, "--read class-files is "),
    ],
)
def test_a_form_of_files_is_none_of_folders(tmp_path, form, folder, line):
    path = tmp_path if folder else written(tmp_path / "a.tsv", "a\tb\n")
    written(tmp_path / "x", "a")
    with pytest.raises(CorpusError) as caught:
        fields(path, form=form)
    assert caught.value.message.startswith(line)


@pytest.mark.parametrize(
    ("open_as", "ending"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")]
)
def test_a_compressed_file_is_read_as_the_file(tmp_path, open_as, ending):
    path = tmp_path / f"a.csv.{ending}"
    path.write_bytes(open_as(b'"a,b",x\n'))
    assert fields(path) == [("a,b", "x")]


def test_lines_longer_than_a_piece_and_characters_cut_by_its_end_are_whole(tmp_path):
    long = "é" * PIECE  # two bytes each
    path = written(tmp_path / "a.tsv", f"a\tx\n{long}\ty\nb\tz")
    assert fields(path) == [("a", "x"), (long, "y"), ("b", "z")]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a\tb\n\xff\tc\n", "byte 0xFF at offset 4 is not utf-8"),
        (b"a\tb\n" + b"\0" * 40, "40 of 44 characters are NUL"),
    ],
)
def test_bytes_that_are_no_text_are_named(tmp_path, data, line):
    path = tmp_path / "a.tsv"
    path.write_bytes(data)
    with pytest.raises(CorpusError) as caught:
        fields(path)
    assert caught.value.message == f"{path}: {line}"
    assert "--bytes" not in caught.value.hint  # which is for texts that are no rows


def test_an_encoding_is_that_of_the_first_lines_too(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("a\tž\n".encode("utf-16"))
    rows = readers.read(str(path), Columns.of("", ("text", "label")), encoding="utf-16")
    assert [row.fields for row in rows] == [("a", "ž")]


def test_standard_input_and_a_pipe_are_read_once(tmp_path):
    program = (
        "import sys; from charrnn.text import readers; "
        "from charrnn.text.readers.columns import Columns\n"
        "for row in readers.read(sys.argv[1], Columns.of('', ('text', 'label'))): print(row)"
    )
    data = "__label__x a\n__label__y b\n"
    command = [sys.executable, "-c", program]
    for name, where in (("-", "stdin"), ("/dev/fd/0", "/dev/fd/0")):
        done = subprocess.run([*command, name], input=data, capture_output=True, text=True)
        assert done.stdout.splitlines() == [
            str(Row(("a", "x"), where, 1)),
            str(Row(("b", "y"), where, 2)),
        ], done.stderr


@pytest.mark.parametrize(
    ("given", "groups"),
    [
        ("", (("1",), ("2",))),
        ("1+3,2", (("1", "3"), ("2",))),
        ("lemma + tags, form", (("lemma", "tags"), ("form",))),
    ],
)
def test_columns_are_joined_by_plus_and_parted_by_commas(given, groups):
    assert Columns.of(given, ("source", "target")).groups == groups
    assert len(Columns.of("1,2,3+4", ("source", "target"), more=True).groups) == 3


@pytest.mark.parametrize("given", ["text", "1,2,3", ",2", "0,1", "2,2", "1+,2", "1+0,2"])
def test_columns_that_cannot_be_are_refused(given):
    with pytest.raises(UsageError):
        Columns.of(given, ("text", "label"))
