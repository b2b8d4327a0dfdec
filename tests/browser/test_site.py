"""The built site, opened from a disk: it asks nobody, its search works, its commands copy."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="mkdocs is not installed: pip install --group docs")
ROOT = Path(__file__).parents[2]
LOADS = r'<(?:script|img|link rel="stylesheet")[^>]*(?:src|href)="(https?:[^"]+)"'
TYPE = """document.querySelector("[data-md-toggle=search]").click();
  const field = document.querySelector("[data-md-component=search-query]");
  field.focus();
  field.value = "fingerprint";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true, key: "t" }));"""
COPIED = """return [...document.querySelectorAll(".highlight code")].map((block) => {
  block.setAttribute("data-md-copying", "");
  const text = block.innerText;
  block.removeAttribute("data-md-copying");
  return text;
}).join("\\n");"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", str(place)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr.decode()
    return place


def test_no_page_loads_anything_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        loads = re.findall(LOADS, page.read_text("utf-8"))
        assert loads == [], page.name


def test_the_search_works_from_a_disk(driver, site):
    driver.get((site / "verify-by-hand.html").as_uri())
    time.sleep(1)
    driver.execute_script(TYPE)
    until, found = time.monotonic() + 20, []
    while not found and time.monotonic() < until:
        found = driver.find_elements("css selector", ".md-search-result__item a")
        time.sleep(0.1)
    assert any("summary.html" in one.get_attribute("href") for one in found)


def test_what_the_copy_button_takes_can_be_pasted(driver, site):
    driver.get((site / "verify-by-hand.html").as_uri())
    copied = driver.execute_script(COPIED)
    assert "sha256sum -c --strict" in copied
    assert not re.search(r"^(\$|>) ", copied, re.MULTILINE)
    assert "Signature Verified Successfully" not in copied
    assert "import hashlib, json, pathlib" in copied
