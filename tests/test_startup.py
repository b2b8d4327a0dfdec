"""What a command imports, which is most of what a small job takes; and what it must not."""

import base64
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evidencekit import resources
from evidencekit.compiled.runtime import (
    LoopContext,
    Macro,
    Markup,
    Pages,
    TemplateRuntimeError,
    Undefined,
    missing,
)
from evidencekit.core.names import signer_id
from evidencekit.core.statement import EVIDENCE
from evidencekit.core.summary import summarize
from evidencekit.edges.render import (
    FORMATS,
    StaleError,
    compiled,
    environment,
    is_current,
    module_name,
    render,
    render_summary,
    render_verify_txt,
)

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
SAMPLE = ROOT / "tests/summary/manifest.json"

# Each takes 5 ms or more, and no plain bundle, export file or key file needs it.
NEVER = {
    *("boto3", "cryptography.x509", "distributed", "httpcore", "jinja2", "numpy"),
    *("importlib.metadata", "pkcs11", "rfc3161_client", "rich", "ssl", "tomllib", "trio"),
    *("asyncio", "concurrent.futures", "ctypes.util", "multiprocessing", "subprocess", "xml"),
    *("evidencekit.core.authority", "evidencekit.core.chain", "evidencekit.core.cireport"),
    *("evidencekit.core.jobs", "evidencekit.core.receipt"),
    *("evidencekit.core.timestamp", "evidencekit.edges.api"),
    *("evidencekit.edges.extend", "evidencekit.edges.http", "evidencekit.edges.pool"),
    *("evidencekit.edges.signers.vault", "evidencekit.edges.timestamp"),
    *("evidencekit.edges.zipread", "evidencekit.edges.zipwrite", "evidencekit.standin"),
}
VERIFYING = NEVER | {
    "evidencekit.core.p256",
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


SCRIPT = script()
TEMPLATES = SCRIPT.templates()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_was_compiled_since_it_changed(name):
    wanted, found = SCRIPT.compile_one(name), place(name).read_text("utf-8")
    if _jinja(found) != _jinja(wanted):
        pytest.skip(f"SKIPPED: compiled by {_jinja(found)}, so the code was not compared")
    assert found == wanted, "run make samples"


def place(name):
    return ROOT / f"evidencekit/compiled/{module_name(name)}.py"


def _jinja(text):
    return next(line for line in text.splitlines() if line.startswith("# Jinja "))


def test_nothing_else_is_there():
    names = {file.name for file in (ROOT / "evidencekit/compiled").glob("*.py")}
    assert names == {"__init__.py", "runtime.py", *(place(name).name for name in TEMPLATES)}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_compiled_template_counts_for_its_own_source_only(name):
    module = vars(importlib.import_module(f"evidencekit.compiled.{module_name(name)}"))
    source, html = resources.template(name), ".html" in name or name.endswith(".css")
    assert is_current(module, source, html=html)
    assert not is_current(module, f"{source} ", html=html)
    assert not is_current(module, source, html=not html)
    assert module["name"] == name


HOSTILE = '<script>alert("&\'")</script> {{ 7*7 }} {% raw %} `|*_[a](b)\\ \x1b[31m \u202e # - ~~~'


def hostile(value):
    """Return the data of a manifest with every free text made hostile."""
    if isinstance(value, dict):
        return {name: hostile(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [hostile(inner) for inner in value]
    return f"{value} {HOSTILE}" if isinstance(value, str) and " " in value else value


def bare(manifest):
    """Return a manifest without what may be absent."""
    return manifest | {"facts": manifest["facts"] | {"timeline": None, "models": {}}, "query": None}


@pytest.mark.parametrize("change", [dict, hostile, bare])
def test_a_page_is_the_one_that_jinja_renders(manifest, change):
    document = change(manifest)
    style = base64.b64encode(hashlib.sha256(resources.template("summary.css").encode()).digest())
    for fmt, name in FORMATS.items():
        html = fmt == "html"
        given = {
            "page": summarize(document, status=("Verified <now>",)),
            "style_hash": f"sha256-{style.decode()}" if html else "",
        }
        wanted = environment(html=html).get_template(name).render(given)
        assert render_summary(document, fmt, status=("Verified <now>",)) == wanted
    wanted = environment(html=False).get_template("verify.txt.jinja")
    fingerprint = document["signer"]["fingerprint"]
    assert render_verify_txt(document) == wanted.render(
        bundle=document["bundle_id"],
        fingerprint=fingerprint,
        digest=fingerprint.removeprefix("SHA256:"),
        signer=signer_id(fingerprint),
        predicate_type=EVIDENCE,
    )


def test_a_stale_template_is_rendered_by_jinja(manifest):
    asked = []

    def find(name, *, html):
        asked.append(name)
        if name == "summary.css":  # which the page includes
            raise StaleError
        return compiled(name, html=html)

    given = {"page": summarize(manifest), "style_hash": ""}
    page = render("summary.html.jinja", given, html=True, find=find)
    assert asked == ["summary.html.jinja", "summary.css"]
    assert page == render("summary.html.jinja", given, html=True)
    with pytest.raises(StaleError):
        compiled("new.html.jinja", html=True)
    with pytest.raises(StaleError):
        compiled("summary.html.jinja", html=False)


def test_what_a_template_lacks_is_an_error():
    pages = Pages(dict, {"double": lambda text: text * 2}, html=True)
    assert pages.filters["double"]("a") == "aa"
    assert pages.getattr({"a": 1}, "a") == pages.getitem([1], 0) == 1
    with pytest.raises(AttributeError):
        pages.getattr({}, "a")
    with pytest.raises(AttributeError):
        pages.getattr("", "a")
    with pytest.raises(LookupError):
        pages.getitem([], 0)
    with pytest.raises(TemplateRuntimeError, match="a is not defined"):
        Undefined(name="a")
    macro = Macro(pages, lambda one, two: f"{one}{two is missing}", "m", ("a", "b"), *[False] * 4)
    assert macro("x") == "xTrue"
    assert not isinstance(macro("x"), Markup)
    assert [(item, loop.index0, loop.last) for item, loop in LoopContext("ab", None)] == [
        ("a", 0, False),
        ("b", 1, True),
    ]
