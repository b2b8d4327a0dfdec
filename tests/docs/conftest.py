"""The stand-in API, for pages and examples that pull."""

import pytest

from evidencekit.standin import StandIn


@pytest.fixture(scope="session")
def api():
    with StandIn() as standin:
        yield standin
