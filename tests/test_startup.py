"""What a command imports, which is most of what a small job takes; and what it must not."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evidencekit import resources
from evidencekit.core.summary import summarize
from evidencekit.edges.render import environment, is_current, module_name

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
SAMPLE = ROOT / "tests/summary/manifest.json"

# Each takes 5 ms or more, and no plain bundle, export file or key file needs it.
NEVER = {
    *("boto3", "cryptography.x509", "distributed", "httpcore", "numpy"),
    *("importlib.metadata", "pkcs11", "rfc3161_client", "rich", "ssl", "tomllib", "trio"),
    *("asyncio", "concurrent.futures", "ctypes.util", "multiprocessing", "subprocess", "xml"),
    *("evidencekit.core.authority", "evidencekit.core.chain", "evidencekit.core.cireport"),
    *("evidencekit.core.jobs", "evidencekit.core.query", "evidencekit.core.receipt"),
    *("evidencekit.core.timestamp", "evidencekit.edges.api", "evidencekit.edges.cluster"),
    *("evidencekit.edges.extend", "evidencekit.edges.http", "evidencekit.edges.pool"),
    *("evidencekit.edges.signers.vault", "evidencekit.edges.timestamp"),
    *("evidencekit.edges.zipread", "evidencekit.edges.zipwrite", "evidencekit.standin"),
}
VERIFYING = NEVER | {
    *("cryptography.hazmat.primitives.serialization", "ctypes", "evidencekit.collector"),
    *("evidencekit.edges.publish", "evidencekit.edges.signers", "secrets"),
}
QUICK = VERIFYING | {
    *("evidencekit.core.block", "evidencekit.core.survey", "evidencekit.edges.surveying"),
    *("msgspec", "orjson"),
}
NOTHING = QUICK | {
    *("cryptography", "evidencekit.core", "evidencekit.edges", "jinja2", "json", "jsonschema_rs"),
    *("pathlib", "tempfile"),
}


def imported(*arguments):
    """Run a command in a process of its own; return the names of all modules it imported."""
    code = "import sys; from evidencekit.cli import run; code = run(sys.argv[1:])"
    told = "; print(code, *sys.modules, file=sys.stderr)"
    environment = {**os.environ, "EVIDENCEKIT_KEY_PASSPHRASE": ""}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code + told, *map(str, arguments)],
        capture_output=True,
        check=True,
        text=True,
        env=environment,
    )
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    assert "evidencekit.cli" in names
    return set(names)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A key file, and the arguments that make a bundle with it."""
    folder = tmp_path_factory.mktemp("small")
    key = folder / "signing.pem"
    imported("keys", "new", key)
    return key, ("collect", "--from", SAMPLES / "export.json", "--key", key)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_import_nothing_of_ours_but_the_command_line(option):
    assert NOTHING & imported(option) == set()


def test_a_small_collect_imports_what_it_uses(small, tmp_path):
    _, collect = small
    assert NEVER & imported(*collect, "--output", tmp_path / "made") == set()


def test_a_small_verify_imports_what_it_uses(small, tmp_path):
    key, collect = small
    imported(*collect, "--output", tmp_path / "made")
    verify = ("verify", tmp_path / "made", "--key", f"{key}.pub")
    names = imported(*verify)
    assert VERIFYING & names == set()
    assert "evidencekit.core.survey" in names
    assert QUICK & imported(*verify, "--quick") == set()


def test_what_is_not_imported_is_imported_where_it_is_needed(small, tmp_path):
    """The lists above name modules that exist, and that other calls do need."""
    key, collect = small
    imported(*collect, "--output", tmp_path / "made.zip")
    names = imported("verify", tmp_path / "made.zip", "--key", f"{key}.pub", "--format", "junit")
    assert {"evidencekit.edges.zipread", "evidencekit.core.cireport", "xml"} <= names
    names = imported("verify", SAMPLES / "bundle", "--trust", SAMPLES / "trust.toml")
    assert {"tomllib"} <= names
    gone = [name for name in NOTHING if name.startswith("evidencekit.") and not _exists(name)]
    assert gone == []


def _exists(name):
    return importlib.util.find_spec(name) is not None


# --- templates


@pytest.fixture
def manifest():
    return json.loads(SAMPLE.read_bytes())


def script():
    found = importlib.util.spec_from_file_location("s", ROOT / "scripts/compile_templates.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


TEMPLATES = sorted(file.name for file in (ROOT / "templates").glob("*.*"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_was_compiled_since_it_changed(name):
    wanted, found = script().compile_one(name), compiled(name).read_text("utf-8")
    if _jinja(found) != _jinja(wanted):
        pytest.skip(f"SKIPPED: compiled by {_jinja(found)}, so the code was not compared")
    assert found == wanted, "run make samples"


def compiled(name):
    return ROOT / f"evidencekit/compiled/{module_name(name)}.py"


def _jinja(text):
    return next(line for line in text.splitlines() if line.startswith("# Jinja "))


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".jinja")])
def test_the_compiled_template_is_the_one_that_renders(name):
    template = environment(html=".html" in name).get_template(name)
    assert template.root_render_func.__code__.co_filename == str(compiled(name))


def test_nothing_else_is_there():
    names = {file.name for file in (ROOT / "evidencekit/compiled").glob("*.py")}
    assert names == {"__init__.py", *(compiled(name).name for name in TEMPLATES)}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_compiled_template_counts_for_its_own_source_only(name):
    module = vars(importlib.import_module(f"evidencekit.compiled.{module_name(name)}"))
    source, html = resources.template(name), ".html" in name or name.endswith(".css")
    assert is_current(module, source, html=html)
    assert not is_current(module, f"{source} ", html=html)
    assert not is_current(module, source, html=not html)
    assert not is_current({**module, "FORMAT": module["FORMAT"] + 1}, source, html=html)
    assert module["name"] == name


def test_a_page_is_the_same_however_its_template_was_compiled(manifest):
    page = summarize(manifest)
    for name in ("summary.html.jinja", "summary.md.jinja", "summary.txt.jinja"):
        ours = environment(html=".html" in name)
        anew = ours.from_string(resources.template(name))
        assert anew.root_render_func.__code__.co_filename == "<template>"
        given = {"page": page, "style_hash": "sha256-0"}
        assert ours.get_template(name).render(given) == anew.render(given)
