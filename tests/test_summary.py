"""core/summary.py: the one model of the page, made of nothing but the manifest."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.page import Digest, Fields, Items, Prose, Table
from evidencekit.core.proquint import proquints
from evidencekit.core.publickey import PublicKey
from evidencekit.core.summary import summarize
from evidencekit.core.visible import hidden_to
from evidencekit.limits import MAX_NAMED_EVENTS

SIGNER = Path(__file__).parents[1] / "samples" / "signer.pub"
SAMPLE = json.loads((Path(__file__).parent / "summary" / "manifest.json").read_bytes())


@pytest.fixture
def manifest():
    return deepcopy(SAMPLE)


def texts(value: object) -> Iterator[str]:
    """Yield every text of a page."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for entry in value:
            yield from texts(entry)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


def section(page, anchor):
    return next(section for section in page.sections if section.anchor == anchor)


def table(page, anchor, at=0) -> Table:
    return [block for block in section(page, anchor).blocks if isinstance(block, Table)][at]


def values(page) -> dict[str, str]:
    blocks = [block for section in page.sections for block in section.blocks]
    rows = [block.rows for block in (page.scope, *blocks) if isinstance(block, Fields)]
    return {row.label: row.value for block in rows for row in block}


def digests(page) -> list[Digest]:
    return [block for block in section(page, "seal").blocks if isinstance(block, Digest)]


def said(page, anchor) -> str:
    return " ".join(
        text
        for block in section(page, anchor).blocks
        if isinstance(block, Prose | Items)
        for text in texts(block)
    )


def test_the_head_says_what_was_asked(manifest):
    page = summarize(manifest)
    shown = values(page)
    assert page.title == "Evidence: production"
    assert page.subtitle == "2026-04-16 00:00:00 UTC to 2026-04-23 00:00:00 UTC"
    assert shown["Window"].endswith("(7 d)")
    assert shown["Window's basis"].startswith("asked for as 7d; ")
    assert shown["Incident"] == "INC-4711"


def test_the_head_says_how_the_export_was_obtained(manifest):
    said = values(summarize(manifest))["Export obtained"]
    assert said == (
        "downloaded 2026-04-23 00:03:44 UTC from https://api.keeptrusts.com, job job_abc123; "
        "not changed since, as the preparer's record has it"
    )
    manifest["query"]["transformations"] = ["re-encoded"]
    assert "; changed since: re-encoded, as" in values(summarize(manifest))["Export obtained"]
    manifest["query"] = None
    page = summarize(manifest)
    assert [row.value for row in page.scope.rows if row.label == "Export obtained"] == [
        "not recorded: no receipt says where it came from, when, or what was asked for"
    ]


def test_the_figures(manifest):
    figures = {figure.label: figure.value for figure in summarize(manifest).figures}
    assert figures["events"] == f"{manifest['facts']['events']:,}"
    assert [figures[name] for name in ("blocked", "escalated", "redacted")] == ["243", "59", "439"]
    assert figures["named IDs found"] == "3 of 4"
    assert figures["checks passed, 1 not asked"] == "8 of 9"


def test_no_check_that_did_not_pass_is_left_out_of_the_figure(manifest):
    ends = ("fail", "undecided", "skipped", "not asked", "not asked", "pass")
    manifest["checks"] = [{"name": end, "outcome": end, "message": ""} for end in ends]
    shown = summarize(manifest).figures[-1]
    assert shown.value == "1 of 6"
    assert shown.label == "checks passed, 1 failed, 1 undecided, 1 skipped, 2 not asked"
    manifest["checks"] = manifest["checks"][-1:]
    assert summarize(manifest).figures[-1].label == "checks passed"


def test_what_is_absent_is_said_to_be(manifest):
    manifest["window"] |= {"requested": None, "start": None, "end": None, "basis": "none declared"}
    context = dict.fromkeys(("environment", "incident", "purpose", "prepared_by"))
    manifest["context"] |= context | {"config_versions": [], "limitations": []}
    manifest["query"] = None
    page = summarize(manifest)
    assert page.title == "Evidence: environment not declared"
    assert page.subtitle == "no window declared"
    assert {values(page)[name] for name in ("Environment", "Incident")} == {"not declared"}
    assert said(page, "obtained") == "How the export was obtained is not recorded."
    assert said(page, "limitations") == "The preparer states none."


