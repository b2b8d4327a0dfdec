"""Every page we make, held to axe-core and the Nu HTML checker, wide and narrow, light and dark."""

import hashlib
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from evidencekit.cli import run
from evidencekit.edges.render import render_summary

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "tests/summary/manifest.json"
NPM = ROOT / ".venv/tools/npm/node_modules"
AXE, VNU = NPM / "axe-core/axe.min.js", NPM / "vnu-jar/build/dist/vnu.jar"
TELL = """const done = arguments[arguments.length - 1];
  axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => done(
    violations.map((one) => [one.id, one.nodes.map((node) => node.target.join(" "))])));"""

# The words of every date and time that stand on more than one line.
BROKEN = """const broken = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode;
  if (text.parentElement.closest(".code, .bundle")) continue;
  const words = /\\d{4}-\\d\\d-\\d\\d\\S*|\\d\\d:\\d\\d:\\S+/g;
  for (const { index, 0: word } of text.data.matchAll(words)) {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    if (range.getClientRects().length > 1) broken.push(word);
  }
}
return broken;"""
NO_PAGES = "SKIPPED LOUDLY: not installed: pip install --group pages"


@pytest.fixture(scope="module")
def summaries(tmp_path_factory):
    """Return the sample's summary, from the bundle and as shown, and one with short times."""
    folder = tmp_path_factory.mktemp("shown")
    shown, short = folder / "shown.html", folder / "short.html"
    short.write_text(render_summary(json.loads(MANIFEST.read_bytes()), "html"))
    samples = ROOT / "samples"
    asked = ["show", "bundle", "--key", "signer.pub", "--format", "html", "-o", shown]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(samples)
        assert run([str(word) for word in asked]) == 0
    return {"sample": samples / "bundle/data/summary.html", "shown": shown, "short": short}


@pytest.fixture
def axe(driver):
    """Return what axe-core finds in the page that the browser shows."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make tools")
    script = AXE.read_text()

    def find() -> list:
        driver.execute_script(script)
        return driver.execute_async_script(TELL)

    return find


def look(driver, width, scheme):
    driver.set_window_size(width, 900)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


LOOKS = [(390, "light"), (1280, "light"), (1280, "dark")]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", ["sample", "shown"])
def test_axe_finds_nothing_in_a_summary(driver, axe, summaries, name, width, scheme):
    look(driver, width, scheme)
    driver.get(summaries[name].as_uri())
    assert axe() == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing_in_the_verifier_before_and_after(
    driver, axe, judge, page, cases, width, scheme
):
    look(driver, width, scheme)
    driver.get(page.as_uri())
    assert axe() == []
    for name in ("array", "export-changed", "nobody"):
        judge(cases[name])
        assert axe() == [], name


def test_the_nu_checker_finds_no_error_in_any_page(driver, judge, page, cases, summaries, tmp_path):
    java = shutil.which("java")
    if not java or not VNU.exists():
        pytest.skip("the Nu HTML checker is not installed: make tools, and a Java runtime")
    pages = {**summaries, "verifier": page}
    for name in ("array", "export-changed", "nobody"):
        judge(cases[name])
        pages[name] = tmp_path / f"{name}.html"
        html = driver.execute_script("return document.documentElement.outerHTML")
        # An attribute of the File and Directory Entries API, which the checker does not know.
        html = html.replace(' webkitdirectory=""', "")
        pages[name].write_text(f"<!doctype html>\n{html}")
    done = subprocess.run(  # noqa: S603
        [java, "-Xss4m", "-jar", VNU, "--format", "json", *pages.values()],
        capture_output=True,
        check=False,
    )
    found = [
        (message["url"].rpartition("/")[2], message["message"], message.get("lastLine"))
        for message in json.loads(done.stderr)["messages"]
        if message["type"] != "info"  # it computes no hash, so it warns of every inline style
    ]
    assert found == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_codes_can_be_scanned_off_the_screen(driver, summaries, width, scheme):
    zxing = pytest.importorskip("zxingcpp", reason=f"{NO_PAGES}: zxing-cpp")
    image = pytest.importorskip("PIL.Image", reason=f"{NO_PAGES}: Pillow, which pikepdf brings")
    look(driver, width, scheme)
    driver.get(summaries["shown"].as_uri())
    codes = driver.find_elements("css selector", "svg.qr")
    shots = [image.open(io.BytesIO(code.screenshot_as_png)) for code in codes]
    found = [[one.text for one in zxing.read_barcodes(shot)] for shot in shots]
    texts = driver.find_elements("css selector", ".digest .fields > div:first-child dd")
    assert found == [[text.text] for text in texts]
    root = hashlib.sha256((ROOT / "samples/bundle/tagmanifest-sha256.txt").read_bytes())
    assert found[1] == [root.hexdigest()]


@pytest.mark.parametrize("name", ["sample", "shown", "short"])
def test_no_time_is_broken_inside_its_digits_on_a_telephone(driver, summaries, name):
    look(driver, 390, "light")
    driver.get(summaries[name].as_uri())
    broken = driver.execute_script(BROKEN)
    assert broken == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 390
