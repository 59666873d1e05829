"""The page of neurons: what is in it, and what it does in a real browser."""

import base64
import json
import re
import shutil
import zlib

import numpy as np
import pytest

from charrnn import checkpoint, predictions
from charrnn.cli.app import app
from charrnn.neurons.concepts import Concept, built_in
from charrnn.neurons.evidence import ENCODES, LEXICAL
from charrnn.neurons.page import LIKELIEST, Candidate, Candidates, Page
from charrnn.show.page import LEVELS, content, html, packed

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
in_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
TEXT = "ab (c)\n</script>\t" * 80
OFFSET = 1000


def made(model, ids, concepts=(), opening=(0, "h"), offset=OFFSET):
    """Put a page's content together from what the network does and given concepts."""
    names = ["c", "h"] if "c" in model.architecture.cell.STATES else ["h"]
    result = model.network().run(ids[:, None], record=names)
    signals = {name: result.signals[name][:, 0] for name in names}
    if "c" in signals:
        signals["c"] = np.tanh(signals["c"])
    expected = predictions.of(result.logits[:, 0], ids, LIKELIEST)
    return Page(model, offset, ids, signals, expected, tuple(concepts), opening)


@pytest.fixture
def seen(make_checkpoint):
    """An LSTM of 2 × 4 whose neurons 6 and 3 are said to encode brackets, by h and by c."""
    model = make_checkpoint("lstm", alphabet=TEXT, hidden=4)
    concepts = [
        Candidates(
            built_in("")["brackets"],
            "",
            (
                Candidate(6, "h", True, 0.91, 0.5, False, ENCODES),
                Candidate(3, "c", False, 0.84, 0.4, True, ENCODES, "folder/other.txt"),
            ),
        ),
        Candidates(
            Concept(
                "constructor", "lexical", lambda text, state: ([], None), "a name of JavaScript"
            ),
            "",
            (Candidate(1, "c", False, 0.7, -0.1, False, LEXICAL),),
        ),
        Candidates(built_in("")["url"], "0 of 500 characters are on", ()),
    ]
    return made(model, model.vocabulary.encode(TEXT), concepts, opening=(6, "h"))


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, tmp_path):
    """Open a page, as a user would; at the end nothing failed and nothing else was asked for."""
    errors, addresses, views = [], set(), []

    def opened(page, fragment="", **options):
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        view = browser.new_page(**options)
        views.append(view)
        view.on("pageerror", lambda error: errors.append(str(error)))
        view.on("console", lambda message: errors.append(message.text))
        view.on("request", lambda request: addresses.add(request.url.split("#")[0]))
        view.goto(file.as_uri() + fragment)
        view.wait_for_selector("body[data-ready]")
        return view

    yield opened
    for view in views:
        view.close()
    assert errors == []
    assert {one for one in addresses if not one.startswith("data:")} == {
        (tmp_path / "page.html").as_uri()
    }


def background(view, place):
    span = view.locator(f"#text span[data-place='{place}']")
    return span.evaluate("one => one.style.backgroundColor")


def fragment(view):
    return dict(one.split("=") for one in view.evaluate("location.hash")[1:].split("&"))


def heading(view):
    return view.inner_text("#chosen h2")


def test_values_are_bytes_of_so_many_levels_a_neuron_after_another():
    values = np.array([[0.0, 1.0], [-1.0, 0.5], [0.26, -2.0]])
    levels = np.frombuffer(zlib.decompress(base64.b64decode(packed(values, 1.0))), np.int8)
    assert levels.tolist() == [0, -20, 5, 20, 10, -20]
    assert LEVELS == 20


def test_the_page_holds_the_text_the_values_and_the_concepts(seen):
    page = html(seen, "model", "text")
    data = json.loads(re.search(r'type="application/json">(.*?)</script>', page, re.S)[1])
    assert data == content(seen, "model", "text")
    assert data["characters"] == TEXT
    assert [one["name"] for one in data["signals"]] == ["c", "h"]
    for one in data["signals"]:
        levels = np.frombuffer(zlib.decompress(base64.b64decode(one["values"])), np.int8)
        values = seen.signals[one["name"]]
        np.testing.assert_allclose(levels.reshape(8, -1).T / LEVELS, values, atol=0.5 / LEVELS)
    assert [one["name"] for one in data["concepts"]] == ["brackets", "constructor", "url"]
    assert len(data["likeliest"]) == len(TEXT) * data["k"]


