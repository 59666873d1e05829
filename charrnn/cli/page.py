"""`charrnn inspect page`: neurons on a text, in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from charrnn.cli.help import helped
from charrnn.cli.options import OffsetOption, view_of_units
from charrnn.cli.reading import Given
from charrnn.errors import UsageError


@helped("charrnn inspect page out.html", "charrnn inspect page notes.html -t notes.txt -m demo")
@view_of_units
def page(
    given: Given,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The page to write; its name ends in .html.",
            metavar="FILE",
            show_default="that of --output",
        ),
    ] = None,
    offset: OffsetOption = 0,
    length: Annotated[
        int, typer.Option("-n", "--length", help="Characters shown.", min=1)
    ] = 20_000,
) -> None:
    """Write one page, for any browser and without a server, to look at neurons on a text.

    It opens with the best-known neuron. Characters show what was expected, neurons colour the text,
    concepts find neurons, two can be compared; the address holds what is looked at, so that it can
    be sent. The page asks nothing of any other address.
    """
    from charrnn.files import expect_free, making
    from charrnn.neurons.page import page_of
    from charrnn.show.console import note, talk
    from charrnn.show.page import content, html
    from charrnn.show.report import Report

    file = file or given.output
    if file is None and not given.json:
        raise UsageError("which page?", "charrnn inspect page out.html")
    if file and given.json:
        raise UsageError("a page and --json were asked for; one of them is enough")
    if file and file.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{file}: the page's name ends in .html")
    if file:
        expect_free(file, given.force)
    given, opened, text = given.units()
    with talk().status("searching the neurons for every concept"):
        made = page_of(opened, text, offset=offset, length=length)
    if file is None:
        given.deliver(Report(lambda console: None, content(made, *made.titles)), opened)
        return
    with making(file, given.force) as temporary:
        size = temporary.write_text(html(made, *made.titles), encoding="utf-8")
    note(f"{file} · {opened.name} · {size / 1e6:.2g} MB · open it in a browser")
