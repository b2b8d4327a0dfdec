"""Every command that a page shows runs, and prints what the page says."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))
from console import commands, matches, run  # noqa: E402  (the module beside this one)

PAGES = [ROOT / "README.md", ROOT / "samples/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWING = [page for page in PAGES if "```console\n" in page.read_text("utf-8")]
TOOLS = ("openssl", "sha256sum", "ssh-keygen", "unzip")


@pytest.fixture
def desk(tmp_path, api, tsa):
    """A folder with the samples, and an environment in which ``evidencekit`` is a command."""
    shutil.copytree(ROOT / "samples", tmp_path / "desk/samples")
    if tsa is not None:
        shutil.copy(tsa.folder / "chain.pem", tmp_path / "desk/tsa.pem")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/evidencekit"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m evidencekit "$@"\n')
    command.chmod(0o755)
    (tmp_path / "bin/python").symlink_to(sys.executable)
    return tmp_path / "desk", {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "EVIDENCEKIT_KEY_PASSPHRASE": "",
        "TSA": "" if tsa is None else tsa.url,
        "KEEPTRUSTS_API_URL": api.url,
        "KEEPTRUSTS_API_TOKEN": api.token,
    }


@pytest.mark.parametrize("page", SHOWING, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_says_what_its_commands_print(page, desk):
    listed = commands(page.read_text("utf-8"))
    for tool in TOOLS:
        if not shutil.which(tool) and any(tool in command.line for command in listed):
            pytest.skip(f"{tool} is not installed")
    if any("--format pdf" in command.line for command in listed):
        pytest.importorskip("typst", reason="typst is not installed (extra pdf)")
    results = run(listed, *desk)
    assert len(results) == len(listed), "a command ended the shell"
    for number, (command, (printed, code)) in enumerate(zip(listed, results, strict=True)):
        said = f"{page.name}: $ {command.line}\n{printed}"
        assert matches(command.output.rstrip(), printed), f"{said}\npage says:\n{command.output}"
        shown = number + 1 < len(listed) and "$?" in listed[number + 1].line
        assert code == 0 or shown or "$?" in command.line, said


def test_shell_blocks_that_are_not_run_are_make_targets_and_installs():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    allowed = re.compile(
        rf"(make ({'|'.join(targets)})|git clone .*|cd evidencekit|pip install .*"
        r"|openssl ts .*)"  # run on a stamped bundle by tests/interop
    )
    shell = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    for page in PAGES:
        for block in shell.findall(page.read_text("utf-8")):
            for line in block.splitlines():
                assert allowed.fullmatch(line.partition("  #")[0].strip()), f"{page.name}: {line}"
