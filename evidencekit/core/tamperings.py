"""What somebody without the key may do to a bundle: each way as the members that it changes."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evidencekit.core.bag import checksums
from evidencekit.core.names import (
    BAG_INFO,
    CHECKSUMS,
    EXPORTS,
    MANIFEST,
    SCHEMA,
    SUMMARY_HTML,
    SUMMARY_MD,
    TAG_FILES,
    TAGMANIFEST,
    VERIFY_TXT,
)

Members = Mapping[str, bytes]
Changes = dict[str, bytes | None]  # None: taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampering:
    """One way to tamper: its name, and the members that it changes in a bundle's.

    No change where a bundle does not have what would be changed.
    """

    name: str
    change: Callable[[Members], Changes]


def _edited(data: bytes) -> bytes:
    """Return bytes with one letter or digit near the middle changed."""
    for place in range(len(data) // 2, len(data)):
        if data[place : place + 1].isalnum():
            other = b"1" if data[place : place + 1] != b"1" else b"2"
            return data[:place] + other + data[place + 1 :]
    return data + b"x"


def _export(members: Members) -> str:
    return next(name for name in EXPORTS if name in members)


def _signature(members: Members, kind: str) -> str | None:
    return next((name for name in sorted(members) if name.endswith(f".{kind}")), None)


def _rehashed(members: Members, changes: Changes) -> Changes:
    """Return changes and the checksums made anew over them, up to the root."""
    merged = {**members, **changes}
    present = {name: data for name, data in merged.items() if data is not None}
    listed = {n: _sha256(data) for n, data in present.items() if n.startswith("data/")}
    present[CHECKSUMS] = checksums(listed)
    tagged = {name: _sha256(present[name]) for name in TAG_FILES}
    return {**changes, CHECKSUMS: present[CHECKSUMS], TAGMANIFEST: checksums(tagged)}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _edit(name: Callable[[Members], str], *, rehash: bool = False) -> Callable[[Members], Changes]:
    def change(members: Members) -> Changes:
        changes: Changes = {name(members): _edited(members[name(members)])}
        return _rehashed(members, changes) if rehash else changes

    return change


def _cut(members: Members) -> Changes:
    name = _export(members)
    return {name: members[name][: len(members[name]) // 2]}


def _put(name: str, data: bytes, *, rehash: bool = False) -> Callable[[Members], Changes]:
    def change(members: Members) -> Changes:
        return _rehashed(members, {name: data}) if rehash else {name: data}

    return change


def _text(change: Callable[[bytes], bytes]) -> Callable[[Members], Changes]:
    return lambda members: {CHECKSUMS: change(members[CHECKSUMS])}


def _flipped(kind: str) -> Callable[[Members], Changes]:
    def change(members: Members) -> Changes:
        name = _signature(members, kind)
        if name is None:
            return {}
        data = members[name]
        place = len(data) // 2
        return {name: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]}

    return change


def _dropped(kind: str) -> Callable[[Members], Changes]:
    def change(members: Members) -> Changes:
        name = _signature(members, kind)
        return {} if name is None else {name: None}

    return change


def _statement(change: Callable[[dict[str, object]], None]) -> Callable[[Members], Changes]:
    """Return the change of an envelope whose DSSE part is changed."""

    def changed(members: Members) -> Changes:
        name = _signature(members, "sigstore.json")
        if name is None:
            return {}
        document = json.loads(members[name])
        change(document["dsseEnvelope"])
        return {name: json.dumps(document, indent=2).encode() + b"\n"}

    return changed


def _other_payload(dsse: dict[str, object]) -> None:
    payload = _edited(base64.b64decode(str(dsse["payload"])))
    dsse["payload"] = base64.b64encode(payload).decode()


def _unsigned(members: Members) -> Changes:
    return dict.fromkeys(name for name in members if name.startswith("signatures/"))


def _rootless(members: Members) -> Changes:
    return {TAGMANIFEST: None, BAG_INFO: _edited(members[BAG_INFO])}


def _always(name: str) -> Callable[[Members], str]:
    return lambda _members: name


TAMPERINGS = (
    Tampering(name="one byte of the export", change=_edit(_export)),
    Tampering(name="half of the export cut off", change=_cut),
    Tampering(name="one byte of the export, rehashed", change=_edit(_export, rehash=True)),
    Tampering(name="manifest edited", change=_edit(_always(MANIFEST))),
    Tampering(name="manifest edited, rehashed", change=_edit(_always(MANIFEST), rehash=True)),
    Tampering(name="page edited", change=_edit(_always(SUMMARY_HTML))),
    Tampering(name="page edited, rehashed", change=_edit(_always(SUMMARY_HTML), rehash=True)),
    Tampering(name="verify.txt edited", change=_edit(_always(VERIFY_TXT))),
    Tampering(name="file dropped", change=lambda _members: {SUMMARY_MD: None}),
    Tampering(name="file added", change=_put("data/notes.txt", b"x\n")),
    Tampering(name="file added and listed", change=_put("data/notes.txt", b"x\n", rehash=True)),
    Tampering(name="file added at the top", change=_put("notes.txt", b"x\n")),
    Tampering(name="key added", change=_put("signatures/signer.pub", b"ssh-ed25519 AAAA\n")),
    Tampering(name="fetch.txt added", change=_put("fetch.txt", b"http://127.0.0.1:9/x 1 data/x\n")),
    Tampering(name="schema replaced, rehashed", change=_put(SCHEMA, b"true\n", rehash=True)),
    Tampering(name="root dropped, bag-info edited", change=_rootless),
    Tampering(name="bag-info edited", change=_edit(_always(BAG_INFO))),
    Tampering(name="checksums with a comment", change=_text(lambda data: b"# fine\n" + data)),
    Tampering(name="checksums with CRLF", change=_text(lambda data: data.replace(b"\n", b"\r\n"))),
    Tampering(name="checksums without a line", change=_text(lambda data: data.partition(b"\n")[2])),
    Tampering(name="raw signature flipped", change=_flipped("sig")),
    Tampering(name="SSH signature flipped", change=_flipped("sshsig")),
    Tampering(name="raw signature dropped", change=_dropped("sig")),
    Tampering(name="SSH signature dropped", change=_dropped("sshsig")),
    Tampering(name="signed statement edited", change=_statement(_other_payload)),
    Tampering(
        name="envelope without a signature",
        change=_statement(lambda dsse: dsse.update(signatures=[])),
    ),
    Tampering(name="all signatures dropped", change=_unsigned),
)
