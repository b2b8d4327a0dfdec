import csv
import io
import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from evidencekit.core.instant import parse_instant
from evidencekit.core.window import Window
from evidencekit.standin import StandIn
from evidencekit.standin.events import events, to_csv, to_json

WEEK = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")


def test_events_are_the_same_for_the_same_window():
    assert list(events(WEEK)) == list(events(WEEK))


def test_windows_that_overlap_share_the_events_of_the_overlap():
    day = Window.from_times("2026-04-17T06:30:00Z", "2026-04-18T06:30:00Z")
    inside = [e["id"] for e in events(WEEK) if parse_instant(e["timestamp"]) in day]
    assert [e["id"] for e in events(day)] == inside


def test_a_week_looks_like_a_week():
    found = list(events(WEEK))
    assert len(found) == pytest.approx(7 * 240, rel=0.02)
    assert all(parse_instant(event["timestamp"]) in WEEK for event in found)
    assert [e["timestamp"] for e in found] == sorted(
        (e["timestamp"] for e in found), key=parse_instant
    )
    assert len({event["id"] for event in found}) == len(found)
    assert {event["verdict"] for event in found} == {"allow", "redact", "block", "escalate"}
    assert {event["config_version"] for event in found} == {"0.1.0", "0.2.0"}
    assert len({event["gateway_id"] for event in found}) == 3
    escalated = [event for event in found if event["verdict"] == "escalate"]
    assert all("escalation_id" in event for event in escalated)
    hours = [parse_instant(event["timestamp"]) // 3_600_000_000_000 % 24 for event in found]
    assert hours.count(10) > 5 * hours.count(2)


def test_csv_and_json_carry_the_same_data():
    found = list(events(WEEK))
    rows = list(csv.DictReader(io.StringIO(to_csv(found).decode(), newline="")))
    assert len(rows) == len(found)
    for row, event in zip(rows, found, strict=True):
        for name, cell in row.items():
            value = event.get(name)
            if isinstance(value, list | dict):
                assert json.loads(cell) == value
            else:
                assert cell == ("" if value is None else str(value))


@pytest.mark.parametrize("shape", ["array", "wrapper", "lines"])
def test_every_shape_holds_every_event(shape):
    found = list(events(WEEK))
    data = to_json(found, shape=shape, job_id="job_1", window=WEEK)
    if shape == "lines":
        read = [json.loads(line) for line in data.splitlines()]
    else:
        document = json.loads(data)
        read = document["events"] if shape == "wrapper" else document
    assert read == found


def ask(url, token=None, data=None):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_api_asks_for_its_token():
    with StandIn() as standin:
        assert ask(f"{standin.url}/v1/exports/preview?time_window=24h")[0] == 401
        assert ask(f"{standin.url}/v1/exports/preview?time_window=24h", "wrong")[0] == 401
        status, body = ask(f"{standin.url}/v1/exports/preview?time_window=24h", standin.token)
    assert status == 200
    assert json.loads(body)["events"] > 200


def test_storage_answers_400_to_an_authorization_header_and_403_to_a_changed_link():
    with StandIn() as standin:
        job = standin.create({"format": "json", "time_window": "1h"})
        link = standin.presigned(job)
        assert ask(link) == (200, job.file)
        assert ask(link, standin.token)[0] == 400
        assert ask(link[:-1] + ("0" if link[-1] != "0" else "1"))[0] == 403
        assert ask(link.partition("?")[0])[0] == 403


@pytest.mark.parametrize(
    "asked",
    [
        {"format": "pdf", "time_window": "1h"},
        {"format": "json"},
        [],
        {"format": "json", "time_window": "1x"},
    ],
)
def test_an_impossible_job_is_refused(asked):
    with StandIn() as standin:
        status, _ = ask(f"{standin.url}/v1/exports/jobs", standin.token, json.dumps(asked).encode())
    assert status == 422
    assert standin.jobs == {}


def test_it_runs_by_hand():
    command = [sys.executable, "-m", "evidencekit.standin", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        line = process.stdout.readline()
        process.terminate()
    assert line.startswith("export KEEPTRUSTS_API_URL=http://127.0.0.1:")
