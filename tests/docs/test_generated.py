"""What documentation repeats from code and samples is what code and samples say today."""

import importlib.util
import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from evidencekit import limits

ROOT = Path(__file__).parents[2]


def script(name):
    found = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


PAGES = script("make_docs").pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_is_up_to_date(name):
    assert (ROOT / name).read_text("utf-8") == PAGES[name], "run make docs"


def test_the_example_in_the_format_holds_every_kind_of_text_of_the_sample_bundle():
    text = PAGES["docs/format.md"]
    assert text.count("<!-- samples/") + text.count("<!-- payload of samples/") == 9
    for name in ("manifest.json", "export/events.json"):
        assert f"data/{name}" in text
    assert "```json\n```" not in text


def test_the_codes_that_everyone_meets_are_in_the_table():
    for code in ("checksums.mismatch", "signature.invalid", "trust.none", "custody.fork"):
        assert f"| `{code}` |" in PAGES["docs/reference/codes.md"]


def test_the_threat_model_names_codes_that_exist():
    text = (ROOT / "docs/threat-model.md").read_text("utf-8")
    listed = re.findall(r"`([a-z]+[.][a-z*-]+)`", text)
    assert len(listed) > 20
    known = re.findall(r"^\| `([a-z.0-9*-]+)` \|", PAGES["docs/reference/codes.md"], re.MULTILINE)
    for code in listed:
        assert any(fnmatchcase(name, code) for name in known), code


def members(schema):
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from members(part)
        for inner in (part.get("items", {}), *part.get("anyOf", ())):
            yield from members(inner)


def test_the_format_says_what_every_member_of_the_manifest_means():
    schema = json.loads((ROOT / "schemas/manifest.v1.schema.json").read_text("utf-8"))
    prose = (ROOT / "docs/format.md").read_text("utf-8").partition("## 6. The manifest")[2]
    words = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`([^`]+)`", prose))))
    assert set(members(schema)) - words == set()


def test_the_limits_in_the_format_are_those_of_the_code():
    told = (ROOT / "docs/format.md").read_text("utf-8").partition("## 13. Limits")[2]
    assert limits.MAX_MEMBER_BYTES == 1 << 40
    assert limits.MAX_SMALL_MEMBER_BYTES == limits.MAX_EVENT_BYTES == 16 << 20
    assert limits.MAX_TIMESTAMP_TOKEN_BYTES == 64 << 10
    for row, limit in (
        ("members", limits.MAX_MEMBERS),
        ("CSV columns", limits.MAX_CSV_COLUMNS),
        ("named IDs", limits.MAX_NAMED_IDS),
        ("signers", limits.MAX_SIGNERS),
        ("custody records", limits.MAX_CUSTODY_RECORDS),
    ):
        assert f"| {row} | {limit:,} |" in told
    assert f"| {limits.MAX_TIMESTAMPS}, of 64 KiB each |" in told
