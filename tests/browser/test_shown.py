"""How the report is worded and laid out: no comfort beside a no, and on paper what was asked."""

import re

import pytest
from stored import BUNDLES, Stored

KEY = BUNDLES / "keys/preparer.pub"


@pytest.fixture
def shown(driver, judge):
    """Judge a stored bundle in the browser, and return its report as text."""

    def show(name, *keys):
        path = BUNDLES / name
        case = Stored(name=name, path=path, keys=keys or (KEY,), trust=None, schema=None)
        judge(case)
        return driver.find_element("id", "report").text

    return show


def test_the_first_line_says_the_verdict_with_its_reason_and_leads_to_it(driver, shown):
    shown("good/json-array", BUNDLES / "keys/ecdsa.pub")
    status = driver.find_element("id", "status")
    assert status.get_attribute("data-verdict") == "rejected"
    assert status.text.endswith(": Rejected: no signature by a key you trust counts")
    link = status.find_element("tag name", "a")
    verdict = driver.find_element("css selector", link.get_attribute("hash")).text
    assert "Rejected\nno signature by a key you trust counts\nWhat to do: " in verdict


def test_a_broken_signature_has_no_trust_beside_it(driver, shown):
    report = shown("bad/signature-raw-flipped")
    row = driver.find_element("css selector", "[data-check=trust]")
    assert row.get_attribute("data-outcome") == "pass"  # as Python says; what is read is less
    assert "not judged" in row.text.splitlines()[0]
    assert "What the verified bytes say" not in report
    assert not re.search(r"more\) \(and", report)


def test_a_rejected_bundle_has_no_root_that_could_be_taken_for_its_own(shown):
    report = shown("good/json-array", BUNDLES / "keys/ecdsa.pub")
    assert "Root of what was given" in report
    assert "What the verified bytes say" not in report
    assert "What the verified bytes say" in shown("good/json-array")


def test_on_paper_the_answer_and_what_was_asked_stand_on_top(driver, shown):
    shown("good/json-array")
    assert not driver.find_element("class name", "printed").is_displayed()
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        report = driver.find_element("id", "report").text
        assert not driver.find_element("id", "form").is_displayed()
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    lines = report.splitlines()
    assert lines[:5] == [
        *("What was asked", "Answer", "Accepted, as far as this page looks"),
        *("File", "json-array"),
    ]
    for label in ("Checked at", "Keys or trust file", "Fingerprint typed", "Trusted"):
        assert lines.index(label) < lines.index("Integrity Are these the bytes that were sealed?")


def test_the_folder_button_says_so_and_is_reached_by_its_name(driver, page):
    driver.get(page.as_uri())
    assert driver.find_element("id", "folder").accessible_name == "Choose folder"
