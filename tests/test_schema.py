import concurrent.futures
import copy
import http.server
import json
import multiprocessing
import pickle
import random
import threading
import time
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit import resources
from evidencekit.core.instant import parse_instant
from evidencekit.core.schema import EventSchema, document_faults
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_PROBLEMS

SUITE = Path(__file__).parents[1].parent / "shared/corpora/json-schema-test-suite"
OWN = EventSchema.own()
REFERENCE = jsonschema.Draft202012Validator(
    json.loads(resources.schema("event.v1.schema.json")),
    format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
)
# Every event shape that the gateway's documentation shows (reference/keeptrusts.md 2.1).
SHAPES = {
    "A, command line": {
        "id": "evt_abc123",
        "event_type": "decision",
        "timestamp": "2026-03-20T10:30:00Z",
        "verdict": "block",
        "reason_code": "prompt_injection_detected",
        "model": "gpt-4o",
        "provider": "openai",
        "config_version": "0.2.0",
    },
    "B, gateway": {
        "id": "evt_a1b2c3d4",
        "timestamp": "2026-04-23T14:30:00Z",
        "decision": "allowed",
        "model": "gpt-4o",
        "provider": "openai",
        "input_tokens": 1250,
        "output_tokens": 890,
        "policies_evaluated": [
            {"name": "content_safety", "result": "pass", "latency_ms": 12},
            {"name": "pii_detection", "result": "redacted", "entities_found": 3, "latency_ms": 8},
        ],
        "gateway_id": "gw_prod_east",
        "user_id": "user_789",
        "cost_usd": 0.0034,
    },
    "C, data engineer": {
        "id": "5f0c7e62-7c0e-4c0b-9a55-0d7d3a0e2c11",
        "timestamp": "2026-04-23T14:30:00.123456Z",
        "gateway_id": "0d9bb2f3-6a5d-4a3b-8b5c-3a5e3f1d2c44",
        "user": "alice",
        "provider": "openai",
        "model": "gpt-4o",
        "decision": "escalate",
        "policies_evaluated": ["pii", "toxicity"],
        "policies_triggered": [],
        "latency_ms": 285,
        "input_tokens": 142,
        "output_tokens": 0,
        "cost": "0.003400",
        "metadata": {"environment": "production"},
    },
    "D, SIEM": {
        "event_id": "e-8f3a2b1c",
        "timestamp": "2026-04-23T16:30:00+02:00",
        "event_type": "redacted",
        "action": "redact",
        "policy_name": "pii",
        "model": "gpt-4o",
        "gateway_id": "gw",
        "user_id": 7,
        "org_id": "org_1",
    },
    "E, SDK, with the time that its examples leave out": {
        "event_id": "evt_01J",
        "created_at": "2026-04-23T14:30:00Z",
        "request_id": "req_1",
        "event_cost_attribution": {"total_cost_usd": 0.1, "source_spend_log_id": "s"},
        "citations": [{"url": "https://example.org"}],
        "policy_outcome": "allow",
    },
    "F, warehouse": {
        "id": "evt_1",
        "timestamp": "2026-04-23T14:30:00Z",
        "decision": "blocked",
        "model": "gpt-4o",
        "provider": "openai",
        "gateway_id": "gw",
        "user_id": "u",
        "team_id": None,
        "input_tokens": 1,
        "output_tokens": 0,
        "cost_usd": None,
        "latency_ms": 12.5,
        "request_source": "batch",
        "batch_id": 12,
        "created_at": "2026-04-23T14:31:00Z",
    },
}
SMALL = {"id": "e", "timestamp": "2026-04-23T14:30:00Z", "verdict": "allow"}


def schema_of(schema: object) -> EventSchema:
    return EventSchema.from_bytes(json.dumps(schema).encode())


def refused(schema: object) -> str:
    with pytest.raises(UndecidedError) as caught:
        schema_of(schema)
    assert "\n" not in str(caught.value)
    return caught.value.code


def instant_fault(text: str) -> str | None:
    try:
        parse_instant(text)
    except ValueError as error:
        return str(error)
    return None


# --- our own event schema


@pytest.mark.parametrize("shape", SHAPES)
def test_every_documented_shape_is_an_event(shape):
    assert OWN.problems(SHAPES[shape], 0) == ()
    assert REFERENCE.is_valid(SHAPES[shape])


