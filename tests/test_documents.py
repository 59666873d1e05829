"""What the pages show is what the program does, and what they name is there."""

import re
from pathlib import Path

import pytest

from charrnn import checkpoint, runs
from charrnn.text import corpus
from tests.documents import HELP, PAGES, README, ROOT, blocks, helps, printed

TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
SHOWN = {block.command: block for text in TEXTS.values() for block in blocks(text)}
TESTED = [block for block in SHOWN.values() if not block.mark]


def anchors(text):
    """Return the names under which headings can be linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.M)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


def is_here(learned):
    """Return whether the text that a shipped model has learned is that of this Python."""
    made = checkpoint.load(runs.find(Path(learned)))
    return corpus.read(made.provenance["corpus"].split()).sha256 == made.provenance["sha256"]


@pytest.mark.parametrize("block", TESTED, ids=lambda block: block.command[:60])
def test_a_block_shows_what_the_program_prints(block):
    if block.command.startswith("charrnn inspect find -m demo") and not is_here("demo"):
        pytest.skip("its baselines read what the model has learned: another Python's library")
    assert block.shown == printed(block.command)


def test_every_command_that_is_shown_is_in_a_block_that_is_compared():
    for page, text in TEXTS.items():
        assert len(blocks(text)) == len(re.findall(r"^\$ charrnn", text, re.M)), page


def test_a_command_is_shown_alike_wherever_it_stands():
    everywhere = [block for text in TEXTS.values() for block in blocks(text)]
    assert all(SHOWN[block.command] == block for block in everywhere if not block.mark)


def test_the_page_of_help_has_every_command():
    shown = [block.command for block in blocks(TEXTS[HELP])]
    assert shown == list(helps())
    assert {"charrnn --help", "charrnn train --help", "charrnn inspect neuron --help"} <= set(shown)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = FENCED.sub("", TEXTS[page])
    links = re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text)
    assert links or page == HELP
    for link in map("".join, links):
        if re.match(r"https?://", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_readme_is_short():
    assert len(TEXTS[README].splitlines()) < 300


@pytest.mark.parametrize("marker", ["install-and-run", "test"])
def test_the_readme_has_the_commands_that_a_clone_is_tried_with(marker):
    found = re.search(rf"^<!-- {marker} -->\n```sh\n(.+?)\n```$", TEXTS[README], re.M | re.S)
    assert found
    assert "\n" not in found[1]  # one line, which .ci/run reads


def test_the_readme_links_every_page():
    for page in PAGES[1:]:
        assert f"]({page.relative_to(ROOT).as_posix()})" in TEXTS[README], page.name
