"""IDs that came again are counted alike, whether a worker hashed them or sent them as they are."""

import pytest

from evidencekit.core.events import columns
from evidencekit.core.tally import Tally, own_hash_key, tally
from evidencekit.core.total import Total

KEYS = {"hashed": own_hash_key(), "as they are": own_hash_key() ^ 1, "asked by nobody": None}


def counted(ids: list[str | None], key: int | None) -> Tally:
    said = columns([{"id": identifier} for identifier in ids])
    return tally(said, window=None, request_ids=(), escalation_ids=(), hash_key=key)


def test_hashes_go_only_to_a_process_that_hashes_alike():
    ids: list[str | None] = ["é", "a", None, "b"]
    assert isinstance(counted(ids, KEYS["hashed"]).ids, bytes)
    assert counted(ids, KEYS["as they are"]).ids == ["é", "a", "b"]
    assert counted(ids, KEYS["asked by nobody"]).ids == ["é", "a", "b"]


@pytest.mark.parametrize("one", KEYS)
@pytest.mark.parametrize("other", KEYS)
def test_duplicates_are_found_across_blocks_however_their_ids_came(one, other):
    total = Total(request_ids=(), escalation_ids=())
    total.add(counted([f"e{number}" for number in range(500)], KEYS[one]))
    total.add(counted([None, "e7", "e8", "e8", "new", "größe"], KEYS[other]))
    assert total.facts("").duplicate_ids == 3