def test_an_sdk_event_without_a_time_is_refused_as_no_window_could_hold_it():
    event = {key: value for key, value in SHAPES[list(SHAPES)[4]].items() if key != "created_at"}
    problems = [str(problem) for problem in OWN.problems(event, 3)]
    assert problems == ["event 3 at /: breaks anyOf (required: timestamp or created_at)"]


def test_what_the_schema_does_not_know_is_allowed():
    assert OWN.is_valid({**SMALL, "quality": {"score": [0.5]}, "verdict": "quarantined"})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"id": ""}, {"/id: minLength", ": anyOf"}),
        ({"id": None}, {": anyOf"}),
        ({"id": 5}, {"/id: type (null or string)", ": anyOf"}),
        ({"id": None, "event_id": "e"}, set()),
        ({"timestamp": None, "created_at": "2026-04-23T14:30:00Z"}, set()),
        ({"timestamp": ""}, {"/timestamp: pattern", "/timestamp: format (date-time)", ": anyOf"}),
        ({"verdict": ""}, {"/verdict: minLength", ": anyOf"}),
        ({"verdict": 1}, {"/verdict: type (null or string)", ": anyOf"}),
        ({"verdict": {"name": "allow"}}, {"/verdict: type (null or string)", ": anyOf"}),
        ({"config_version": 1.1}, {"/config_version: type (null or integer or string)"}),
        ({"config_version": 3}, set()),
        ({"input_tokens": -1}, {"/input_tokens: minimum"}),
        ({"input_tokens": "12"}, {"/input_tokens: type (null or integer)"}),
        ({"metadata": "{}"}, {"/metadata: type (null or object)"}),
        ({"policies_evaluated": [3]}, {"/policies_evaluated/0: type (string or object)"}),
        (
            {"policies_evaluated": [{"name": 1}]},
            {"/policies_evaluated/0/name: type (null or string)"},
        ),
    ],
)
def test_faults_are_named_by_pointer_and_rule(change, expected):
    problems = OWN.problems({**SMALL, **change}, 7)
    assert {f"{problem.pointer}: {problem.rule}" for problem in problems} == expected
    assert all(problem.position == 7 for problem in problems)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2016-12-31T23:59:60Z", True),
        ("2026-04-23T10:00:00.123456789012Z", True),
        ("2026-04-23T10:00:00-12:30", True),
        ("2026-04-23T24:00:00Z", False),
        ("0000-01-01T00:00:00Z", False),
        ("10000-01-01T00:00:00Z", False),
        ("2026-02-30T00:00:00Z", False),
        ("2026-04-23T10:00:00+99:99", False),
        ("2026-04-23T10:00:00z", False),
        ("2026-04-23t10:00:00Z", False),
        ("2026-04-23 10:00:00Z", False),
        ("2026-04-23T10:00:00", False),
        ("2026-04-23T22:59:60Z", False),
        ("2026-04-23T10:00:00Z\n", False),
    ],
)
def test_times_are_rfc_3339_in_one_spelling_and_leap_seconds_exist(text, valid):
    assert OWN.is_valid({**SMALL, "timestamp": text}) is valid


