"""The images of the docs: each is shown somewhere, says what it shows, and all are small."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {page: page.read_text("utf-8") for page in sorted(DOCS.rglob("*.md"))}
SHOWN = re.compile(r"!\[([^\]]*)\]\(([^)#]+)(?:#[a-z-]+)?\)")


def test_every_image_is_shown_and_says_what_it_shows():
    shown = {}
    for page, text in PAGES.items():
        for alt, target in SHOWN.findall(text):
            shown[(page.parent / target).resolve()] = alt
            assert len(alt.split()) >= 3, f"{page.name}: {target} has no text that replaces it"
    assert all(path.is_file() for path in shown)
    assert {path.resolve() for path in (DOCS / "images").iterdir()} <= set(shown)


def test_the_images_are_small():
    assert sum(path.stat().st_size for path in (DOCS / "images").iterdir()) < 400_000


def test_the_terminal_loads_no_font_and_runs_nothing():
    source = (DOCS / "images/verify-terminal.svg").read_text("utf-8")
    assert not re.search(r"@font-face|@import|url\((?!#)|<script|href=", source)
    assert set(re.findall(r"[a-z]+://[^\"'< ]+", source)) == {"http://www.w3.org/2000/svg"}
    assert "verdict:&#160;accepted" in source