def test_20000_characters_of_512_neurons_are_less_than_12_megabytes(make_checkpoint):
    """Of values that hardly pack: noise over the whole range."""
    random = np.random.default_rng(0)
    model = make_checkpoint("gru", alphabet="".join(map(chr, range(32, 128))), hidden=256)
    ids = random.integers(96, size=20_000)
    noise = {"h": random.uniform(-1, 1, (20_000, 512))}
    expected = predictions.of(random.normal(size=(20_000, 96)), np.zeros(20_000, int), LIKELIEST)
    page = html(Page(model, 0, ids, noise, expected, (), (0, "h")), "m", "t")
    assert len(page.encode()) < 12e6


def test_the_command_writes_a_page_that_names_model_and_text_without_their_folders(
    tmp_path, make_checkpoint
):
    model = make_checkpoint("lstm", alphabet=TEXT, hidden=4)
    (tmp_path / "mine").mkdir()
    checkpoint.save(tmp_path / "mine" / "best.safetensors", model)
    (tmp_path / "read.txt").write_text(TEXT, encoding="utf-8")
    file = tmp_path / "page.html"
    arguments = ["inspect", "page", str(file), "--checkpoint", str(tmp_path / "mine")]
    arguments += ["--text", str(tmp_path / "read.txt"), "--offset", "7", "--length", "500"]
    app(arguments, prog_name="charrnn", standalone_mode=False)
    page = file.read_text("utf-8")
    data = json.loads(re.search(r'type="application/json">(.*?)</script>', page, re.S)[1])
    assert (data["model"], data["text"], data["offset"]) == ("mine", "read.txt", 7)
    assert data["characters"] == TEXT[7:507]
    assert str(tmp_path) not in page
    assert {one["name"] for one in data["concepts"]} == set(built_in(""))


def test_json_is_what_the_page_holds_with_the_model_and_no_page_is_written(charrnn, tmp_path):
    command = ("inspect", "page", "--json", "--prompt", "(a)\n", "-m", "demo")
    data = json.loads(charrnn(*command).stdout)
    assert data["characters"] == "(a)\n"
    assert data["model"]["path"].endswith("best.safetensors")
    assert list(tmp_path.iterdir()) == []
    both = charrnn(*command, "page.html")
    assert (both.returncode, both.stdout) == (2, "")
    assert "one of them is enough" in both.stderr


@in_browser
def test_it_opens_with_the_best_neuron_coloured_and_its_concept_in_the_title(visit, seen):
    view = visit(html(seen, "my model", "my text"))
    assert view.title() == "brackets · neuron 6 · my model"
    assert heading(view) == "Neuron 6 (2:2)"
    assert view.inner_text("#chosen li").splitlines() == [
        f"brackets AUROC 0.910 by h {ENCODES}",
        "inverted: low values mean it is present",
    ]
    assert fragment(view) == {"neuron": "6", "signal": "h"}
    assert view.locator("#text span").count() == len(TEXT)
    values = seen.signals["h"][:, 6]
    for place in (int(values.argmin()), int(values.argmax())):
        side = "rgba(64, 156, 255" if values[place] < 0 else "rgba(255, 146, 26"
        assert background(view, place).startswith(side)
    heads = view.locator("#neurons .head").all_inner_texts()
    assert heads[0].startswith(f"brackets {ENCODES}")
    assert heads[1].startswith(f"constructor {LEXICAL}")
    assert heads[2].startswith("url no verdict")
    assert heads[3] == "all neurons"