def test_missing_ids_come_first_and_are_named(manifest):
    rows = table(summarize(manifest), "named").rows
    assert rows[0] == ("req_0000000000000bad", "request", "missing", "0", "-")
    assert rows[1] == ("req_7f31c0aa91be22d4", "request", "found", "2", "1, 2")
    assert rows[3] == ("esc_51aa0c93e7d2", "escalation", "found", "1", "2")


def test_many_missing_ids_are_counted_where_they_are_not_listed(manifest):
    manifest["facts"]["request_ids"] = dict.fromkeys((f"req_{n}" for n in range(10_000)), 0)
    shown = table(summarize(manifest), "named")
    assert len(shown.rows) == 200
    assert shown.note.startswith("9,801 further IDs, 9,800 of them missing, are in")


def test_named_events_say_when_they_are_cut(manifest):
    event = manifest["facts"]["named_events"][0]
    manifest["facts"]["named_events"] = [event] * MAX_NAMED_EVENTS
    shown = table(summarize(manifest), "named", 1)
    assert len(shown.rows) == MAX_NAMED_EVENTS
    assert shown.note.endswith("Only the first 200 are listed.")


def test_breakdowns_add_up(manifest):
    """Shown, others, uncounted and unnamed events are all events: nothing is dropped."""
    manifest["facts"]["reason_codes"] = {f"reason_{n}": 100 for n in range(30)}
    manifest["facts"]["uncounted"] = {"reason_codes": 7}
    shown = table(summarize(manifest), "verdicts", 1)
    assert [row[0] for row in shown.rows[-2:]] == ["10 others", "further values, not told apart"]
    listed = sum(int(row[1].replace(",", "")) for row in shown.rows)
    unnamed = int(shown.note.split()[0].replace(",", ""))
    assert listed + unnamed == manifest["facts"]["events"]


def test_config_versions_that_were_declared_but_not_seen(manifest):
    manifest["context"]["config_versions"] = ["0.2.0", "0.3.0"]
    rows = table(summarize(manifest), "config").rows
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("0.1.0", "2,598", "no"),
        ("0.2.0", "2,599", "yes"),
        ("0.3.0", "0", "yes"),
    ]


def test_the_chart_and_its_table_say_the_same(manifest):
    page = summarize(manifest)
    chart = section(page, "time").blocks[0].chart
    rows = table(page, "time").rows
    assert len(rows) == len(chart.totals) == 84
    assert [row[1] for row in rows] == [f"{total:,}" for total in chart.totals]
    assert [row[2] for row in rows] == [f"{count:,}" for count in chart.series[0].counts]


def test_rollout_and_named_events_are_marked_where_they_happened(manifest):
    marks = section(summarize(manifest), "time").blocks[0].chart.marks
    assert [(mark.kind, mark.label) for mark in marks] == [
        ("rollout", "config 0.2.0"),
        ("named", "1, 2"),
        ("named", "3"),
    ]
    assert marks[0].at == pytest.approx((3 * 24 + 14.5) / 168, abs=1e-4)


def test_the_gap_is_told(manifest):
    assert "No event for 8 h, from 2026-04-20 08:00:00 UTC" in said(summarize(manifest), "time")


def test_the_page_inside_a_bundle_does_not_vouch_for_itself(manifest):
    page = summarize(manifest)
    assert "cannot vouch for itself" in page.notice
    assert "sha256sum tagmanifest-sha256.txt" in values(page)["Root"]
    assert not page.status


def test_a_page_shown_after_verifying_has_root_and_status(manifest):
    root = "0123456789abcdef" * 4
    page = summarize(manifest, root=root, status=["verified: accepted"])
    fingerprint, shown = digests(page)
    assert (fingerprint.label, shown.label, shown.value) == ("Key fingerprint", "Root", root)
    assert shown.groups.replace(" ", "") == root
    assert shown.words == " ".join(proquints(bytes.fromhex(root)))
    assert values(page)["Event tree root"] == manifest["facts"]["tree_root"]
    assert page.status == ("verified: accepted",)
    assert not page.notice


