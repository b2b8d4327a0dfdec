"""Write docs/images anew: what people see of the samples, in Chromium, on paper, in a terminal.

Needs the group ``browser``, Chromium and poppler (``make tools``), and the extra ``pdf``. Another
version of the browser gives other bytes, so no test compares the images; one weighs them.
"""

import base64
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text
from selenium import webdriver

from evidencekit.core.instant import parse_instant
from evidencekit.edges.trust import Trust
from evidencekit.edges.verifierpage import render_verifier
from evidencekit.verifier import show, verify

ROOT = Path(__file__).parents[1]
SAMPLES, IMAGES = ROOT / "samples", ROOT / "docs/images"
AT = "2026-04-24T09:00:00Z"
_QUALITY = 40  # of WebP: text stays sharp
_TERMINAL = """<svg xmlns="http://www.w3.org/2000/svg" class="rich-terminal"
 viewBox="0 0 {width} {height}"><style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
 font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style><defs>{lines}</defs>
<rect fill="#14191f" width="{width}" height="{height}" rx="8"/>
<g transform="translate({terminal_x}, 14)">{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def main() -> None:
    """Write every image."""
    IMAGES.mkdir(exist_ok=True)
    driver = _browser()
    try:
        with tempfile.TemporaryDirectory() as folder:
            _summary(driver, Path(folder))
            _verifier(driver, Path(folder))
    finally:
        driver.quit()
    _terminal()


def _browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium") or shutil.which("google-chrome"))
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def _take(driver, name: str, box: tuple[int, int, int], scale: float = 1) -> None:
    """Write a part of the page, from its top, width and height, in ``scale`` pixels a CSS pixel."""
    clip = dict(zip(("y", "width", "height"), box, strict=True)) | {"x": 0, "scale": scale}
    asked = {"format": "webp", "quality": _QUALITY, "captureBeyondViewport": True, "clip": clip}
    taken = driver.execute_cdp_cmd("Page.captureScreenshot", asked)
    (IMAGES / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))


def _look(driver, width: int, scheme: str = "light") -> None:
    """Make the window as wide as asked, in light or dark."""
    window = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


def _summary(driver, folder: Path) -> None:
    """Take the summary wide, dark, narrow, printed, and as a PDF."""
    trust = Trust.from_keys([SAMPLES / "signer.pub"])
    verified = verify(SAMPLES / "bundle.zip", trust=trust, at=parse_instant(AT), jobs=1)
    page = folder / "summary.html"
    page.write_text(show(verified, "html"))
    for scheme, name in (("light", "summary"), ("dark", "summary-dark")):
        _look(driver, 1280, scheme)
        driver.get(page.as_uri())
        _take(driver, name, (0, 1280, 1640), 0.75)
    _look(driver, 390)
    driver.get(page.as_uri())
    _take(driver, "summary-narrow", (0, 390, 1170))
    _take(driver, "summary-codes", (_top(driver, "#seal") - 20, 390, 1040))
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    _sheets(driver, folder, "summary-printed", base64.b64decode(printed))
    _sheets(driver, folder, "summary-pdf", show(verified, "pdf"))


def _top(driver, selector: str) -> int:
    asked = "return document.querySelector(arguments[0]).getBoundingClientRect().top + scrollY"
    return int(driver.execute_script(asked, selector))


def _sheets(driver, folder: Path, name: str, pdf: bytes) -> None:
    """Take the first two sheets of a PDF, side by side, as poppler draws them in grey."""
    (folder / "sheets.pdf").write_bytes(pdf)
    drawn = [
        shutil.which("pdftoppm"),
        "-r",
        "80",
        "-gray",
        "-png",
        "-l",
        "2",
        "sheets.pdf",
        "sheet",
    ]
    subprocess.run(drawn, cwd=folder, check=True)  # noqa: S603
    images = "".join(f'<img src="{one.name}" width=620>' for one in sorted(folder.glob("sheet-*")))
    style = "body{margin:0;display:flex;gap:20px;padding:20px;background:#8a929b}"
    page = folder / f"{name}.html"
    page.write_text(f"<!doctype html><title>{name}</title><style>{style}</style>{images}")
    _look(driver, 1300)
    driver.get(page.as_uri())
    _take(driver, name, (0, 1300, 917), 0.75)
    for one in folder.glob("sheet-*"):
        one.unlink()


def _verifier(driver, folder: Path) -> None:
    """Take verify.html with the sample, and with the sample after one verdict was changed."""
    page = folder / "verify.html"
    page.write_bytes(render_verifier())
    tampered = folder / "tampered"
    shutil.copytree(SAMPLES / "bundle", tampered)
    events = tampered / "data/export/events.json"
    events.write_bytes(events.read_bytes().replace(b'"verdict": "block"', b'"verdict": "allow"', 1))
    if events.read_bytes() == (SAMPLES / "bundle/data/export/events.json").read_bytes():
        raise RuntimeError("nothing was changed in the sample")
    _look(driver, 1000)
    for name, bundle in (("accepted", SAMPLES / "bundle.zip"), ("rejected", tampered)):
        driver.get(page.as_uri())
        field = "folder" if bundle.is_dir() else "zip"
        driver.find_element("id", field).send_keys(str(bundle))
        driver.find_element("id", "keys").send_keys(str(SAMPLES / "signer.pub"))
        driver.find_element("id", "check").click()
        _wait(driver)
        top = _top(driver, "#result") - 20
        height = _top(driver, "#save") - top + 60
        _take(driver, f"verify-{name}", (top, 1000, height), 0.75)


def _wait(driver) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if driver.find_element("id", "report").get_attribute("data-verdict"):
            return
        time.sleep(0.05)
    raise RuntimeError(driver.find_element("id", "status").text)


def _terminal() -> None:
    """Take what a terminal of 100 columns shows, as SVG that loads no font from anywhere."""
    command = f"evidencekit verify bundle.zip --key signer.pub --at {AT}"
    console = Console(record=True, width=100, file=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    console.print(Text(f"$ {command}"))
    console.print(Text.from_ansi(_on_terminal(command.split()[1:])))
    svg = console.export_svg(title="", code_format=_TERMINAL, unique_id="t")
    (IMAGES / "verify-terminal.svg").write_text(svg)


def _on_terminal(words: list[str]) -> str:
    """Return what the command prints to a terminal."""
    master, terminal = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "TERM": "xterm-256color"}
    environment |= {"PYTHONPATH": str(ROOT)}
    environment.pop("NO_COLOR", None)
    asked = [sys.executable, "-m", "evidencekit", "--no-progress", *words]
    here = {"cwd": SAMPLES, "env": environment}
    started = subprocess.Popen(asked, stdout=terminal, stderr=terminal, **here)  # noqa: S603
    os.close(terminal)
    told = b""
    while True:
        try:
            more = os.read(master, 65_536)
        except OSError:  # Linux says so at the end
            break
        told += more
        if not more:
            break
    started.wait()
    os.close(master)
    return told.decode().replace("\r\n", "\n").rstrip()


if __name__ == "__main__":
    main()
