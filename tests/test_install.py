"""The package finds its schemas and templates in a wheel, an editable install and a checkout."""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import evidencekit

ROOT = Path(__file__).parents[1]
PROBE = """
import json, pathlib, evidencekit
from evidencekit import resources
print(json.dumps({
    "at": str(pathlib.Path(evidencekit.__file__).parent),
    "schema": json.loads(resources.schema("event.v1.schema.json"))["$id"],
    "template": resources.template("summary.html.jinja")[:9],
}))
"""


def probe(folder: Path, at: Path | None) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if at is not None:
        env["PYTHONPATH"] = str(at)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROBE], cwd=folder, env=env, capture_output=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        capture_output=True,
        check=True,
    )
    (made,) = folder.glob("evidencekit-*.whl")
    return made


def test_a_wheel_holds_everything_and_nothing_else(wheel, tmp_path):
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names}
    versioned = f"evidencekit-{evidencekit.__version__}"
    assert folders == {"evidencekit", f"{versioned}.dist-info", f"{versioned}.data"}
    assert {"evidencekit/py.typed", "evidencekit/schemas/event.v1.schema.json"} <= set(names)
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    found = probe(tmp_path, tmp_path / "site")
    assert found["at"] == str(tmp_path / "site/evidencekit")
    assert found["schema"] == "urn:evidencekit:event:v1"
    assert found["template"].startswith("{%")


def test_a_wheel_installs_its_manual_pages_where_man_finds_them(wheel, tmp_path):
    venv.create(tmp_path)
    pip = [sys.executable, "-m", "pip", "--python", tmp_path / "bin/python"]
    command = [*pip, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(command, check=True)  # noqa: S603
    pages = tmp_path / "share/man"
    assert {page.name for page in (pages / "man1").iterdir()} == {
        page.name for page in (ROOT / "docs/man").iterdir()
    }
    if shutil.which("man") is None:
        pytest.skip("man is not installed: make tools")
    for name in ("evidencekit", "evidencekit-trust-add"):
        done = subprocess.run(  # noqa: S603
            ["man", "-M", pages, name],  # noqa: S607
            capture_output=True, check=True, text=True,
            env={**os.environ, "MANWIDTH": "80", "PAGER": "cat", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        assert done.stdout.startswith(name.upper()), done.stderr
        assert "EXIT STATUS" in done.stdout


def test_an_editable_install_reads_the_checkout(tmp_path):
    found = probe(tmp_path, None)
    assert found["at"] == str(ROOT / "evidencekit")
    assert found["schema"] == "urn:evidencekit:event:v1"
