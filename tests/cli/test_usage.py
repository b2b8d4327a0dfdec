"""A wrong command line: what is said helps to write the right one."""

import pytest


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("colect",), "Did you mean one of: 'collect', "),
        (("shwo", "bundle"), "Did you mean 'show'?"),
        (("keys", "nwe"), "Did you mean 'new'?"),
        (("verify", "b", "-q"), "hint: it comes before the command: evidencekit -q verify …"),
        (("keys", "show", "k", "-v"), "the command: evidencekit -v keys show …"),
        (("collect", "--profile", "p"), "the command: evidencekit --profile … collect …"),
        (("validate", "e", "--from-time", "2026-11-16"), "like 2026-11-16T00:00:00Z"),
        (("validate", "e", "--from-time", "2026-11-16 10:00"), "like 2026-11-16T10:00:00Z"),
        (("validate", "e", "--to-time", "2026-11-16T10:00:00"), "like 2026-11-16T10:00:00Z"),
        (("validate", "e", "--to-time", "2026-02-30"), "like 2026-04-23T00:00:00Z"),
    ],
)
def test_what_was_meant_is_suggested(tool, words, told):
    said = tool(*words)
    assert (said.code, said.out) == (2, "")
    assert told in said.err.splitlines()[-1]


@pytest.mark.parametrize(
    "words", [("zzz",), ("verify", "b", "--zzz"), ("-z", "verify"), ("--qiet", "verify", "b")]
)
def test_where_nothing_is_known_nothing_is_suggested(tool, words):
    said = tool(*words)
    assert said.code == 2
    assert "hint" not in said.err
