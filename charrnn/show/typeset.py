"""A view as typeset text, in SVG and HTML: selectable, and light or dark as its reader prefers.

A view is drawn twice, for a light and for a dark ground. Both drawings hold the same characters,
and each pair of styles becomes a class, whose colours the reader's preference chooses.
"""

import hashlib
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, NIGHT_OWLISH

from charrnn.show.console import PlainConsole

WIDTH = 88  # columns
FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
TITLE_FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
SIZE, ADVANCE, LINE, MARGIN = 14, 8.4, 19, 24  # pixels: of letters, columns, lines, the edge
TITLE_SIZE, TITLE_ADVANCE, HEADER_ADVANCE = 17, 9.4, 7.2
BLOCKS = {"▀": (0.0, 0.5)} | {
    chr(0x2580 + eighths): (1 - eighths / 8, eighths / 8) for eighths in range(1, 9)
}
"""Glyphs drawn as shapes, since fonts differ: where in the line they begin, and their height."""
PIECES = re.compile(r"[ -~]+|([▀-█])\1*|[^ -~]")
DARK = "@media (prefers-color-scheme: dark)"
INKS = {"light": ("#ffffff", "#1f2328", "#59636e"), "dark": ("#0a0c10", "#e6edf3", "#9198a1")}
"""For either ground: itself, the text, the header under the title."""

Pair = tuple[Style, Style]
Show = Callable[[Console], None]


@dataclass(frozen=True)
class Run:
    """Characters of one style on a line. name: of its class, empty for plain text."""

    text: str
    name: str
    column: int

    @property
    def width(self) -> int:
        """How many columns it takes."""
        return cell_len(self.text)


@dataclass(frozen=True)
class Page:
    """A view. header: its first lines, of which the first is the title; classes: by their names."""

    header: Sequence[str]
    lines: Sequence[Sequence[Run]]
    classes: dict[str, Pair]


def svg(show: Show) -> str:
    """Return a view as a picture."""
    page = _page(show)
    top = MARGIN + TITLE_SIZE + LINE * len(page.header)
    widths = [
        *(MARGIN + ADVANCE * (run.column + run.width) for line in page.lines for run in line),
        MARGIN + TITLE_ADVANCE * cell_len(page.header[0]),
        *(MARGIN + HEADER_ADVANCE * cell_len(line) for line in page.header[1:]),
    ]
    width, height = round(max(widths)) + MARGIN, top + LINE * len(page.lines) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" xml:space="preserve">',
        f"<title>{escape(page.header[0])}</title>",
        f"<style>{_svg_style(page)}</style>",
        '<rect class="ground" width="100%" height="100%"/>',
    ]
    for number, text in enumerate(page.header):
        name, y = "header" if number else "title", MARGIN + TITLE_SIZE * 0.8 + LINE * number
        y += 4 * bool(number)
        parts.append(f'<text class="{name}" x="{MARGIN}" y="{y:g}">{escape(text)}</text>')
    for number, line in enumerate(page.lines):
        parts += _svg_line(line, page.classes, top + LINE * number)
    return "\n".join([*parts, "</svg>\n"])


def html(show: Show, picture: str = "") -> str:
    """Return a view as a page, with its picture, if it has one as SVG, above its text."""
    page = _page(show)
    return (
        '<!DOCTYPE html>\n<html lang="und">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.header[0])}</title>\n<style>{_html_style(page)}</style>\n</head>\n"
        f"<body>\n{_html_content(page, 'h1', picture)}</body>\n</html>\n"
    )


def fragment(show: Show, picture: str = "") -> str:
    """Return a view as a part of a page, a notebook's; its styles are for nothing else there."""
    page = _page(show)
    style = _html_style(page)
    name = f"charrnn-{hashlib.sha256(style.encode()).hexdigest()[:8]}"
    style = f"<style>{_scoped(style, name)}</style>"
    return f'<div class="{name}">\n{style}\n{_html_content(page, "h2", picture)}</div>\n'


