"""The schedule recipes are of the form that their readers read, and give options that exist."""

import ast
import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from evidencekit.cli import cli
from evidencekit.cli.collect import command as collect

PAGE = (Path(__file__).parents[2] / "docs/schedules.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def blocks(kind):
    return [text for name, text in BLOCKS if name == kind]


def parse(arguments):
    """Have click read a command line as it would before it runs the command."""
    context = cli.make_context("evidencekit", list(arguments), resilient_parsing=False)
    name, *rest = [*context._protected_args, *context.args]
    command = cli.get_command(context, name)
    return command.make_context(name, rest, parent=context).params


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    for name in ("EVIDENCEKIT_KEY", "EVIDENCEKIT_TRUST"):
        monkeypatch.delenv(name, raising=False)


def test_every_command_line_of_a_recipe_is_one_that_collect_takes():
    lines = re.findall(
        r"evidencekit (-q collect .*)$", "\n".join(t for _, t in BLOCKS), re.MULTILINE
    )
    assert len(lines) == 3
    for line in lines:
        assert parse(shlex.split(line))["window"] == "24h"


def test_cron_lines_have_five_fields_and_a_command():
    line = blocks("text")[0].splitlines()[1]
    assert re.match(r"([\d*]+ ){5}\. \$HOME", line)


def unit_of(text):
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(text)
    return unit


def test_systemd_units_have_their_sections():
    service, timer = blocks("ini")
    for text, sections in ((service, ["Unit", "Service"]), (timer, ["Unit", "Timer", "Install"])):
        assert unit_of(text).sections() == sections


def test_a_unit_whose_settings_are_wrong_is_not_started_for_ever():
    """A mistyped token is code 3, too: all tries fit into the interval, and it into a day."""
    unit = unit_of(blocks("ini")[0])
    pause = int(unit["Service"]["RestartSec"].removesuffix("min"))
    hours = int(unit["Unit"]["StartLimitIntervalSec"].removesuffix("h"))
    (seconds,) = (param.default for param in collect.params if param.name == "timeout")
    assert 1 < int(unit["Unit"]["StartLimitBurst"]) * (pause + seconds / 60) < hours * 60 < 24 * 60
    assert unit["Service"]["RestartPreventExitStatus"] == "1 2"


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="SKIPPED: systemd-analyze is not installed; only the form of the units was read",
)
def test_systemd_takes_the_units(tmp_path):
    names = ("evidence.service", "evidence.timer")
    for name, text in zip(names, blocks("ini"), strict=True):
        (tmp_path / name).write_text(text)
    words = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in names)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603
    about = [line for line in done.stderr.splitlines() if "evidence" in line]
    assert (done.returncode, about) == (0, [])


def test_the_workflow_and_the_cron_job_are_yaml_of_their_shape():
    yaml = pytest.importorskip("yaml")
    workflow, job = map(yaml.safe_load, blocks("yaml"))
    assert all(set(step) & {"run", "uses"} for step in workflow["jobs"]["collect"]["steps"])
    template = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    container = template["containers"][0]
    assert parse(map(str, container["args"]))["output"] == Path("/bundles")
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in template["volumes"]}


def test_the_dag_is_python_that_calls_collect():
    tree = ast.parse(blocks("python")[0])
    lists = sorted((n for n in ast.walk(tree) if isinstance(n, ast.List)), key=lambda n: n.lineno)
    program, *arguments = [word for words in lists[1:] for word in ast.literal_eval(words)]
    assert program == "evidencekit"
    assert parse(arguments)["window"] == "24h"


def test_the_dag_is_one_that_airflow_imports(monkeypatch, tmp_path):
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    pytest.importorskip("airflow.sdk", reason="airflow is not installed; the tree was read instead")
    space = {"__name__": "dag"}
    exec(compile(blocks("python")[0], "dag.py", "exec"), space)  # noqa: S102
    assert callable(space["evidence"])


def test_recipes_name_exit_codes_as_the_command_line_has_them():
    assert click.exceptions.UsageError("").exit_code == 2
    assert "| 3 | try again" in PAGE
