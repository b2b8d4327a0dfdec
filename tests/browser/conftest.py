"""The page, the catalogue of bundles, and what the Python verifier says of each of them."""

import functools
import http.server
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the catalogue, which is no test

import chrome
from catalogue import ALICE, AT, MALLORY, Case, Workshop, bad, good
from stored import SMALL_SCHEMA, Stored, stored_cases

from evidencekit.edges.trust import Trust
from evidencekit.edges.verifierpage import render_verifier
from evidencekit.errors import EvidenceError
from evidencekit.verifier import verify

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "verify.html"
    path.write_bytes(render_verifier())
    return path


@pytest.fixture(scope="session")
def stored(tmp_path_factory):
    return stored_cases(tmp_path_factory.mktemp("stored"))


@pytest.fixture(scope="session")
def stored_pages(tmp_path_factory):
    """Return the page by the schema that bundles are judged by."""
    place, found = tmp_path_factory.mktemp("pages"), {}
    for schema in (None, SMALL_SCHEMA):
        found[schema] = place / ("own.html" if schema is None else "small.html")
        found[schema].write_bytes(render_verifier(schema))
    return found


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("bundles"))


@pytest.fixture(scope="session")
def cases(shop):
    """Every bundle by name, the good ones first."""
    found = [*good(shop), *bad(shop)]
    assert len({case.name for case in found}) == len(found)
    return {case.name: case for case in found}


@pytest.fixture(scope="session")
def node():
    """Run a script of this folder under node with JSON on stdin, and return the JSON it prints."""
    if not (command := shutil.which("node")):
        pytest.skip("node is not installed: apt-get install nodejs")

    def run(script: str, page: Path, request: object) -> list:
        data = json.dumps(request).encode()
        done = subprocess.run(  # noqa: S603
            [command, HERE / script, page], input=data, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def files_of(case: Case) -> list[str]:
    return [*map(str, case.keys), *([str(case.trust)] if case.trust else [])]


@pytest.fixture(scope="session")
def expected(shop, cases):
    """Return what the Python verifier says: verdict, and of each check its outcome and codes."""
    key_files = {
        ALICE.public_key.fingerprint: shop.key,
        MALLORY.public_key.fingerprint: shop.other,
    }

    @functools.cache
    def of(name: str):
        case = cases[name]
        keys = [*case.keys, *([key_files[case.fingerprint]] if case.fingerprint else [])]
        try:
            trust = Trust.from_keys(keys) if keys else None
            if case.trust:
                trust = Trust.from_file(case.trust)
        except EvidenceError as error:
            return "undecided", {"trust": ("undecided", frozenset({error.code}))}
        report = verify(case.path, trust=trust, at=AT, jobs=1).report
        return str(report.verdict), {
            check.name: (str(check.outcome), frozenset(fault.code for fault in check.faults))
            for check in report.checks
        }

    return of


# Where the page may say something else than the Python verifier, and why that is no contradiction.
SAYS_LESS = {
    ("says-invalid", "schema"): "the page takes the bundle's word that events are invalid",
    ("says-invalid", "facts"): "the page takes the bundle's word that events are invalid",
    ("says-invalid", "coverage"): "the page takes the bundle's word that events are invalid",
    ("zip-shorter", "checksums"): "a browser does not tell cut DEFLATE data from damaged data",
    ("zip-shorter", "schema"): "a browser does not tell cut DEFLATE data from damaged data",
}


def differences(case: Case, verdict: str, checks: dict, expected: tuple) -> list[str]:
    """Return in what a report of the page and the Python one contradict each other."""
    python_verdict, python_checks = expected
    found = []
    agrees = verdict == python_verdict or (case.name, "verdict") in SAYS_LESS
    if agrees == case.beyond:
        found.append(f"{case.name}: verdict {verdict}, python says {python_verdict}")
    for name, python in python_checks.items():
        ours = checks.get(name, python)
        left_out = ours[0] == "not asked" and (python[0] == "pass" or name == "summary")
        if ours != python and not left_out and (case.name, name) not in SAYS_LESS:
            found.append(f"{case.name}: {name} is {ours}, python says {python}")
    return found


@pytest.fixture(scope="session", name="differences")
def _differences():
    return differences


@pytest.fixture(scope="session", name="files_of")
def _files_of():
    return files_of


@pytest.fixture(scope="session")
def at():
    return AT


@pytest.fixture(scope="module")
def driver():
    driver = chrome.start()
    yield driver
    driver.quit()


@pytest.fixture
def judge(driver, page):
    """Open the page anew, put a case into it, and return verdict and checks."""

    def run(case: Case | Stored, at: int | None = None, page: Path = page) -> tuple[str, dict]:
        files = case.files if isinstance(case, Stored) else files_of(case)
        chrome.put(driver, page, case, files, at)
        return chrome.wait(driver)

    return run


@pytest.fixture
def served():
    """Return the address of a server on loopback, and the list of paths asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_arguments):
            """Print nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()
