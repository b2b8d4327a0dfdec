"""The manifest, the receipt and the texts of the bag: checksum files, ``bag-info.txt``.

Only ``json.*``, ``manifest.*``, ``receipt.*``, ``checksums.*``, ``container.name`` and ``bag.*``
refusals. There is one form of bytes for all but the receipt: what is accepted is written as the
very same bytes, says what Python's ``json`` or a split at the line ends finds, and follows the
manifest's schema to the reference engine too. A manifest that is accepted can be shown: its pages
render, with no character that would act in a terminal.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from hashlib import sha256

import jsonschema

from evidencekit import resources
from evidencekit.core import bag, strict_json
from evidencekit.core.manifest import Manifest
from evidencekit.core.receipt import Receipt
from evidencekit.core.visible import hidden_to
from evidencekit.edges.render import render_pages
from evidencekit.errors import RejectedError
from fuzz import HOME
from fuzz.jsonchange import changed_json, respelled
from fuzz.oracle import Inner, asked, put, spot

MAX_LEN = 8_192
CORPUS = HOME.parents[1].parent / "shared/corpora/bagit-conformance"
BUNDLES = HOME.parent / "bundles" / "good"
TEXTS = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")
DICTIONARY = (
    *(
        b"  ",
        b" *",
        b"\n",
        b"\r\n",
        b"../",
        b"data/",
        b"%0A",
        b"Payload-Oxum: ",
        b"\\u202e",
        b"\\u001b",
    ),
    *(b'"facts"', b'"query"', b'"timeline"', b'"previous"', b'"attachments"', b"0.0", b"1e1"),
)


def one_input(data: bytes) -> None:
    """Read the input as each of the files that it might be."""
    if data.lstrip()[:1] == b"{":
        _manifest(data)
        _receipt(data)
        return
    _bag_info(data)
    _checksums(data)
    _, refusal = asked(lambda: bag.check_bagit_txt(data), RejectedError, ("bag",))
    assert (refusal is None) is (data == bag.BAGIT_TXT)


def _manifest(data: bytes) -> None:
    manifest, _ = asked(lambda: Manifest.from_bytes(data), RejectedError, ("json", "manifest"))
    if manifest is None:
        return
    document = json.loads(data)
    assert manifest.to_bytes() == data
    assert Manifest.from_bytes(data) == manifest
    assert document == json.loads(json.dumps(manifest.to_json()))
    assert _schema().is_valid(document), "the reference engine refuses it"
    assert len(manifest.signer_id) == 16
    for name, page in render_pages(document).items():
        text = page.decode().replace("\n", "")
        assert hidden_to(lambda char: f"<{ord(char):x}>", text) == text, f"{name} hides something"


def _receipt(data: bytes) -> None:
    receipt, _ = asked(lambda: Receipt.from_bytes(data), RejectedError, ("json", "receipt"))
    if receipt is not None:
        assert Receipt.from_bytes(receipt.to_bytes()) == receipt, "reads back as something else"


@cache
def _schema() -> jsonschema.Draft202012Validator:
    document = json.loads(resources.schema("manifest.v1.schema.json"))
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(document, format_checker=formats)


def _bag_info(data: bytes) -> None:
    info, _ = asked(lambda: bag.BagInfo.from_bytes(data), RejectedError, ("bag",))
    if info is None:
        return
    assert info.to_bytes() == data
    lines = [line.partition(": ") for line in data.decode("ascii").splitlines()]  # RFC 8493, 2.2.2
    oxum = f"{info.octets}.{info.streams}"
    assert [value for _, _, value in lines] == [info.identifier, info.date, info.agent, oxum]
    assert set(asdict(info).values()) >= {info.identifier}


def _checksums(data: bytes) -> None:
    def call() -> dict[str, str]:
        return bag.parse_checksums(data)

    found, _ = asked(call, RejectedError, ("checksums", "container"))
    if found is None:
        return
    assert bag.checksums(found) == data
    naive = [line.split(None, 1)[::-1] for line in data.decode().splitlines()]  # RFC 8493, 2.1.3
    assert naive == [list(pair) for pair in found.items()]
    assert not any(".." in name or name.startswith("/") for name in found)


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield the manifests and bag texts of the good bundles."""
    for folder in sorted(path for path in BUNDLES.iterdir() if path.is_dir()):
        yield f"{folder.name}-manifest", (folder / "data/manifest.json").read_bytes()
    yield "receipt", (HOME.parents[1] / "samples/export.json.receipt.json").read_bytes()
    for name in TEXTS:
        yield name, (folder / name).read_bytes()
    digest = sha256(b"").hexdigest()
    yield "two-lines", f"{digest}  a/b\n{digest}  a/c\n".encode()


def foreign() -> Iterator[tuple[str, bytes]]:
    """Yield the tag files of the BagIt conformance suite; nothing where it is not there."""
    for path in sorted(CORPUS.rglob("*.txt")):
        if path.is_file() and path.stat().st_size <= MAX_LEN and path.parent.name != "data":
            yield f"{path.parent.name}-{path.name}", path.read_bytes()


def mutate(data: bytes, max_size: int, rng: random.Random, inner: Inner) -> bytes:
    """Change a manifest as a document and write it in its one form, or just change bytes."""
    choice = rng.random()
    if data.lstrip()[:1] != b"{":
        return put(data, rng.choice(DICTIONARY), rng) if choice < 0.5 else inner(data, max_size)
    if choice < 0.15:
        return spot(data, rng, inner)
    if choice < 0.25:
        return put(data, rng.choice(DICTIONARY), rng)
    try:
        if choice < 0.3:
            return respelled(json.loads(data), rng)
        document = changed_json(json.loads(data), rng, inner)
        return strict_json.dumps(document)
    except (ValueError, RecursionError):
        return spot(data, rng, inner)
