"""A small whole bundle in both forms, and what a refusal says."""

import hashlib
import io

import pytest

from evidencekit.core.bag import tag_files
from evidencekit.edges.container import open_bundle
from evidencekit.edges.folder import write_folder
from evidencekit.edges.zipwrite import write_zip
from evidencekit.errors import EvidenceError

BASE = "evidence-production-1"
KEY = "0123456789abcdef"


def whole() -> dict[str, bytes]:
    """Every member of a bundle; the checksums are right, the signatures are only names."""
    payload = {
        "data/attachments/incident-report.pdf": b"%PDF-1.4 " + bytes(range(256)),
        "data/export/events.json": b"[" + b'{"id":"e-1","verdict":"allow"},' * 9 + b"{}]",
        "data/manifest.json": b'{"format":"evidencekit-manifest/1"}\n',
        "data/schema/event.schema.json": b"{}\n",
        "data/summary.html": b"<!doctype html>\n",
        "data/summary.md": b"# Evidence\n",
        "data/verify.txt": b"sha256sum -c manifest-sha256.txt\n",
    }
    sizes = {name: len(data) for name, data in payload.items()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in payload.items()}
    tags = tag_files(BASE, "2026-04-23T00:04:11Z", "0.1.0", sizes, digests)
    signatures = {f"signatures/{KEY}.{kind}": b"x" * 64 for kind in ("sig", "sigstore.json")}
    return {**payload, **tags, **signatures}


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    write_zip(file, BASE, members)
    return file.getvalue()


def read_all(bundle):
    """Return every member's bytes, or the code of the first refusal; a container fault is one."""
    try:
        with open_bundle(bundle) as opened:
            for fault in opened.faults:
                raise fault
            found = {name: opened.open(name).readall() for name in opened.names}
            assert {name: len(data) for name, data in found.items()} == {
                name: opened.size(name) for name in opened.names
            }
            return found
    except EvidenceError as error:
        return error.code if str(error).count("\n") == 0 else "more than one line"


@pytest.fixture(name="whole")
def _whole():
    return whole()


@pytest.fixture(name="zipped")
def _zipped():
    return packed(whole())


@pytest.fixture(name="read_all")
def _read_all():
    return read_all


@pytest.fixture(name="packed")
def _packed():
    return packed


@pytest.fixture
def folder(tmp_path, whole):
    path = tmp_path / BASE
    path.mkdir()
    write_folder(path, whole)
    return path
