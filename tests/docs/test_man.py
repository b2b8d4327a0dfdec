"""The manual pages: every command has one, groff, man and mandoc read them without a complaint."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/man").glob("*.1"))
TEXTS = {page.stem: page.read_text("ascii") for page in PAGES}
SECTIONS = ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES")


def plain(text):
    return re.sub(r"\\f[BIR]|\\&", "", text).replace("\\-", "-")


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_has_the_sections_that_readers_look_for_in_their_order(name):
    found = re.findall(r"^\.SH (.*)$", TEXTS[name], re.MULTILINE)
    assert [section for section in found if section in SECTIONS] == list(SECTIONS)
    assert found[-1] == "SEE ALSO"


def test_a_page_is_there_for_every_command_and_no_other():
    told = re.findall(r"^## (.*)$", (ROOT / "docs/reference/cli.md").read_text(), re.MULTILINE)
    assert sorted(name.replace(" ", "-") for name in told) == sorted(TEXTS)


def test_pages_refer_to_pages_that_exist():
    for name, text in TEXTS.items():
        told = set(re.findall(r"(evidencekit[a-z-]*)\(1\)", plain(text)))
        assert told, name
        assert told <= set(TEXTS), name


def test_every_environment_variable_that_the_code_reads_is_in_a_page():
    pattern = re.compile(r"\b(?:EVIDENCEKIT|KEEPTRUSTS|VAULT|AWS|SSH|NO|FORCE|SOURCE)_[A-Z0-9_]+\b")
    read = set()
    for path in (ROOT / "evidencekit").rglob("*.py"):
        read |= set(re.findall(pattern, path.read_text("utf-8")))
    told = "\n".join(map(plain, TEXTS.values()))
    assert "KEEPTRUSTS_API_TOKEN" in read
    assert [name for name in sorted(read) if not re.search(rf"\b{name}\b", told)] == []


def test_examples_are_commands_of_the_page_they_stand_in():
    for name, text in TEXTS.items():
        block = re.search(r"^\.SH EXAMPLES\n\.nf\n(.*?)\n\.fi$", text, re.MULTILINE | re.DOTALL)
        for line in plain(block[1]).splitlines():
            assert line.startswith(name.replace("-", " ")), line


@pytest.mark.parametrize(
    "command",
    [
        ("groff", "-man", "-ww", "-z", "-Tutf8"),
        ("man", "--warnings", "-l", "-Tutf8", "-Z"),
        ("mandoc", "-T", "lint", "-W", "warning"),
    ],
    ids=lambda command: command[0],
)
def test_what_reads_manual_pages_has_nothing_to_complain_of(command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed: make tools")
    for page in PAGES:
        done = subprocess.run([*command, page], capture_output=True, text=True, check=False)  # noqa: S603
        told = done.stderr if command[0] == "man" else done.stdout + done.stderr
        # Before the first release there is no date to give.
        odd = [line for line in told.splitlines() if 'missing date, using ""' not in line]
        assert odd == [], page.name


def test_groff_complains_of_a_page_that_is_wrong(tmp_path):
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed: make tools")
    page = tmp_path / "wrong.1"
    page.write_text(TEXTS["evidencekit"] + ".XX no such macro\n")
    command = ["groff", "-man", "-ww", "-z", page]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr  # noqa: S603
