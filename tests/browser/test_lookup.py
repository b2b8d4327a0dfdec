"""The box that finds an ID in the export that was verified: what it finds is what Python reads."""

import csv
import json
import shutil
import time

import chrome
import pytest
from catalogue import AT, EVENTS
from stored import BUNDLES

GOOD = BUNDLES / "good"
KEY = str(BUNDLES / "keys/preparer.pub")
IDS = ("id", "request_id", "escalation_id")


def events_of(bundle):
    (path,) = (bundle / "data/export").iterdir()
    if path.suffix == ".csv":
        with path.open(newline="") as lines:
            return list(csv.DictReader(lines))
    text = path.read_text()
    if bundle.name == "json-lines":
        return [json.loads(line) for line in text.splitlines()]
    read = json.loads(text)
    return read["events"] if isinstance(read, dict) else read


@pytest.fixture
def looked(node, page):
    """Return what the page's script finds of each of these IDs in a bundle."""

    def look(bundle, *wanted, instead=None):
        request = {"path": str(bundle), "keys": [KEY], "fingerprint": "", "at": str(AT)}
        more = {"instead": str(instead)} if instead else {}
        return [
            report["found"]
            for report in node("judge.mjs", page, [request | more | {"wanted": i} for i in wanted])
        ]

    return look


@pytest.mark.parametrize("name", ["json-array", "json-lines", "json-wrapper", "csv"])
def test_every_id_is_found_where_python_reads_it(name, looked):
    events = events_of(GOOD / name)
    pairs = {event[kind]: None for event in events for kind in IDS if event.get(kind)}
    assert len(pairs) > len(events)
    for wanted, found in zip(pairs, looked(GOOD / name, *pairs), strict=True):
        places = [
            at for at, event in enumerate(events) if wanted in [event.get(kind) for kind in IDS]
        ]
        assert [one["position"] for one in found["found"]] == places
        assert (found["matches"], found["events"]) == (len(places), len(events))
        for one in found["found"]:
            assert one["said"]["time"] == (
                events[one["position"]].get("timestamp") or events[one["position"]]["created_at"]
            )


def test_an_id_that_is_in_no_event_is_said_to_be_in_none(looked):
    known = next(event["id"] for event in events_of(GOOD / "json-array"))
    for found in looked(GOOD / "json-array", "nobody", known[:-1], known.upper() + "x"):
        assert (found["matches"], found["found"]) == (0, [])
        assert found["events"] == len(events_of(GOOD / "json-array"))


def test_nothing_is_found_in_an_export_that_was_changed_since(looked, tmp_path):
    known = next(event["id"] for event in events_of(GOOD / "json-array"))
    after = tmp_path / "json-array"
    shutil.copytree(GOOD / "json-array", after)
    (path,) = (after / "data/export").iterdir()
    path.write_bytes(path.read_bytes().replace(b'"block', b'"allow', 1))
    (found,) = looked(GOOD / "json-array", known, instead=after)
    assert found == {"error": "the export is not the one that was checked: check it again"}


def test_the_box_is_there_once_accepted_and_shows_the_event(driver, judge, cases):
    judge(cases["nobody"])
    assert not driver.find_element("id", "wanted").is_displayed()
    assert judge(cases["array"])[0] == "accepted"
    report = driver.find_element("id", "report").text
    assert f"File\n{cases['array'].path.name}" in report
    assert f"Keys or trust file\n{cases['array'].keys[0].name}" in report
    for wanted, told in (("nobody", "nobody is in none of the "), ("<b>", "<b> is in none of")):
        field = driver.find_element("id", "wanted")
        field.clear()
        field.send_keys(wanted)
        driver.find_element("id", "find").click()
        assert settled(driver, told)
    driver.find_element("id", "wanted").clear()
    driver.find_element("id", "wanted").send_keys(EVENTS[1]["id"])
    driver.find_element("id", "find").click()
    assert settled(driver, f"{EVENTS[1]['id']} is in 1 of the {len(EVENTS)} verified events.")
    shown = driver.find_element("id", "found").text
    assert "Position, from 0\n1\nMatches as\nevent ID" in shown


def settled(driver, told):
    until = time.monotonic() + chrome.SECONDS
    while time.monotonic() < until:
        if told in driver.find_element("id", "found").text:
            return True
        time.sleep(0.02)
    return False
