"""IDs looked up in what was verified: from the command line, from a program, in hostile exports."""

import json
from pathlib import Path

import pytest

from evidencekit import Trust, look_up, verify
from evidencekit.cli import run
from evidencekit.collector import collect
from evidencekit.core.instant import parse_instant
from evidencekit.core.manifest import Context
from evidencekit.edges.keys import load_signer, new_key
from evidencekit.errors import EvidenceError
from evidencekit.validation import Obtained, Plan

SAMPLES = Path(__file__).parents[1] / "samples"
NOW = parse_instant("2026-04-24T00:00:00Z")
HOSTILE = "m\u202e\x1b[2J"


BASE = json.loads((SAMPLES / "export.json").read_bytes())[0]


def event(number, **changes):
    named = {"id": f"evt_{number}", "request_id": f"req_{number}", "model": "gpt-4"}
    said = {"verdict": "block", "reason_code": "pii", "escalation_id": None}
    return BASE | named | said | {"timestamp": f"2026-04-23T00:00:{number % 60:02}Z"} | changes


@pytest.fixture
def room(tmp_path, capsys):
    """Return what makes a bundle of events, and what calls show on it."""
    key = tmp_path / "key.pem"
    new_key(key, None)

    class Room:
        public = tmp_path / "key.pem.pub"

        def bundle(self, events, **context):
            export = tmp_path / "export.json"
            export.write_text(json.dumps(events, separators=(",", ":")), "utf-8")
            obtained = Obtained(path=export, format="json", received_as="export.json")
            plan = Plan(context=Context(**context))
            made = collect(
                obtained, plan, signer=load_signer(key), output=tmp_path / "b.zip", now=NOW
            )
            return made.path

        def show(self, bundle, *words):
            code = run(["show", str(bundle), "--key", str(self.public), *map(str, words)])
            out, err = capsys.readouterr()
            return code, out, err

    return Room()


def test_events_that_carry_an_id_are_shown_and_an_absent_one_is_a_no(room):
    events = [event(n) for n in range(300)]
    events[7] |= {"request_id": "req_5", "escalation_id": "esc_1", "verdict": "escalate"}
    bundle = room.bundle(events, request_ids=("req_9",))  # named by the preparer: not asked for
    code, out, err = room.show(bundle, "--request-id", "req_5", "--escalation-id", "esc_1")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0] == "req_5: 2 of the 300 events of this export"
    assert lines[1].startswith("  event 5: 2026-04-23T00:00:05Z; block; reason pii; config")
    assert lines[2].startswith("  event 7: 2026-04-23T00:00:07Z; escalate; ")
    assert lines[3] == "esc_1: 1 of the 300 events of this export"
    assert "evt_7" in lines[4]
    assert len(lines) == 5
    code, out, _ = room.show(bundle, "--request-id", "req_5", "--request-id", "req_x")
    assert (code, out.splitlines()[-1]) == (1, "req_x: not in the 300 events of this export")


def test_a_file_of_ids_and_json(room, tmp_path):
    bundle = room.bundle([event(n) for n in range(5)])
    (tmp_path / "ids.txt").write_text("req_1\n\nreq_none\nreq_3\n")
    code, out, _ = room.show(bundle, "--request-id", f"@{tmp_path}/ids.txt", "--format", "json")
    document = json.loads(out)
    assert (code, document["events"]) == (1, 5)
    assert [(one["id"], one["count"]) for one in document["found"]] == [
        ("req_1", 1), ("req_none", 0), ("req_3", 1)
    ]  # fmt: skip
    assert document["found"][2]["events"][0]["position"] == 3


@pytest.mark.parametrize("fmt", ["html", "markdown"])
def test_other_formats_are_a_usage_error(room, fmt):
    bundle = room.bundle([event(1)])
    code, out, err = room.show(bundle, "--request-id", "req_1", "--format", fmt)
    assert (code, out, "--format text or json" in err) == (2, "", True)


def test_hostile_text_and_long_ids_are_made_visible_and_found(room):
    long = "r" * 5000
    bundle = room.bundle([event(1, model=HOSTILE, request_id=long), event(2)])
    code, out, _ = room.show(bundle, "--request-id", long)
    assert (code, "model m\\u202e\\x1b[2J" in out) == (0, True)
    assert not set("\u202e\x1b") & set(out)
    assert max(map(len, out.splitlines())) < 2000


def test_more_than_are_listed_are_counted(room):
    bundle = room.bundle([event(n, request_id="req_1") for n in range(250)])
    code, out, _ = room.show(bundle, "--request-id", "req_1")
    assert (code, out.splitlines()[-1]) == (0, "  and 50 more")
    assert len(out.splitlines()) == 202


def test_nothing_is_looked_up_in_what_is_not_accepted(room):
    bundle = room.bundle([event(1)])
    bundle.write_bytes(bundle.read_bytes()[:-40] + bytes(40))
    code, out, err = room.show(bundle, "--request-id", "req_1")
    assert (code, out, "verdict: rejected" in err) == (1, "", True)


def test_an_export_that_changed_since_it_was_verified_is_not_read(room):
    bundle = room.bundle([event(1)])
    verified = verify(bundle, trust=Trust.from_keys([room.public]), at=NOW)
    assert look_up(bundle, verified, request_ids=["req_1"]).exit_code == 0
    quick = verify(bundle, trust=Trust.from_keys([room.public]), at=NOW, quick=True)
    with pytest.raises(ValueError, match="no event was examined"):
        look_up(bundle, quick, request_ids=["req_1"])
    bundle.unlink()
    changed = room.bundle([event(2)])
    with pytest.raises(EvidenceError) as caught:
        look_up(changed, verified, request_ids=["req_1"])
    assert caught.value.code == "container.changed"
    with pytest.raises(EvidenceError) as caught:
        look_up(changed, verified, request_ids=list(map(str, range(10_001))))
    assert caught.value.code == "context.ids"