def _html_content(page: Page, heading: str, picture: str) -> str:
    title, *header = map(escape, page.header)
    lines = "\n".join("".join(map(_html_run, line)) for line in page.lines)
    below = "".join(f"<p>{line}</p>\n" for line in header)
    return f"<{heading}>{title}</{heading}>\n{below}{picture}<pre>{lines}\n</pre>\n"


def _scoped(style: str, name: str) -> str:
    """Return a page's style as that of one element, which takes none of its page's."""

    def scoped(found: re.Match[str]) -> str:
        selector = found[0]
        if selector.startswith("@"):
            return selector
        if selector in ("body", ":root"):
            return f".{name}"
        return f".{name} {selector.replace('h1', 'h2')}"

    plain = f".{name} :is(h2,p,pre){{color:inherit;background:none;border:0;padding:0}}"
    edge = f".{name}{{margin:0;padding:12px}}"
    return plain + re.sub(r"[^{}]+(?=\{)", scoped, style) + edge


def _page(show: Show) -> Page:
    """Draw a view on both grounds."""
    consoles = [
        PlainConsole(file=io.StringIO(), width=WIDTH, picture=True, light=light)
        for light in (True, False)
    ]
    for console in consoles:
        show(console)
    drawn = [list(Segment.split_lines(console.recorded)) for console in consoles]
    names: dict[Pair, str] = {}
    lines = [_line(light, dark, names) for light, dark in zip(*drawn, strict=True)]
    plain = ["".join(run.text for run in line).rstrip() for line in lines]
    header = list(itertools.takewhile(bool, plain))
    while lines and not plain[len(lines) - 1]:
        lines.pop()
    classes = {name: pair for pair, name in names.items()}
    return Page(header or [""], lines[len(header) + 1 :], classes)


def _line(light: list[Segment], dark: list[Segment], names: dict[Pair, str]) -> list[Run]:
    """Return the runs of a line; names: the classes so far, to which new ones are added."""
    runs: list[Run] = []
    column = 0
    for one, other in zip(light, dark, strict=True):
        assert one.text == other.text, "both grounds show the same characters"
        pair = (one.style or Style.null(), other.style or Style.null())
        name = names.setdefault(pair, f"c{len(names)}") if any(pair) else ""
        if runs and runs[-1].name == name:
            runs[-1] = Run(runs[-1].text + one.text, name, runs[-1].column)
        else:
            runs.append(Run(one.text, name, column))
        column += cell_len(one.text)
    return runs


def _pieces(run: Run) -> Iterator[Run]:
    """Split a run so that no font can move a column: ASCII and blocks together, all else apart."""
    texts: list[str] = []
    for found in PIECES.finditer(run.text):
        if texts and not cell_len(found[0]):  # it combines with what is before it
            texts[-1] += found[0]
        else:
            texts.append(found[0])
    column = run.column
    for text in texts:
        yield Run(text, run.name, column)
        column += cell_len(text)


def _svg_line(line: Sequence[Run], classes: dict[str, Pair], y: float) -> Iterator[str]:
    pieces = [piece for run in line for piece in _pieces(run)]
    for run in line:
        if run.name and classes[run.name][0].bgcolor:
            yield _rectangle(run, y, LINE)
    for piece in pieces:
        if piece.text[0] in BLOCKS:
            start, height = BLOCKS[piece.text[0]]
            yield _rectangle(piece, y + LINE * start, LINE * height)
    spans = "".join(map(_svg_run, pieces))
    if spans:
        yield f'<text y="{y + LINE * 0.74:g}">{spans}</text>'


def _rectangle(run: Run, y: float, height: float) -> str:
    return (
        f'<rect class="{run.name or "ink"}" x="{MARGIN + ADVANCE * run.column:g}" y="{y:g}" '
        f'width="{ADVANCE * run.width:g}" height="{height:g}"/>'
    )


