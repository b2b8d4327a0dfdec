"""The recipes run: the cron line by a shell with next to no environment, the DAG by Airflow."""

import hashlib
import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidencekit.core.trusted import TrustedSigner
from evidencekit.edges.clock import Clock
from evidencekit.edges.keys import load_public_key, new_key
from evidencekit.edges.trust import Trust
from evidencekit.standin import StandIn
from evidencekit.verifier import verify

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/schedules.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
AIRFLOW = ROOT / ".venv/tools/airflow/bin/airflow"
TOKEN, PASSPHRASE = "canary-token-of-cron", "canary-passphrase-of-cron"
FIRST_NIGHT = 1_776_902_700  # 2026-04-23T00:05:00Z
DAY = 86_400
PROFILE = """
[profile.production]
api-url = "{url}"
window = "24h"
environment = "production"
purpose = "quarterly access review"
prepared-by = "Dana Reyes, Platform"
key = "signing.pem"
output = "bundles"
"""


def refused(exchange):
    exchange.send_json(401, {"error": "no"})
    return True


def without_events(exchange):
    if exchange.server_name == "storage":
        exchange.send_json(200, [])
        return True
    return False


def root(bundle):
    return hashlib.sha256((Path(bundle) / "tagmanifest-sha256.txt").read_bytes()).hexdigest()


def recipe(kind):
    return next(text for name, text in BLOCKS if name == kind)


def ran(*command, env, cwd):
    return subprocess.run(  # noqa: S603
        [str(word) for word in command],
        env=env,
        cwd=cwd,
        capture_output=True,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # away from our terminal: cron has none
    )


@dataclass
class Night:
    """A home folder, an API, and a clock that both go by."""

    home: Path
    api: StandIn = None
    at: int = FIRST_NIGHT
    said: list = field(default_factory=list)

    @property
    def bundles(self):
        return self.home / "bundles"

    def run(self, line):
        """Run one line as cron does; secrets come from the file that the line reads."""
        secrets = {
            "KEEPTRUSTS_API_URL": self.api.url, "KEEPTRUSTS_API_TOKEN": TOKEN,
            "EVIDENCEKIT_KEY_PASSPHRASE": PASSPHRASE, "SOURCE_DATE_EPOCH": str(self.at),
        }  # fmt: skip
        file = self.home / ".evidencekit.env"
        file.touch(0o600)
        file.write_text("".join(f"export {name}='{value}'\n" for name, value in secrets.items()))
        environment = {
            "HOME": str(self.home),
            "LOGNAME": "evidence",
            "SHELL": "/bin/sh",
            "PATH": f"{ROOT / '.venv/bin'}:/usr/bin:/bin",
        }
        done = ran("/bin/sh", "-c", line, env=environment, cwd=self.home)
        self.said.append(done.stdout + done.stderr)
        assert "canary" not in self.said[-1]
        return done

    def verified(self, bundle):
        """Verify a bundle as its receiver would; return what its manifest says."""
        key = load_public_key(self.home / "signing.pem.pub")
        trust = Trust(signers=(TrustedSigner(name="preparer", key=key),))
        verified = verify(self.home / bundle, trust=trust, at=(self.at + 60) * 10**9, jobs=1)
        assert verified.report.exit_code == 0, verified.report.verdict_line
        return verified.manifest


@pytest.fixture
def night(tmp_path):
    night = Night(home=tmp_path / "home")
    night.bundles.mkdir(parents=True)
    new_key(night.home / "signing.pem", PASSPHRASE, "test")
    clock = Clock(now=lambda: night.at * 10**9)
    with StandIn(token=TOKEN, polls=0, per_day=48, clock=clock) as api:
        night.api = api
        yield night


