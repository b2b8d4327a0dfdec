"""The public names are these, come when asked for, and every one is in an example that runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import evidencekit
from evidencekit.core.instant import parse_instant

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
AT = parse_instant("2026-04-24T00:00:00Z")
NAMES = [
    "Api",
    "Check",
    "Claim",
    "Context",
    "EvidenceError",
    "Expectations",
    "ExportRequest",
    "Fault",
    "Obtained",
    "Outcome",
    "Plan",
    "PublicKey",
    "RejectedError",
    "Report",
    "Trust",
    "UndecidedError",
    "Verdict",
    "Window",
    "collect",
    "load_public_key",
    "load_signer",
    "look_up",
    "pull",
    "show",
    "validate",
    "verify",
]


def test_the_public_names_are_these():
    assert evidencekit.__all__ == NAMES
    assert len(NAMES) == 26
    assert set(NAMES) <= set(dir(evidencekit))


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_comes_with_an_explanation(name):
    assert getattr(evidencekit, name).__doc__.strip()


def test_another_name_is_no_part_of_the_package():
    with pytest.raises(AttributeError, match="has no attribute 'prove'"):
        evidencekit.prove  # noqa: B018


def test_importing_the_package_imports_nothing_of_it():
    code = (
        "import sys, evidencekit; print(*(m for m in sys.modules if m.startswith('evidencekit')))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["evidencekit"]


def examples():
    page = (ROOT / "docs/library.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_every_example_of_the_tutorial_runs(tmp_path, monkeypatch, capfd, api):
    shutil.copytree(SAMPLES, tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEEPTRUSTS_API_URL", api.url)
    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", api.token)
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")
    space = {"__name__": "tutorial"}
    for block in examples():
        exec(compile(block, "docs/library.md", "exec"), space)  # noqa: S102
    assert capfd.readouterr().err == ""


def test_every_public_name_is_in_the_tutorial():
    text = "\n".join(examples())
    assert [name for name in NAMES if not re.search(rf"\b{name}\b", text)] == []


def test_a_report_and_a_bundle_show_themselves_in_a_notebook_without_letting_markup_in():
    trust = evidencekit.Trust.from_file(SAMPLES / "trust.toml")
    found = evidencekit.verify(SAMPLES / "bundle", trust=trust, at=AT)
    assert found._repr_html_() == found.report._repr_html_()
    assert "<strong>verdict: accepted</strong>" in found._repr_html_()
    check = evidencekit.Check.passed("<b>", "<script>alert(1)</script>")
    report = evidencekit.Report(checks=(check,), judged_at="", tool_version="")
    assert "<script>" not in report._repr_html_()
    assert "&lt;script&gt;" in report._repr_html_()
