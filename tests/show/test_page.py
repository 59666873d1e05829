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
from charrnn.show.page import LEVELS, LIKELIEST, html, packed

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
TEXT = "ab(c)\n</script>\t" * 80


@pytest.fixture
def page(tmp_path, make_checkpoint):
    """A page of a random model, and the values that were packed into it."""
    made = make_checkpoint("gru", alphabet=TEXT, hidden=4)
    made = checkpoint.Checkpoint(
        made.architecture, made.vocabulary, made.weights, {"steps": 7}, made.vocabulary.encode(TEXT)
    )
    checkpoint.save(tmp_path / "model.safetensors", made)
    file = tmp_path / "page.html"
    arguments = ["inspect", "page", str(file), "--checkpoint", str(tmp_path / "model.safetensors")]
    app(arguments, prog_name="charrnn", standalone_mode=False)
    network = made.network()
    values = network.run(made.heldout[:, None], record=["h"]).signals["h"][:, 0]
    return file, values


def test_values_are_bytes_of_so_many_levels_a_neuron_after_another():
    values = np.array([[0.0, 1.0], [-1.0, 0.5], [0.25, -2.0]])
    levels = np.frombuffer(zlib.decompress(base64.b64decode(packed(values, 1.0))), np.int8)
    assert levels.tolist() == [0, -31, 8, 31, 16, -31]
    assert LEVELS == 31


def test_the_page_holds_the_text_the_values_and_the_concepts_and_asks_for_nothing(page):
    file, values = page
    content = file.read_text("utf-8")
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?https?:", content)
    data = json.loads(re.search(r'type="application/json">(.*?)</script>', content, re.S)[1])
    assert data["characters"] == TEXT
    levels = np.frombuffer(zlib.decompress(base64.b64decode(data["values"])), np.int8)
    shown = levels.reshape(8, -1).T / LEVELS
    np.testing.assert_allclose(shown, values, atol=0.5 / LEVELS + 1e-6)
    assert set(data["concepts"]) >= {"brackets", "space"}
    assert len(data["likeliest"]) == len(TEXT) * data["k"]


def test_20000_characters_of_512_neurons_are_less_than_12_megabytes():
    """Of values that hardly pack: noise over the whole range."""
    random = np.random.default_rng(0)
    content = html(
        model="m", text="t", signal="h", low=-1, high=1, offset=0,
        characters="a" * 20_000, alphabet="".join(map(chr, range(32, 128))), hidden=256,
        values=random.uniform(-1, 1, (20_000, 512)),
        expected=predictions.of(random.normal(size=(20_000, 96)), np.zeros(20_000, int), LIKELIEST),
        concepts={},
    )  # fmt: skip
    assert len(content.encode()) < 12e6


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_keys_and_mouse_choose_neurons_and_characters(page, scheme):
    from playwright.sync_api import sync_playwright

    file, values = page
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        view = browser.new_page(color_scheme=scheme)
        errors, addresses = [], []
        view.on("pageerror", lambda error: errors.append(str(error)))
        view.on("request", lambda request: addresses.append(request.url))
        view.goto(file.as_uri())
        view.wait_for_selector("body[data-ready]")
        assert view.locator("#text span").count() == len(TEXT)

        view.locator("#find").focus()
        view.keyboard.type("1:3")
        view.keyboard.press("Enter")  # colours the text by it and goes on to the list
        assert "background: neuron 3 (1:3)" in view.inner_text("#chosen")
        place = int(np.abs(values[:, 3]).argmax())
        span = view.locator(f"#text span[data-place='{place}']")
        color = span.evaluate("one => one.style.backgroundColor")
        assert color.startswith("rgba(64, 156" if values[place, 3] < 0 else "rgba(255, 146")
        span.hover()
        assert f"neuron 3 (1:3) after it: {values[place, 3]:.2f}"[:-1] in view.inner_text("#seen")
        assert view.locator("#seen tr").count() == 5

        for name in ("constructor", "__proto__", "toString"):  # of every object, but no concepts
            view.fill("#find", name)
            assert view.locator("#neurons li").count() == 0
        view.fill("#find", "brackets")
        view.focus("#neurons")
        view.keyboard.press("ArrowDown")
        view.keyboard.press(" ")  # a second one, to compare
        assert re.search(
            r"underline: neuron \d \([12]:\d\), r -?\d\.\d\d", view.inner_text("#chosen")
        )

        view.focus("#text")
        for _ in range(3):
            view.keyboard.press("ArrowRight")
        there = view.locator("#text .here").get_attribute("data-place")
        assert there == str(place + 3)
        ground = "getComputedStyle(document.body).backgroundColor"
        before = view.evaluate(ground)
        assert before == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 22, 26)")
        view.click("#theme")
        assert view.evaluate(ground) != before
        assert errors == []
        assert addresses == [file.as_uri()]
        browser.close()
