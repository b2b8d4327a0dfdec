import pytest

from evidencekit.core.unfolding import refuse_unbounded
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_SCHEMA_LEVELS, MAX_SCHEMA_PARTS


def is_bounded(schema: dict) -> bool:
    try:
        refuse_unbounded(schema)
    except UndecidedError as error:
        return error.code != "schema.too-complex"
    return True


def doubling(levels: int, keyword: str, name: str, call: str) -> dict:
    """Return a schema whose parts, named by ``keyword``, each call the next one twice."""
    defs = {
        f"l{level}": {
            keyword: f"{name}{level}",
            "anyOf": [{"$ref": f"{call}{level + 1}"}, {"$ref": f"{call}{level + 1}"}],
        }
        for level in range(levels)
    }
    return {"$defs": {**defs, f"l{levels}": {keyword: f"{name}{levels}"}}, "$ref": f"{call}0"}


@pytest.mark.parametrize(
    ("keyword", "name", "call"),
    [
        ("title", "l", "#/$defs/l"),
        ("$anchor", "n", "#n"),
        ("$dynamicAnchor", "n", "#n"),
        ("$id", "urn:l", "urn:l"),
    ],
)
def test_alternatives_are_counted_by_whatever_name_they_are_called(keyword, name, call):
    assert is_bounded(doubling(10, keyword, name, call))
    assert not is_bounded(doubling(20, keyword, name, call))


def test_large_but_flat_is_fine_and_larger_is_not():
    properties = {f"p{number}": {"type": "string"} for number in range(MAX_SCHEMA_PARTS)}
    assert not is_bounded({"properties": properties})
    half = dict(list(properties.items())[: MAX_SCHEMA_PARTS // 2 - 10])
    assert is_bounded({"properties": half})


@pytest.mark.parametrize("backwards", [False, True])
def test_chains_are_measured_from_either_end(backwards):
    def chain(links: int) -> dict:
        defs = [(f"l{link}", {"$ref": f"#/$defs/l{link + 1}"}) for link in range(links)]
        defs.append((f"l{links}", {}))
        return {"$defs": dict(reversed(defs) if backwards else defs)}

    assert is_bounded(chain(MAX_SCHEMA_LEVELS - 10))
    assert not is_bounded(chain(MAX_SCHEMA_LEVELS + 10))
    assert not is_bounded(chain(50_000))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#/allOf/0"}, {"$ref": "#/allOf/7"}]},
        {"$defs": {"a~/%": {"$ref": "#/$defs/a~0~1%25"}}, "$ref": "#/$defs/a~0~1%25"},
        {"$ref": 5, "$anchor": [], "$id": None},
        {"$ref": "#/$defs/nothing/there"},
        {"$ref": "https://example.org/elsewhere"},
        {"properties": {"$ref": {"type": "string"}}},
    ],
)
def test_loops_and_references_to_nowhere_end(schema):
    assert is_bounded(schema)
