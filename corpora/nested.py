"""The generator of nested.txt: text whose hidden state is known by construction.

Prose of ordinary words, hard-wrapped at 64 columns, in which now and then a short span stands
in brackets of one of three kinds or in quotes, to depth 2. The same words stand inside and
outside, so no character tells the two apart: only a memory of what was opened does.

    python corpora/nested.py > corpora/nested.txt
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

CHARACTERS = 1_000_000
SEED = 2015
WIDTH = 64
DEEPEST = 2
PAIRS = ("()", "[]", "{}", '""')
SPAN_OPENS = 0.07  # chance that a span opens before a word, where one may
WORDS = """
about above across after again against air all along also always among and animal answer any
apple around ask away back ball band bank base bed before began begin behind best better
between big bird black blue board boat body bone book both box boy bread bring brother brown
build burn but buy call came can care carry case cat catch caught center chance change child
city class clean clear climb close cloud coast cold color come common cook cool copy corn
corner cost count country course cover cross crowd cry current dance dark day deal dear deep
desert dog door down draw dream dress drink drive drop dry during each early earth east easy
eat edge egg eight end enough even ever every eye face fall family far farm fast father feel
field fight fill final find fine finger finish fire first fish five floor flow flower fly
follow food foot force forest form four free fresh friend from front fruit full garden gate
gave gentle girl give glass gold gone good grand grass gray great green ground group grow
guess hand happy hard hat have head hear heart heat heavy help here high hill hold home horse
hot hour house hundred hunt hurry ice idea iron island job join jump just keep key kind king
knew know lady lake land large last late laugh lead learn leave left less letter level lie
life lift light like line list listen little live lone long look lost loud love low made main
make man many map mark market master matter may mean meat meet men might mile milk mind minute
miss moment money month moon more morning most mother mountain mouth move much music must name
near neck need never new next night nine noise none noon north nose note notice number ocean
off often oil old once one only open orange order other our out over own page paint pair paper
part pass past path pay people person picture piece place plain plan plane plant play please
point poor port pound power press pretty print pull push put quick quiet quite race rain raise
ran reach read ready real reason red rest rich ride right ring rise river road rock roll room
root rope rose round row rule run safe sail salt same sand save saw say school sea season seat
second see seed seem sell send sense serve set seven shade shape share sharp ship shoe shop
shore short shout show side sign silent silver simple since sing sister sit six size skin sky
sleep slip slow small smell smile snow soft soil some son song soon sound south space speak
speed spell spend spot spread spring square stand star start state stay steel step stick still
stone stop store storm story strange stream street strong such sudden sugar summer sun sure
swim table tail take talk tall teach team tell ten test than thank that the their them then
there these they thick thin thing think third this those though thought three through throw
time tiny tire together told tone too took top town track trade train travel tree trip true
try turn twelve two under until usual valley very view village visit voice wait walk wall want
warm wash watch water wave way wear weather week well west what wheel when where which while
white who whole why wide wife wild will wind window wing winter wish with woman wonder wood
word work world write year yellow yes yet young
""".split()


@dataclass(frozen=True)
class Labelled:
    """A text and, for each of its characters, the state once that character has been read.

    depth: how many brackets of any kind are open; quoted: whether a quote is.
    """

    text: str
    depth: list[int]
    quoted: list[bool]


def generate(characters: int = CHARACTERS, seed: int = SEED) -> Labelled:
    """Return at least so many characters of text, whole paragraphs, with their labels."""
    generator = random.Random(seed)
    text: list[str] = []
    while sum(map(len, text)) < characters:
        text.append(_paragraph(generator))
    return _label("".join(text))


def _label(text: str) -> Labelled:
    """Count openers and closers; the grammar balances them, so no stack is needed."""
    depth = quote = 0
    depths, quotes = [], []
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        quote ^= character == '"'
        depths.append(depth)
        quotes.append(bool(quote))
    return Labelled(text, depths, quotes)


def _paragraph(generator: random.Random) -> str:
    words = [word for _ in range(generator.randint(4, 9)) for word in _sentence(generator)]
    return "\n".join(_wrapped(words)) + "\n\n"


def _wrapped(words: list[str]) -> Iterator[str]:
    """Break before the first word that would pass the width: the classical greedy rule."""
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _sentence(generator: random.Random) -> list[str]:
    words = _phrase(generator, generator.randint(6, 14), depth=0)
    words[0] = words[0].capitalize()
    words[-1] += "."
    return words


def _phrase(generator: random.Random, count: int, depth: int, opened: str = "") -> list[str]:
    """Return `count` plain words, with spans between them that are in brackets or quotes."""
    words: list[str] = []
    for _ in range(count):
        if words and depth < DEEPEST and generator.random() < SPAN_OPENS:
            pair = generator.choice([pair for pair in PAIRS if pair != opened])
            words += _span(generator, pair, depth + 1)
        words.append(generator.choice(WORDS))
    return words


def _span(generator: random.Random, pair: str, depth: int) -> list[str]:
    words = _phrase(generator, generator.randint(2, 4), depth, opened=pair)
    words[0] = pair[0] + words[0]
    words[-1] += pair[1]
    return words


if __name__ == "__main__":
    sys.stdout.write(generate().text)
