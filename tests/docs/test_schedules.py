"""The schedule recipes are of the form that their readers read, and give options that exist."""

import ast
import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from evidencekit.cli import cli

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


def test_systemd_units_have_their_sections():
    service, timer = blocks("ini")
    for text, sections in ((service, ["Unit", "Service"]), (timer, ["Unit", "Timer", "Install"])):
        unit = ConfigParser(interpolation=None)
        unit.optionxform = str
        unit.read_string(text)
        assert unit.sections() == sections


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