@given(st.from_regex(r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{1,12})?(Z|[+-][0-3][0-9]:[0-6][0-9])\Z"))  # fmt: skip # noqa: E501
def test_a_time_that_the_schema_takes_is_an_instant_and_the_other_way_round(text):
    # The schema knows no years of UTC: 9999-12-31T23:59:60Z is a time, but has no instant of ours.
    valid = OWN.is_valid({**SMALL, "timestamp": text})
    assert valid is (instant_fault(text) in {None, "outside the years 1 to 9999 of UTC"})


def test_no_value_and_no_hidden_character_is_ever_in_a_problem():
    canary = "canary\x1b[2J"
    event = {"id": [canary], "metadata": canary, "timestamp": canary, "cost": {canary: canary}}
    assert OWN.problems(event, 0)
    assert "canary" not in str(OWN.problems(event, 0))
    strict = schema_of({"additionalProperties": {"additionalProperties": False}})
    (problem,) = strict.problems({"a/~\x1b\u202e": {canary: 1}}, 0)
    assert problem.pointer == "/a~1~0\\x1b\\u202e"
    assert "canary" not in str(problem)


def test_problems_of_one_event_are_bounded():
    event = {**SMALL, "policies_evaluated": [5] * 100_000}
    assert len(OWN.problems(event, 0)) == MAX_PROBLEMS


def test_cells_are_read_by_the_types_that_the_schema_gives():
    assert OWN.coercions["input_tokens"] == ("integer", "null")
    assert OWN.coercions["policies_evaluated"] == ("array", "null")
    assert OWN.coercions["id"] == ("string", "null")
    assert "quality" not in OWN.coercions
    odd = {"properties": {"a": True, "b": {"$ref": "#/$defs/c"}, "d": {"$ref": "#"}, "e": {}}}
    assert schema_of({**odd, "$defs": {"c": {"$ref": "#/$defs/c"}}}).coercions == {}


def test_the_schema_itself_is_valid_documented_and_the_one_that_the_package_ships():
    document = json.loads(OWN.data)
    jsonschema.Draft202012Validator.check_schema(document)
    assert OWN.data == resources.schema("event.v1.schema.json")
    assert OWN.id == document["$id"] == "urn:evidencekit:event:v1"
    assert all("description" in rule for rule in document["properties"].values())


# --- the engine


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_get_the_same_schema(method):
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        assert pool.submit(OWN.is_valid, SMALL).result()
        assert not pool.submit(OWN.is_valid, {}).result()
    assert pickle.loads(pickle.dumps(OWN)) == OWN  # noqa: S301


def mutated(event: dict, dice: random.Random) -> dict:
    """Return the event with a few things wrong, odd or unusual."""
    values = (
        *(
            None,
            "",
            "x",
            0,
            -1,
            1,
            1.0,
            1.5,
            True,
            [],
            {},
            [1],
            ["a"],
            {"a": 1},
            2**64 - 1,
            -(2**63),
        ),
        *("2026-04-23T14:30:00Z", "2026-04-23T14:30:00", "2026-02-30T00:00:00Z", "nope"),
        *("2026-04-23T14:30:00z", "2026-04-23T14:30:00.5+05:30", "2026-04-23T14:30:00+24:00"),
        *("0000-01-01T00:00:00Z", "2026-04-23T24:00:00Z", "2026-04-23T14:30:00Z ", "é😀"),
        *([{"name": "a", "result": None}], [{"name": 3}], [{"latency_ms": -1}], [None], ["a", {}]),
    )
    event = copy.deepcopy(event)
    for _ in range(dice.randrange(4)):
        name = dice.choice(list(OWN.coercions) + list(event))
        if dice.random() < 0.3:
            event.pop(name, None)
        else:
            event[name] = copy.deepcopy(dice.choice(values))
    return event


def differences(count: int, seed: int) -> tuple[int, int]:
    """Compare both engines, and our ways of asking; return how many events were valid, invalid."""
    dice = random.Random(seed)  # noqa: S311
    events = [mutated(dice.choice(list(SHAPES.values())), dice) for _ in range(count)]
    verdicts = [OWN.is_valid(event) for event in events]
    for event, verdict in zip(events, verdicts, strict=True):
        assert REFERENCE.is_valid(event) is verdict, event
        assert (OWN.problems(event, 0) == ()) is verdict, event
    for start in range(0, count, 64):
        group = slice(start, start + 64)
        assert OWN.all_valid(events[group]) is all(verdicts[group])
    good = [event for event, verdict in zip(events, verdicts, strict=True) if verdict]
    assert OWN.all_valid(good)
    return len(good), count - len(good)


def test_both_engines_give_one_verdict_on_2_000_generated_events():
    valid, invalid = differences(2_000, seed=1)
    assert min(valid, invalid) > 200


@pytest.mark.slow
def test_both_engines_give_one_verdict_on_50_000_generated_events():
    assert min(differences(50_000, seed=2)) > 5_000


@pytest.mark.parametrize(
    ("schema", "value", "ours", "theirs"),
    [
        ({"format": "date-time"}, "2016-12-31T23:59:60Z", True, False),
        ({"pattern": "^[a-z]+$"}, "abc\n", False, True),
        ({"pattern": "^\\d$"}, "\u0663", False, True),
        ({"pattern": "^\\w$"}, "é", False, True),
        ({"type": "integer"}, 1.0, True, True),
        ({"format": "date-time"}, "nope", False, False),
        ({"format": "nobody-knows"}, "x", True, True),
    ],
)
def test_known_differences_to_the_reference_engine_are_these(schema, value, ours, theirs):
    reference = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert schema_of(schema).is_valid(value) is ours
    assert reference.is_valid(value) is theirs


# --- what a schema cannot do


@pytest.fixture
def canary_server():
    """Serve a valid schema on loopback and count who asks for it."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_no_reference_leads_out_of_the_schema(canary_server, tmp_path):
    url, asked = canary_server
    (tmp_path / "schema.json").write_text("{}")
    there = (tmp_path / "schema.json").as_uri()
    references = (
        *(f"{url}/schema.json", "https://example.org/x", there, "ftp://example.org/x"),
        *("data:application/json,%7B%7D", "schema.json", "../x", "#/../x", "#/$defs/nothing", "#x"),
        *("urn:nobody:knows", "//127.0.0.1/x"),
    )
    for reference in references:
        for keyword in ("$ref", "$dynamicRef"):
            for schema in (
                {keyword: reference},
                {"$id": there, "properties": {"a": {keyword: reference}}},
                {"$id": f"{url}/base", "items": {"anyOf": [{keyword: reference}, True]}},
            ):
                itself = schema.get("$id") == there and there.endswith(reference)
                if not itself:
                    assert refused(schema) == "schema.reference", (keyword, reference)
    assert refused({"$schema": f"{url}/meta"}) == "schema.reference"
    assert asked == []


def test_a_reference_inside_the_schema_is_resolved_by_any_of_its_names():
    defs = {"a": {"$anchor": "here", "type": "string"}, "b": {"$id": "urn:b", "type": "string"}}
    for reference in ("#/$defs/a", "#here", "urn:b"):
        schema = schema_of({"$defs": defs, "properties": {"x": {"$ref": reference}}})
        assert schema.is_valid({"x": "s"})
        assert not schema.is_valid({"x": 1})
        assert not schema.all_valid([{"x": "s"}, {"x": 1}])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"true",
        b'"x"',
        b'{"type": "nope"}',
        b'{"type": "string", "type": "string"}',
        b'{"pattern": "("}',
        b'{"pattern": "(a{0,1000}){0,1000}"}',
        b'{"required": "id"}',
        b'{"properties": []}',
        b'{"maximum": NaN}',
        b'\xef\xbb\xbf{"type": "object"}',
        b'{"$schema": 5}',
        b'{"not":' * 100 + b"true" + b"}" * 100,
    ],
)
def test_what_is_no_schema_is_refused_in_one_line(data):
    with pytest.raises(UndecidedError) as caught:
        EventSchema.from_bytes(data)
    assert caught.value.code == "schema.invalid"
    assert "\n" not in str(caught.value)


CATASTROPHES = (
    *(r"^(a+)+$", r"^(a|a)*$", r"^(a|aa)+$", r"(a*)*b", r"^(a*)*$", r"([a-z]+)*\d", r"(a|a?)+$"),
    *(r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(x+x+)+y", r"^(a?){50}a{50}$", r"(.*)*!x", r"(\w+\s?)*$"),
    *(r"^(a+)+(?=b)$", r"^(?=(a+)+b)", r"^(a+)+\1$", r"(a+)+(?!x)b", r"(.*)*\1x", r"(?<=x)(a+)+b"),
    *(r"^(([a-z])+.)+[A-Z]([a-z])+(?=q)$", r"^(\w+\s?)*(?!a)$", r"((a{1,9}){1,9}){1,9}(?=x)"),
)


@pytest.mark.parametrize("pattern", CATASTROPHES)
def test_no_pattern_stalls_and_one_given_up_is_never_a_pass(pattern):
    text = "a" * 50 + "!"
    started = time.perf_counter()
    schemas = [
        {"pattern": pattern},
        {"not": {"pattern": pattern}},
        {"patternProperties": {pattern: False}},
    ]
    for schema in schemas:
        compiled = schema_of(schema)
        value = {text: 1} if "patternProperties" in schema else text
        compiled.problems(value, 0)
        compiled.is_valid(value)
    given_up = [
        problem
        for schema in schemas[:2]
        for problem in schema_of(schema).problems(text, 0)
        if "given up" in problem.rule
    ]
    for _ in given_up:
        assert not schema_of(schemas[0]).is_valid(text)
        assert not schema_of(schemas[1]).is_valid(text)
    assert time.perf_counter() - started < 2


def tower(levels: int, keyword: str) -> dict:
    """Return a schema of a few lines that stands for 2^levels alternatives."""
    defs = {
        f"l{level}": {keyword: [{"$ref": f"#/$defs/l{level + 1}"}] * 2} for level in range(levels)
    }
    return {"$defs": {**defs, f"l{levels}": False}, "$ref": "#/$defs/l0"}


def chain(links: int) -> dict:
    defs = {f"l{link}": {"$ref": f"#/$defs/l{link + 1}"} for link in range(links)}
    return {"$defs": {**defs, f"l{links}": {"type": "string"}}, "$ref": "#/$defs/l0"}


@pytest.mark.parametrize("keyword", ["anyOf", "allOf", "oneOf"])
def test_exponential_schemas_are_refused_before_the_engine_meets_them(keyword):
    assert refused(tower(20, keyword)) == "schema.too-complex"
    assert not schema_of(tower(5, keyword)).is_valid(1)


def test_chains_that_would_overflow_the_engines_stack_are_refused():
    assert refused(chain(50_000)) == "schema.too-complex"
    backwards = chain(50_000)
    backwards["$defs"] = dict(reversed(backwards["$defs"].items()))
    assert refused(backwards) == "schema.too-complex"
    assert not schema_of(chain(100)).is_valid(1)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$ref": "#"}, 1),
        ({"items": {"$ref": "#"}}, json.loads("[" * 60 + "]" * 60)),
        (
            {
                "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
                "$ref": "#/$defs/a",
            },
            1,
        ),
        ({"$id": "urn:x", "$dynamicAnchor": "n", "$dynamicRef": "#n"}, 1),
        ({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}, 1),
        ({"uniqueItems": True}, list(range(100_000))),
        ({"uniqueItems": True}, [{"a": number} for number in range(100_000)]),
    ],
)
def test_loops_and_long_arrays_end(schema, value):
    started = time.perf_counter()
    assert schema_of(schema).problems(value, 0) == ()
    assert time.perf_counter() - started < 5


# --- the JSON Schema Test Suite

FORMAT_IS_ASSERTED = {"format.json", "vocabulary.json"}  # where the suite wants it not to be


@pytest.mark.parametrize("draft", ["draft2020-12", "draft7"])
def test_the_suites_pass_rate_is_the_librarys_and_remote_schemas_stay_closed(draft):
    if not SUITE.is_dir():
        pytest.skip("no corpora beside the project")
    passed = closed = 0
    for file in sorted((SUITE / "tests" / draft).glob("*.json")):
        for case in json.loads(file.read_bytes()):
            schema = case["schema"]
            if not isinstance(schema, dict):
                continue  # an event schema is an object
            if draft == "draft7":
                schema = {"$schema": "http://json-schema.org/draft-07/schema#", **schema}
            fetched: list[str] = []
            library = library_validator(schema, fetched)
            if fetched:
                assert refused(schema) == "schema.reference", case["description"]
                closed += 1
                continue
            ours = schema_of(schema)
            for test in case["tests"]:
                data, where = test["data"], (file.name, case["description"], test["description"])
                assert ours.is_valid(data) is library.is_valid(data), where
                assert ours.all_valid([data, data]) is ours.is_valid(data), where
                assert (ours.problems(data, 0) == ()) is ours.is_valid(data), where
                right = ours.is_valid(data) is test["valid"]
                assert right or file.name in FORMAT_IS_ASSERTED, where
                passed += right
    assert passed > (1_100 if draft == "draft2020-12" else 750)
    assert closed > 10


def library_validator(schema: dict, fetched: list[str]) -> jsonschema_rs.Validator:
    """Return the library's own validator, which may read the suite's remote schemas from disk."""

    def retrieve(uri: str) -> object:
        fetched.append(uri)
        return json.loads(
            (SUITE / "remotes" / uri.removeprefix("http://localhost:1234/")).read_bytes()
        )

    return jsonschema_rs.validator_for(schema, validate_formats=True, retriever=retrieve)


# --- our own documents


def test_faults_of_our_own_documents_are_pointer_and_rule():
    faults = document_faults("receipt.v1.schema.json", {"format": "canary"})
    assert "/format: const" in faults
    assert any(fault.startswith("/: required (") for fault in faults)
    assert "canary" not in str(faults)


@pytest.mark.parametrize("name", ["event", "manifest", "receipt", "report"])
def test_our_schemas_are_valid_by_the_reference_engine_too(name):
    schema = json.loads(resources.schema(f"{name}.v1.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:evidencekit:{name}:v1"
