"""Chromium, headless, by selenium: made, asked to judge one bundle, and read."""

import shutil
import time

import pytest
from stored import Stored

SECONDS = 30
CHECKS = """return Object.fromEntries([...document.querySelectorAll("[data-check]")].map(
  (row) => [row.dataset.check, [row.dataset.outcome, row.dataset.codes]]))"""


def start():
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="selenium is not installed: pip install --group browser"
    )
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    service = shutil.which("chromedriver")
    if not browser or not service:
        pytest.skip("Chromium is not installed: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(service))


def put(driver, page, case, files, at):
    """Open the page anew, put a case into it, and press the button."""
    driver.get(page.as_uri())
    if at is not None:
        driver.execute_script(f"Date.now = () => {at // 1_000_000}")
    name = "folder" if case.path.is_dir() else "zip"
    driver.find_element("id", name).send_keys(str(case.path))
    if files:
        driver.find_element("id", "keys").send_keys("\n".join(files))
    if not isinstance(case, Stored):
        driver.find_element("id", "fingerprint").send_keys(case.fingerprint)
    driver.find_element("id", "check").click()


def wait(driver) -> tuple[str, dict]:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        report = driver.find_element("id", "report")
        if verdict := report.get_attribute("data-verdict"):
            found = driver.execute_script(CHECKS)
            return verdict, {n: (o, frozenset(codes.split())) for n, (o, codes) in found.items()}
        time.sleep(0.02)
    raise AssertionError(driver.find_element("id", "status").text)