def test_the_cron_line_makes_a_series_and_says_what_went_wrong_by_its_exit_code(night):
    """Night after night, as cron runs it; after a bad night the next one goes on."""
    line = recipe("text").splitlines()[1].split(maxsplit=5)[5]
    roots, bundles = [], []
    for _ in range(2):
        done = night.run(line)
        assert (done.returncode, done.stderr) == (0, "")
        bundles.append(done.stdout.strip())
        manifest = night.verified(bundles[-1])
        assert (manifest.previous and manifest.previous.root) == (roots[-1] if roots else None)
        assert manifest.window.window.end == night.at * 10**9
        roots.append(root(bundles[-1]))
        night.at += DAY
    night.api.fault = refused
    failed = night.run(line)
    assert (failed.returncode, failed.stdout) == (3, "")
    assert "api.unauthorized" in failed.stderr
    night.api.fault = without_events
    rejected = night.run(line)
    assert (rejected.returncode, rejected.stdout) == (1, "")
    assert "coverage.empty" in rejected.stderr
    assert sorted(str(path) for path in night.bundles.iterdir()) == sorted(bundles)
    night.api.fault, night.at = lambda _exchange: False, night.at + DAY
    done = night.run(line)
    assert done.returncode == 0
    assert night.verified(done.stdout.strip()).previous.root == roots[-1]


def test_a_profile_and_one_line_of_json_are_enough_for_a_program(night):
    """evidencekit.toml holds what never changes; what is printed is one JSON document."""
    (night.home / "evidencekit.toml").write_text(PROFILE.format(url=night.api.url))
    line = (
        ". $HOME/.evidencekit.env && unset KEEPTRUSTS_API_URL && evidencekit -q "
        "--profile production collect --previous latest --result json"
    )
    said = []
    for _ in range(2):
        done = night.run(line)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count("\n") == 1
        said.append(json.loads(done.stdout))
        manifest = night.verified(said[-1]["bundle"])
        assert manifest.context.purpose == "quarterly access review"
        assert manifest.facts.events == said[-1]["events"] > 0
        night.at += DAY
    first, second = said
    assert (first["previous"], second["previous"]) == (None, first["root"])
    assert first["window"]["end"] == second["window"]["start"]
    wrong = night.run(line.replace("production", "staging"))
    assert (wrong.returncode, wrong.stdout) == (3, "")
    assert night.run(line.replace("--result json", "--result yaml")).returncode == 2


@pytest.mark.parametrize("missing", ["KEEPTRUSTS_API_TOKEN", "EVIDENCEKIT_KEY_PASSPHRASE"])
def test_a_setting_that_is_missing_is_one_line_and_a_code_that_says_to_read_it(night, missing):
    """Code 3 is not only "try again", as the page says: this one stays, however often it runs."""
    line = recipe("text").splitlines()[1].split(maxsplit=5)[5]
    done = night.run(line.replace(" && ", f" && unset {missing} && ", 1))
    assert (done.returncode, done.stdout) == (3, "")
    error, hint = done.stderr.splitlines()
    assert error.endswith(("[api.token]", "[key.passphrase]"))
    assert missing in hint
    assert not list(night.bundles.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(
    not AIRFLOW.is_file(),
    reason="SKIPPED: no Airflow here (AIRFLOW=1 make tools); the DAG was not run",
)
def test_airflow_runs_the_dag_and_it_makes_a_bundle(night):
    """Airflow 3 with a SQLite database of its own, once where all goes well, once where not."""
    home = night.home / "airflow"
    (home / "dags").mkdir(parents=True)
    dag = recipe("python").replace("/etc/evidencekit/", f"{night.home}/")
    dag = dag.replace("/var/lib/evidence", str(night.bundles))
    (home / "dags/evidence.py").write_text(dag)
    environment = {
        "HOME": str(home), "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
        "KEEPTRUSTS_API_URL": night.api.url, "KEEPTRUSTS_API_TOKEN": TOKEN,
        "EVIDENCEKIT_KEY_PASSPHRASE": PASSPHRASE, "SOURCE_DATE_EPOCH": str(night.at),
    }  # fmt: skip

    def airflow(*arguments):
        return ran(AIRFLOW, *arguments, env=environment, cwd=home)

    assert airflow("db", "migrate").returncode == 0
    done = airflow("dags", "test", "evidence")
    assert done.returncode == 0, done.stderr[-2_000:]
    (bundle,) = night.bundles.iterdir()
    assert f"Returned value was: {bundle}" in done.stdout + done.stderr
    assert night.verified(bundle).context.environment == "production"
    night.api.fault = without_events
    failed = airflow("dags", "test", "evidence")
    told = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert "coverage.empty" in told
    assert "UP_FOR_RETRY" not in told, "exit code 1 is not to be tried again"
    assert list(night.bundles.iterdir()) == [bundle]
    assert "canary" not in done.stdout + done.stderr + told
