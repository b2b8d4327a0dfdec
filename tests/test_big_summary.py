"""The summary of an export as large as a month of a busy gateway is a page that can be mailed."""

import hashlib

import pytest
from forge.bench import PREPARER

from evidencekit.collector import collect
from evidencekit.core.instant import parse_instant
from evidencekit.core.manifest import Context
from evidencekit.core.window import Window
from evidencekit.edges.render import render_summary
from evidencekit.standin.events import events, to_json
from evidencekit.validation import Obtained, Plan

WINDOW = Window.from_times("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")
NOW = parse_instant("2026-05-01T00:05:00Z")


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Return the bundle of 100,000 events, of which as many are named as a page lists."""
    folder = tmp_path_factory.mktemp("big")
    found = list(events(WINDOW, per_day=3_334, seed="big"))
    named = tuple(event["request_id"] for event in found[::400])
    path = folder / "events.json"
    path.write_bytes(to_json(found, shape="array", job_id="job_1", window=WINDOW))
    plan = Plan(context=Context(environment="production", request_ids=named))
    obtained = Obtained(
        path=path,
        format="json",
        received_as="events.json",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    output = folder / "bundle"
    return collect(obtained, plan, signer=PREPARER, output=output, now=NOW, jobs=1)


def test_the_pages_of_100_000_events_are_small(collected):
    assert collected.manifest.facts.events >= 100_000
    assert len(collected.manifest.facts.named_events) == 200
    for name in ("summary.html", "summary.md"):
        assert 50_000 < (collected.path / "data" / name).stat().st_size < 1_000_000


def test_so_is_their_pdf(collected):
    pytest.importorskip("typst", reason="SKIPPED LOUDLY: typst is not installed (extra pdf)")
    from evidencekit.edges.pdf import render_pdf  # noqa: PLC0415  (the extra is there)

    manifest = collected.manifest.to_json()
    assert len(render_pdf(manifest)) < 1_000_000
    assert f"{manifest['facts']['events']:,}" in render_summary(manifest, "text")
