"""A fire drill: tamper with copies of a bundle in every way, and see which verifier notices."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evidencekit.core.dsse import Signed
from evidencekit.core.names import TAGMANIFEST
from evidencekit.core.publickey import PublicKey
from evidencekit.core.report import Report
from evidencekit.core.tamperings import TAMPERINGS, Changes, Members
from evidencekit.edges.container import open_bundle
from evidencekit.edges.folder import write_folder
from evidencekit.edges.foreign import opinions
from evidencekit.edges.keys import load_signer, new_key
from evidencekit.edges.trust import Trust
from evidencekit.progress import Progress
from evidencekit.signing import signature_files
from evidencekit.verifier import Verification, verify

OURS = "evidencekit"
WHOLE, STRANGER = "nothing: the bundle as it is", "everything signed anew by another key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One tampering, and which verifiers noticed it: True where one refuses."""

    tampering: str
    noticed: Mapping[str, bool]
    code: str | None  # of our first fault
    absent: tuple[str, ...] = ()  # files that our report says are gone, by their endings

    @property
    def is_told(self) -> bool:
        """Whether our report refuses the bundle, or says what is missing from it."""
        return self.noticed[OURS] or bool(self.absent)

    def to_json(self) -> dict[str, object]:
        """Return the row as JSON data."""
        told = {"code": self.code, "absent": list(self.absent), "noticed": dict(self.noticed)}
        return {"tampering": self.tampering, **told}


def drill(
    bundle: Path,
    *,
    trust: Trust,
    at: int,
    schema: bytes | None = None,
    progress: Progress | None = None,
) -> tuple[Row, ...]:
    """Return a row for the bundle as it is, and one for each tampering with a private copy.

    The bundle, which is read into memory, must be accepted as it is: raises its verdict if not.
    ``progress`` gets the number of rows that are done, and of all.
    """
    verified = verify(bundle, trust=trust, at=at, schema=schema)
    found = verified.examination
    if verified.manifest is None or found is None:
        told = f"bundle: {verified.report.verdict_line}"
        raise verified.report.refusal("verify.not-accepted", told)
    keys = [one.opened.key for one in found.signatures if isinstance(one.opened, Signed)]
    with open_bundle(bundle) as opened:
        members = {name: opened.open(name).readall() for name in opened.names}
    rows: list[Row] = []
    for name, changes in _changes(members, verified):
        copy = {n: data for n, data in {**members, **changes}.items() if data is not None}
        row = _row(name, copy, keys, trust=trust, at=at, schema=schema)
        before = rows[0].absent if rows else ()
        gone = tuple(kind for kind in row.absent if kind not in before)
        rows.append(replace(row, absent=gone))
        if progress:
            progress("tampering", len(rows), len(TAMPERINGS) + 2)
    return tuple(rows)


def _changes(members: Members, verified: Verification) -> Iterator[tuple[str, Changes]]:
    yield WHOLE, {}
    for tampering in TAMPERINGS:
        if changes := tampering.change(members):
            yield tampering.name, changes
    yield STRANGER, _by_a_stranger(members, verified)


def _by_a_stranger(members: Members, verified: Verification) -> Changes:
    """Return signatures by a key that is made for it and forgotten."""
    if verified.manifest is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="evidencekit-") as scratch:
        new_key(Path(scratch, "key"), None)
        signer = load_signer(Path(scratch, "key"))
    now = 1_767_225_600_000_000_000  # 2026-01-01, so that a drill is the same every time
    files = signature_files(members[TAGMANIFEST], verified.manifest, signer=signer, now=now)
    gone: Changes = dict.fromkeys(name for name in members if name.startswith("signatures/"))
    return {**gone, **files}


def _row(  # noqa: PLR0913  (each is one part of the question)
    name: str,
    members: Members,
    keys: list[PublicKey],
    *,
    trust: Trust,
    at: int,
    schema: bytes | None,
) -> Row:
    with tempfile.TemporaryDirectory(prefix="evidencekit-") as scratch:
        copy = Path(scratch, "bundle")
        copy.mkdir()
        write_folder(copy, members)
        report = verify(copy, trust=trust, at=at, schema=schema, jobs=1).report
        noticed = {OURS: report.exit_code != 0}
        for one in opinions(copy, keys, Path(scratch, "keys")):
            noticed[one.tool] = noticed.get(one.tool, False) or one.accepts is not True
    codes = [fault.code for check in report.checks for fault in check.faults]
    absent = _absent(report)
    return Row(tampering=name, noticed=noticed, code=codes[0] if codes else None, absent=absent)


def _absent(report: Report) -> tuple[str, ...]:
    """Return which companions of a signature an accepted report names as absent, by ending."""
    found: Any = report.subject.get("signatures", ())
    return tuple(dict.fromkeys(kind for one in found for kind in one["absent"]))
