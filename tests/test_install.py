"""The package finds its schemas and templates in a wheel, an editable install and a checkout."""

import json
import os
import subprocess
import sys
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
    assert folders == {"evidencekit", f"evidencekit-{evidencekit.__version__}.dist-info"}
    assert {"evidencekit/py.typed", "evidencekit/schemas/event.v1.schema.json"} <= set(names)
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    found = probe(tmp_path, tmp_path / "site")
    assert found["at"] == str(tmp_path / "site/evidencekit")
    assert found["schema"] == "urn:evidencekit:event:v1"
    assert found["template"].startswith("{%")


def test_an_editable_install_reads_the_checkout(tmp_path):
    found = probe(tmp_path, None)
    assert found["at"] == str(ROOT / "evidencekit")
    assert found["schema"] == "urn:evidencekit:event:v1"
