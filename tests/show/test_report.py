from charrnn.show.report import Report, exported

WITH_PICTURE = Report(
    lambda console: console.print("title\n\nin words"), picture=lambda: "<svg>drawn</svg>"
)


def test_a_view_with_a_picture_is_that_in_svg_and_both_in_html():
    assert exported(WITH_PICTURE, ".svg") == "<svg>drawn</svg>"
    page = exported(WITH_PICTURE, ".html")
    assert page.index("<body>") < page.index("<svg>drawn</svg>") < page.index("in words")


def test_a_view_without_a_picture_is_its_text():
    assert "words" in exported(Report(WITH_PICTURE.show), ".svg")
