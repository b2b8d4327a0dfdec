"""The BagIt texts of a bundle (RFC 8493), written in one form and read back in that form only.

The SHA-256 of ``tagmanifest-sha256.txt`` is the root: it covers the other tag files, one of which,
``manifest-sha256.txt``, covers every byte below ``data/``. Signatures cover the root and lie
outside it.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from evidencekit.core.names import BAG_INFO, BAGIT, CHECKSUMS, TAGMANIFEST, check_name
from evidencekit.core.visible import visible
from evidencekit.errors import RejectedError

BAGIT_TXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_LINE = re.compile(r"([0-9a-f]{64})  ([!-~]+)")
_INFO = re.compile(
    rb"External-Identifier: (?P<identifier>[a-z0-9][a-z0-9._-]*)\n"
    rb"Bagging-Date: (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})\n"
    rb"Bag-Software-Agent: (?P<agent>[ -~]{1,100})\n"
    rb"Payload-Oxum: (?P<octets>0|[1-9][0-9]{0,15})\.(?P<streams>[1-9][0-9]{0,7})\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BagInfo:
    """What ``bag-info.txt`` says; one that was read is of the one form that is written."""

    identifier: str  # the bundle id
    date: str
    agent: str
    octets: int  # bytes of the payload, as listed when the bag was made
    streams: int  # files of the payload

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read ``bag-info.txt``. Raises ``RejectedError`` ``bag.info``."""
        found = _INFO.fullmatch(data)
        if not found:
            raise RejectedError("bag.info", f"{BAG_INFO}: is not the four lines in their one form")
        identifier, date, agent = (found[name].decode() for name in ("identifier", "date", "agent"))
        octets, streams = int(found["octets"]), int(found["streams"])
        return cls(identifier=identifier, date=date, agent=agent, octets=octets, streams=streams)

    def to_bytes(self) -> bytes:
        """Return the file's bytes."""
        return (
            f"External-Identifier: {self.identifier}\n"
            f"Bagging-Date: {self.date}\n"
            f"Bag-Software-Agent: {self.agent}\n"
            f"Payload-Oxum: {self.octets}.{self.streams}\n"
        ).encode()


def check_bagit_txt(data: bytes) -> None:
    """Raise ``RejectedError`` ``bag.declaration`` unless ``bagit.txt`` is as BagIt 1.0 has it."""
    if data != BAGIT_TXT:
        raise RejectedError("bag.declaration", f"{BAGIT}: is not the two lines of BagIt 1.0")


def checksums(digests: Mapping[str, str]) -> bytes:
    """Return a checksum file, as ``sha256sum -c`` reads it: digest and name, sorted by name."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def parse_checksums(data: bytes, what: str = CHECKSUMS) -> dict[str, str]:
    """Return name and SHA-256 of each line of a file that :func:`checksums` could have written.

    Raises ``RejectedError`` ``checksums.syntax``, or ``container.name`` for what is no member's.
    """
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _fault(what, "holds a byte that is not ASCII") from None
    if lines.pop():
        raise _fault(what, "does not end in a line end")
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if not match:
            told = f"line {number} is {visible(line)!r}, not 64 hex digits, two spaces and a name"
            raise _fault(what, told)
        check_name(match[2])
        if match[2] in found:
            raise _fault(what, f"line {number} lists {match[2]} a second time")
        found[match[2]] = match[1]
    if checksums(found) != data:
        raise _fault(what, "is not sorted by name")
    return found


def root(tagmanifest: bytes) -> str:
    """Return the root of a bundle: the SHA-256 of its tag manifest, in hex."""
    return hashlib.sha256(tagmanifest).hexdigest()


def tag_files(
    bundle_id: str,
    created_at: str,
    tool_version: str,
    sizes: Mapping[str, int],
    digests: Mapping[str, str],
) -> dict[str, bytes]:
    """Return the four tag files over a payload: size and SHA-256 of every name below ``data/``."""
    info = BagInfo(
        identifier=bundle_id,
        date=created_at[:10],
        agent=f"evidencekit {tool_version}",
        octets=sum(sizes[name] for name in digests),
        streams=len(digests),
    )
    files = {BAG_INFO: info.to_bytes(), BAGIT: BAGIT_TXT, CHECKSUMS: checksums(digests)}
    tagged = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return files | {TAGMANIFEST: checksums(tagged)}


def _fault(what: str, told: str) -> RejectedError:
    return RejectedError("checksums.syntax", f"{what}: {told}")
