"""The stand-in API and a time-stamp authority, for pages and examples that ask them."""

import shutil

import pytest
from authority import Authority

from evidencekit.standin import StandIn


@pytest.fixture(scope="session")
def api():
    with StandIn() as standin:
        yield standin


@pytest.fixture(scope="session")
def tsa(tmp_path_factory):
    if shutil.which("openssl") is None:
        yield None
        return
    authority = Authority(tmp_path_factory.mktemp("tsa"))
    yield authority
    authority.close()
