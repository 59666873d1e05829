"""The generator in `corpora/`, whose labels later tests take for the truth."""

import itertools

import nested

from charrnn import assets


def test_the_committed_text_is_what_the_generator_makes():
    committed = assets.path("corpora/nested.txt").read_text(encoding="ascii")
    assert committed == nested.generate().text


def test_the_depth_is_that_of_a_stack():
    made = nested.generate(20_000, seed=1)
    stack = []
    for character, depth in zip(made.text, made.depth, strict=True):
        if character in "([{":
            stack.append(character)
        elif character in ")]}":
            assert stack.pop() + character in ("()", "[]", "{}")
        assert depth == len(stack)
    assert max(made.depth) == 2


def test_quotes_are_closed_within_their_paragraph():
    made = nested.generate(20_000, seed=1)
    for paragraph in made.text.split("\n\n"):
        assert paragraph.count('"') % 2 == 0
    inside = [character for character, quoted in zip(made.text, made.quoted, strict=True) if quoted]
    assert 0.02 < len(inside) / len(made.text) < 0.1


def test_lines_break_before_the_first_word_that_would_pass_the_width():
    for paragraph in nested.generate(20_000, seed=1).text.strip().split("\n\n"):
        for line, below in itertools.pairwise(paragraph.split("\n")):
            assert len(line) <= nested.WIDTH < len(line) + 1 + len(below.split(" ")[0])


def test_the_same_words_stand_inside_and_outside():
    made = nested.generate(300_000)
    inside = "".join(
        character if depth else " " for character, depth in zip(made.text, made.depth, strict=True)
    )
    outside = "".join(
        " " if depth else character for character, depth in zip(made.text, made.depth, strict=True)
    )
    words = [set(part.replace("\n", " ").lower().split()) for part in (inside, outside)]
    plain = [{word for word in part if word.isalpha()} for part in words]
    assert plain[0] <= set(nested.WORDS)
    assert len(plain[0] & plain[1]) > 0.95 * len(nested.WORDS)
