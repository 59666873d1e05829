"""What a notebook shows of a result: drawn by `show`, which is imported only when it is asked."""


class Shown:
    """A result that shows itself at the end of a notebook's cell."""

    def _repr_html_(self) -> str:
        from charrnn.show.notebook import html

        return html(self)


class Browsable(Shown):
    """A result that is a page of its own, to write to a file and open in a browser."""

    @property
    def html(self) -> str:
        """The whole page, with everything in it."""
        from charrnn.show.notebook import page

        return page(self)