@in_browser
def test_the_search_finds_neurons_by_number_address_and_concept(visit, seen):
    view = visit(html(seen, "m", "t"))
    options = view.locator("#neurons [role=option]")

    def searched(text):
        view.fill("#find", text)
        return [one.split("\n")[0] for one in options.all_inner_texts()]

    assert searched("5") == ["5 (2:1)"]
    assert searched("3") == ["3 (1:3)", "7 (2:3)"]  # the number itself, then the unit of a layer
    assert searched("2:1") == ["5 (2:1)"]
    assert searched("Brackets") == ["6 (2:2)", "3 (1:3)"]
    assert searched("constructor") == ["1 (1:1)"]  # a concept here, though of every object, too
    for strange in ("__proto__", "toString", "99", "<b>"):
        assert searched(strange) == []
    assert "No neuron and no concept" in view.inner_text("#neurons")
    assert searched("url") == []
    assert "0 of 500 characters are on" in view.inner_text("#neurons")
    assert len(searched("")) == 3 + 8


@in_browser
def test_from_the_keyboard_alone_neurons_are_found_coloured_and_compared(visit, seen):
    view = visit(html(seen, "m", "t"))
    view.keyboard.press("/")
    view.keyboard.type("brackets")
    view.keyboard.press("ArrowDown")
    view.keyboard.press("Enter")
    assert heading(view) == "Neuron 3 (1:3)"
    assert fragment(view)["signal"] == "c"  # by which it was found
    assert "on other.txt\nhardly seen in tanh(c), only in c" in view.inner_text("#chosen")
    view.keyboard.press("ArrowUp")
    view.keyboard.press("Shift+Enter")
    a, b = np.rint(LEVELS * seen.signals["c"][:, [3, 6]]).T
    r = f"{np.corrcoef(a, b)[0, 1]:.2f}".replace("-", "−")
    assert f"underlined: neuron 6 (2:2), r {r}" in view.inner_text("#chosen")
    view.keyboard.press("Shift+Enter")
    assert "underlined" not in view.inner_text("#chosen")
    view.keyboard.press("Escape")
    assert view.input_value("#find") == ""

    view.focus("#signals [aria-checked=true]")
    view.keyboard.press("ArrowRight")
    assert fragment(view)["signal"] == "h"
    assert view.inner_text("#signals [aria-checked=true]") == "h"


@in_browser
def test_arrow_keys_go_through_the_text_by_characters_and_lines(visit, seen):
    view = visit(html(seen, "m", "t"))
    view.focus("#text")
    line = len("ab (c)\n")
    for key, place in [("Right", 1), ("Right", 2), ("Left", 1), ("Down", line + 1), ("Up", 1)]:
        view.keyboard.press(f"Arrow{key}")
        assert view.locator("#text .here").get_attribute("data-place") == str(place)
        assert fragment(view)["place"] == str(OFFSET + place)


@in_browser
def test_pointing_shows_what_was_expected_and_a_click_keeps_it(visit, seen):
    view = visit(html(seen, "m", "t"))
    view.hover("#text span[data-place='20']")
    lines = view.inner_text("#seen").splitlines()
    assert lines[0] == f"character 1,020: {TEXT[20]}"
    value = float(lines[1].removeprefix("neuron 6 after it: ").replace("−", "-"))
    assert value == pytest.approx(seen.signals["h"][20, 6], abs=0.5 / LEVELS + 0.005)
    rows = view.locator("#seen tr").all_inner_texts()
    assert len(rows) == LIKELIEST
    share = float(seen.expected.probabilities[20, 0])
    assert int(re.search(r"(\d+)%", rows[0])[1]) == pytest.approx(100 * share, abs=1)

    view.click("#text span[data-place='30']")
    view.hover("#text span[data-place='40']")
    assert "character 1,040" in view.inner_text("#seen")
    view.hover("#find")
    assert "character 1,030" in view.inner_text("#seen")


