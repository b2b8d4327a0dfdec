from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.events import ALIASES, Columns, canonical_verdict, columns
from evidencekit.core.facts import VERDICTS

words = st.none() | st.text(max_size=3) | st.integers(-5, 5) | st.booleans() | st.just(1.5)
names = st.sampled_from([name for known in ALIASES.values() for name in known])
events = st.dictionaries(names, words | st.just([]), max_size=6)
metadata = st.fixed_dictionaries({"metadata": st.dictionaries(st.just("environment"), words)})


def said(event: dict, known: tuple[str, ...]) -> str | None:
    """The rule of the module's docstring, one event and one name at a time."""
    for name in known:
        value = event.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


@given(st.lists(events | st.builds(lambda a, b: a | b, events, metadata), max_size=8))
def test_columns_say_of_many_events_what_each_says_alone(many):
    found = columns(many)
    for canonical, known in ALIASES.items():
        expected = [said(event, known) for event in many]
        if canonical == "environment":
            inner = [said(event.get("metadata", {}), ("environment",)) for event in many]
            expected = [own or other for own, other in zip(expected, inner, strict=True)]
        assert list(getattr(found, canonical)) == expected, canonical


def test_every_canonical_name_has_a_column():
    assert set(ALIASES) == set(Columns.__slots__)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"verdict": "block", "decision": "allowed"}, "block"),
        ({"verdict": None, "decision": "allowed"}, "allowed"),
        ({"verdict": "", "decision": "allowed"}, "allowed"),
        ({"decision": "blocked", "action": "flag"}, "blocked"),
        ({"action": "flag", "outcome": "pass"}, "flag"),
        ({"policy_outcome": "x"}, "x"),
        ({"verdict": ["block"]}, None),
        ({}, None),
    ],
)
def test_the_first_name_that_holds_something_counts(event, expected):
    assert list(columns([event]).verdict) == [expected]


def test_an_integer_is_its_digits_and_a_bool_or_a_real_number_is_nothing():
    many = [{"config_version": value} for value in (7, 2**64 - 1, 0, True, 1.10)]
    assert list(columns(many).config_version) == ["7", "18446744073709551615", "0", None, None]


def test_the_environment_may_be_in_the_metadata_but_the_events_own_word_wins():
    many = [
        {"environment": "production", "metadata": {"environment": "staging"}},
        {"metadata": {"environment": "staging"}},
        {"metadata": ["environment"]},
        {"metadata": {"environment": {"name": "x"}}},
    ]
    assert list(columns(many).environment) == ["production", "staging", None, None]


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        *((word, "allow") for word in ("allow", "allowed", "pass", "PASS")),
        *((word, "block") for word in ("block", "blocked", "deny", "denied", "BLOCK", " block ")),
        *((word, "redact") for word in ("redact", "redacted", "modified", "rewrite", "REDACT")),
        *((word, "escalate") for word in ("escalate", "escalated")),
        *((word, "other") for word in ("flag", "flagged", "maybe", "", "allow all", "block\0")),
    ],
)
def test_every_documented_word_has_its_verdict_and_no_other_word_has_one(word, verdict):
    assert canonical_verdict(word) == verdict


@given(st.text())
def test_any_word_has_one_of_the_canonical_verdicts(word):
    assert canonical_verdict(word) in VERDICTS
    if any(category(char) in {"Cc", "Cf"} and not char.isspace() for char in word):
        assert canonical_verdict(word) == "other"