def _svg_run(run: Run) -> str:
    if not run.text.strip() or run.text[0] in BLOCKS:
        return ""
    name = f' class="{run.name}"' if run.name else ""
    fit = f' textLength="{ADVANCE * run.width:g}"' if len(run.text) > 1 else ""
    x = f"{MARGIN + ADVANCE * run.column:g}"
    return f'<tspan{name} x="{x}"{fit}>{escape(run.text, quote=False)}</tspan>'


def _html_run(run: Run) -> str:
    text = "".join(map(_html_piece, _pieces(run)))
    return f'<span class="{run.name}">{text}</span>' if run.name else text


def _html_piece(piece: Run) -> str:
    text = escape(piece.text, quote=False)
    if piece.text[0] in BLOCKS:
        start, height = BLOCKS[piece.text[0]]
        size = f"background-size:100% {100 * height:g}%"
        side = "" if start + height == 1 else ";background-position:top"
        return f'<span class="block" style="{size}{side}">{" " * len(text)}</span>'
    boxed = piece.width in (1, 2) and piece.text[0] > "\xff"  # Latin-1 is in every font
    return f'<b class="w{piece.width}">{text}</b>' if boxed else text


def _svg_style(page: Page) -> str:
    def rules(ground: str, pairs: dict[str, Style]) -> str:
        background, ink, faint = INKS[ground]
        lines = [f".ground{{fill:{background}}}text,.ink{{fill:{ink}}}.header{{fill:{faint}}}"]
        for name, style in pairs.items():
            fill = style.bgcolor or style.color  # the ground of characters, or a band itself
            lines += [f"rect.{name}{{fill:{_hex(fill, ground)}}}"] if fill else []
            lines.append(f"tspan.{name}{{{_ink(style, ground, 'fill')}}}")
        return "".join(lines)

    return (
        f"text{{font:{SIZE}px {FONT};white-space:pre}}rect{{shape-rendering:crispEdges}}"
        f".title{{font:600 {TITLE_SIZE}px {TITLE_FONT}}}.header{{font:13px {TITLE_FONT}}}"
        + _both(page, rules)
    )


def _html_style(page: Page) -> str:
    def rules(ground: str, pairs: dict[str, Style]) -> str:
        background, ink, faint = INKS[ground]
        lines = [f"body{{background:{background};color:{ink}}}p{{color:{faint}}}"]
        for name, style in pairs.items():
            fill = f"background:{_hex(style.bgcolor, ground)};" if style.bgcolor else ""
            lines.append(f".{name}{{{fill}{_ink(style, ground, 'color')}}}")
        return "".join(lines)

    return (
        f":root{{color-scheme:light dark}}body{{margin:{MARGIN}px;font:13px {TITLE_FONT}}}"
        f"h1{{font-size:{TITLE_SIZE}px;font-weight:600;margin:0 0 .3em}}p{{margin:0 0 .2em}}"
        f"pre{{font:{SIZE}px/{LINE}px {FONT};white-space:pre;overflow-x:auto;margin:1.2em 0 0}}"
        "span{padding:.16em 0}"
        "b{font-weight:inherit;display:inline-block;height:1em;line-height:1em;text-align:center}"
        ".block{background:linear-gradient(currentColor,currentColor) bottom no-repeat}"
        ".w1{width:1ch}.w2{width:2ch}" + _both(page, rules)
    )


def _both(page: Page, rules: Callable[[str, dict[str, Style]], str]) -> str:
    light = rules("light", {name: pair[0] for name, pair in page.classes.items()})
    dark = rules("dark", {name: pair[1] for name, pair in page.classes.items()})
    return f"{light}{DARK}{{{dark}}}"


def _ink(style: Style, ground: str, name: str) -> str:
    parts = [f"{name}:{_hex(style.color, ground)}"] if style.color else []
    parts += ["font-weight:bold"] * bool(style.bold) + ["opacity:.7"] * bool(style.dim)
    parts += ["text-decoration:underline"] * bool(style.underline)
    return ";".join(parts)


def _hex(color: Color, ground: str) -> str:
    theme = DEFAULT_TERMINAL_THEME if ground == "light" else NIGHT_OWLISH
    return color.get_truecolor(theme).hex
