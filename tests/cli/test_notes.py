"""Notes: what a preparer may have overlooked, said beside a result that stands."""

import json

import pytest

EVENT = {"timestamp": "2026-04-20T10:00:00Z", "verdict": "allow", "gateway_id": "gw_1"}
TWO = "note: 32 of 64 events are of config version 0.2.0, which was not declared"


@pytest.fixture
def export(tmp_path):
    """Write an export of so many events of each of the versions that are named."""

    def write(**counts):
        versions = [name for name, count in counts.items() for _ in range(count)]
        events = [EVENT | {"id": f"e{n}", "config_version": v} for n, v in enumerate(versions)]
        (tmp_path / "export.json").write_text(json.dumps(events))
        return "export.json"

    return write


@pytest.mark.parametrize("command", ["collect", "validate"])
@pytest.mark.parametrize(
    ("counts", "declared", "told"),
    [
        ({"0.1.0": 32, "0.2.0": 32}, ["0.1.0"], [TWO]),
        (
            {"a": 2, "b": 1, "c": 1},
            ["a"],
            ["note: 2 of 4 events are of config versions b, c, which were not declared"],
        ),
        ({"0.1.0": 2, "0.2.0": 2}, ["0.1.0", "0.2.0"], []),
        ({"0.1.0": 2, "0.2.0": 2}, [], []),
        ({"0.1.0": 2}, ["0.1.0"], []),
    ],
)
def test_versions_that_were_found_and_not_declared_are_told(
    tool, key, export, command, counts, declared, told
):
    name = export(**counts)
    words = [word for version in declared for word in ("--config-version", version)]
    where = ("--from", name, "--key", key, "-o", "out") if command == "collect" else (name,)
    said = tool(command, *where, *words)
    assert said.code == 0, said.err
    assert [line for line in said.err.splitlines() if line.startswith("note: ")] == told
    assert "note:" not in said.out


def test_a_note_is_talk_and_changes_no_byte(tool, key, export, tmp_path, monkeypatch):
    """Quiet says nothing of it; the check passes as it did, and says the version in its words."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1776902651")
    words = ("collect", "--from", export(a=1, b=1), "--key", key, "--config-version", "a")
    assert tool("-q", *words, "-o", "out").err == ""
    manifest = json.loads((tmp_path / "out/data/manifest.json").read_bytes())
    (check,) = [one for one in manifest["checks"] if one["name"] == "config-versions"]
    assert check["outcome"] == "pass"
    assert "observed but not declared: b" in json.dumps(check)