@in_browser
def test_an_address_that_is_sent_opens_the_same_view(visit, seen):
    page = html(seen, "m", "t")
    sender = visit(page)
    sender.click("#signals [data-signal=c]")
    sender.fill("#find", "1:2")
    sender.click("#neurons [role=option]")
    sender.fill("#find", "7")
    sender.click("#neurons [role=option]", modifiers=["Shift"])
    sender.click("#text span[data-place='300']")
    sent = sender.evaluate("location.hash")
    receiver = visit(page, sent)
    assert receiver.evaluate("location.hash") == sent
    for part in ("#chosen", "#seen"):
        assert receiver.inner_text(part) == sender.inner_text(part)
    assert background(receiver, 5) == background(sender, 5)
    assert receiver.locator("#text .here").get_attribute("data-place") == "300"
    assert receiver.locator("#text .here").is_visible()

    receiver.evaluate("location.hash = '#neuron=1&signal=h'")  # pasted over the old one
    receiver.wait_for_function("document.querySelector('#chosen h2').textContent.includes(' 1 ')")


@in_browser
@pytest.mark.parametrize(
    "strange", ["#neuron=8&signal=constructor&place=99", "#neuron=-1&place=1e3", "#%F0%9F&second=x"]
)
def test_an_address_that_names_nothing_there_opens_as_usual(visit, seen, strange):
    view = visit(html(seen, "m", "t"), strange)
    assert heading(view) == "Neuron 6 (2:2)"
    assert fragment(view) == {"neuron": "6", "signal": "h"}


@in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_readers_scheme_until_the_button_is_pressed(visit, seen, scheme):
    view = visit(html(seen, "m", "t"), color_scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    both = ["rgb(255, 255, 255)", "rgb(20, 22, 26)"]
    first, second = both if scheme == "light" else both[::-1]
    assert view.evaluate(ground) == first
    view.click("#theme")
    assert view.evaluate(ground) == second
    view.click("#theme")
    assert view.evaluate(ground) == first


@in_browser
def test_at_500_pixels_nothing_is_cut_and_everything_can_be_reached(visit, seen):
    view = visit(html(seen, "a model", "a text"), viewport={"width": 500, "height": 800})
    for area in ("html", "#text", "aside", "#neurons"):
        assert view.eval_on_selector(area, "one => one.scrollWidth <= one.clientWidth"), area
    for part in ("#model", "#scale", "#signals", "#theme", "#text", "#chosen", "#seen", "#find"):
        view.locator(part).scroll_into_view_if_needed()
        box = view.locator(part).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 500, part
    text, aside = (view.locator(part).bounding_box() for part in ("#text", "aside"))
    assert text["width"] == aside["width"] == 500  # one under the other
    view.click("#text span[data-place='3']")
    assert "character 1,003" in view.inner_text("#seen")
    view.fill("#find", "constructor")
    view.click("#neurons [role=option]")
    assert heading(view) == "Neuron 1 (1:1)"


@in_browser
def test_white_space_is_marked_and_copied_as_it_is(visit, seen):
    view = visit(html(seen, "m", "t"))
    marks = view.evaluate(
        "[2, 6, 16].map(place => getComputedStyle(spans[place], '::before').content)"
    )
    assert marks == ['"·"', '"⏎"', '"→"']
    assert view.evaluate("$('text').textContent") == TEXT


@in_browser
def test_bytes_that_are_no_text_and_signs_beyond_the_first_plane_are_shown(visit, make_checkpoint):
    text = "é𝄞\u202e\x1b\n" * 20
    model = make_checkpoint("gru", alphabet=text, hidden=4)
    view = visit(html(made(model, model.vocabulary.encode(text)), "m\u202e", "t"))
    shown = view.locator("#text span").all_inner_texts()
    assert [one.strip() for one in shown[:4]] == ["é", "𝄞", "‹202E›", "␛"]
    assert view.inner_text("#model") == "m‹202E›"

    raw = model.vocabulary.of(text.encode().decode("latin-1"), as_bytes=True)
    model = make_checkpoint("gru", alphabet=raw.characters, hidden=4)
    model = checkpoint.Checkpoint(model.architecture, raw, model.weights, {}, model.heldout)
    view = visit(html(made(model, raw.encode(text)), "m", "t"))
    assert view.locator("#text span").all_inner_texts()[:2] == ["‹C3›", "‹A9›"]