def test_fingerprint_and_tree_root_can_be_read_aloud(manifest):
    key = PublicKey.from_openssh(SIGNER.read_bytes())
    manifest["signer"]["fingerprint"] = key.fingerprint
    fingerprint, tree = digests(summarize(manifest))
    assert fingerprint.groups.replace(" ", "") == fingerprint.value == key.fingerprint
    assert fingerprint.words.split() == list(key.words)
    assert tree.groups.replace(" ", "") == tree.value == manifest["facts"]["tree_root"]
    assert tree.words.split() == list(proquints(bytes.fromhex(tree.value)))


def test_it_says_what_it_proves_and_what_it_does_not(manifest):
    words = said(summarize(manifest), "proof")
    assert "the named key signed" in words
    assert "That the gateway recorded everything." in words
    every = " ".join(texts(summarize(manifest))).lower()
    assert not any(word in every for word in ("certified", "compliant", "admissible"))


@pytest.mark.parametrize("event", [{"time": "yesterday"}, {"time": None}, {"time": "9" * 300}])
def test_named_events_without_a_time_stay_off_the_axis(manifest, event):
    manifest["facts"]["named_events"] = [manifest["facts"]["named_events"][0] | event]
    marks = section(summarize(manifest), "time").blocks[0].chart.marks
    assert [mark.kind for mark in marks] == ["rollout"]


@pytest.mark.parametrize(
    "timeline",
    [
        None,
        {"start": "2026-99-99T99:99:99Z", "bucket_seconds": 60, "counts": {"allow": [1]}},
        {"start": "2026-04-16T00:00:00Z", "bucket_seconds": 1 << 63, "counts": {"allow": [1]}},
        {"start": "2026-04-16T00:00:00Z", "bucket_seconds": 60, "counts": {"allow": [1] * 101}},
        {
            "start": "2026-04-16T00:00:00Z",
            "bucket_seconds": 60,
            "counts": {"allow": [1], "block": [1, 1]},
        },
        {"start": "2026-04-16T00:00:00Z", "bucket_seconds": 60, "counts": {"what": [1]}},
        {"start": "2026-04-16T00:00:00Z", "bucket_seconds": 60, "counts": {}},
    ],
)
def test_a_timeline_that_no_survey_gives_is_not_drawn(manifest, timeline):
    manifest["facts"]["timeline"] = timeline
    assert said(summarize(manifest), "time") == "There is no timeline to draw."


COUNTS = st.integers(min_value=0, max_value=(1 << 64) - 1)
MAPS = st.dictionaries(st.text(max_size=8), COUNTS, max_size=25)
INSTANTS = st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", fullmatch=True)
VERDICTS = st.sampled_from(["allow", "redact", "escalate", "block", "other"])
FACTS = st.fixed_dictionaries(
    {
        "events": COUNTS,
        "first": st.none() | INSTANTS,
        "verdicts": MAPS | st.dictionaries(VERDICTS, COUNTS),
        "unknown_verdicts": MAPS,
        "config_versions": MAPS,
        "config_spans": st.dictionaries(
            st.text(max_size=8), st.lists(INSTANTS, min_size=2, max_size=2)
        ),
        "reason_codes": MAPS,
        "uncounted": st.dictionaries(st.sampled_from(["models", "reason_codes"]), COUNTS),
        "request_ids": MAPS,
        "timeline": st.none()
        | st.fixed_dictionaries(
            {
                "start": INSTANTS,
                "bucket_seconds": st.integers(min_value=1, max_value=1 << 64),
                "counts": st.dictionaries(VERDICTS, st.lists(COUNTS, max_size=4)),
            }
        ),
    }
)


@given(FACTS)
def test_every_manifest_of_the_schema_has_a_page_with_nothing_hidden(facts):
    """The page is rendered while verifying, so no manifest may break it."""
    page = summarize(SAMPLE | {"facts": SAMPLE["facts"] | facts})
    for text in texts(page):
        assert hidden_to(lambda _char: "!", text) == text
