"""Tracebacks of our own faults and of users who interrupt: no header, no token, no link."""

import traceback

import pytest

from evidencekit.core.jobs import ExportRequest
from evidencekit.edges.api import Api
from evidencekit.edges.pull import pull

TOKEN = "canary-7f3a9c-token"


@pytest.mark.parametrize("moment", range(4))
@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, MemoryError])
def test_an_exception_in_the_middle_shows_no_secret(torture, authority, moment, kind):
    """SEC-04: forced where the client is busiest; nothing stands under the final name then."""
    server = torture.api(lambda *_: None)
    told = []

    def fail(*what):
        told.append(what)
        if len(told) > moment:
            raise kind("forced")

    path = torture.folder / "e.json"
    api = Api.from_url(server.url, TOKEN, ca_file=authority)
    try:
        pull(api, ExportRequest(format="json", window="24h"), path, progress=fail)
    except kind as error:
        shown = "".join(traceback.TracebackException.from_exception(error).format())
        assert "canary" not in shown
        assert not path.exists()
    else:
        assert path.read_bytes() == torture.body
    left = b"".join(file.read_bytes() for file in torture.folder.iterdir())
    assert b"canary" not in left
    assert "canary" not in torture.log.getvalue()
