"""Write the trust file: add a signer or an authority, revoke a key, leave every other line alone.

What is to be written is read first: an edit says exactly what was asked, or does not happen. Two
edits at once happen one after the other, so that neither loses what the other wrote.
"""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evidencekit.core.instant import NANOSECONDS, format_instant
from evidencekit.core.trusted import Authority, TrustedSigner, certificates, parse_trust
from evidencekit.core.visible import visible
from evidencekit.edges import publish
from evidencekit.edges.files import read_limited, shown
from evidencekit.edges.lock import locked
from evidencekit.edges.trust import Trust
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_KEY_FILE_BYTES, MAX_TRUST_FILE_BYTES

_TABLE = re.compile(r"[ \t]*\[")
_SIGNER = re.compile(r"[ \t]*\[\[[ \t]*signer[ \t]*\]\]")


def add_signer(path: Path, signer: TrustedSigner) -> None:
    """Append a ``[[signer]]`` block; makes the file where there is none.

    Raises ``UndecidedError`` with ``trust.*`` or ``output.*`` codes; the file is then as it was.
    """
    with _editing(path) as (file, exists):
        before = Trust.from_file(file).signers if exists else ()
        text = f"{_text(file)}\n{_signer_block(signer)}".lstrip("\n")
        signers, _, _ = parse_trust(text.encode(), what=shown(path))
        if signers != (*before, signer):
            raise _not_said(path)
        _write(file, text, exists=exists)


def add_authority(
    path: Path,
    name: str,
    certificate: Path,
    *,
    valid_from: int | None = None,
    valid_until: int | None = None,
) -> Authority:
    """Append a ``[[timestamp-authority]]`` block with the certificates of a PEM file.

    The authority's own certificate comes first, then those that issued it.
    """
    pem = read_limited(certificate, limit=MAX_KEY_FILE_BYTES, family="trust")
    authority = Authority(
        name=name,
        certificates=certificates(pem, shown(certificate)),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    block = ["[[timestamp-authority]]", f"name = {_quoted(name)}", 'certificate = """']
    block += [*pem.decode("ascii", "replace").strip().splitlines(), '"""']
    block += [*_times(authority), ""]
    with _editing(path) as (file, exists):
        before = Trust.from_file(file).authorities
        text = _text(file) + "\n" + "\n".join(block)
        _, authorities, _ = parse_trust(text.encode(), what=shown(path))
        if authorities != (*before, authority):
            raise _not_said(path)
        _write(file, text, exists=exists)
    return authority


def revoke(path: Path, which: str, *, at: int, reason: str) -> TrustedSigner:
    """Write into the block of a signer, named or by fingerprint, that its key is revoked.

    ``at`` is cut to a whole second: TOML's times are coarser than ours.
    """
    at -= at % NANOSECONDS
    with _editing(path) as (file, exists):
        before = Trust.from_file(file).signers
        place = _place(before, which, path)
        wanted = replace(before[place], revoked_at=at, revoked_reason=reason)
        added = [f"revoked-at = {format_instant(at)}", f"revoked-reason = {_quoted(reason)}"]
        text = _insert(_text(file), place, added)
        after, _, _ = parse_trust(text.encode(), what=shown(path))
        if after != (*before[:place], wanted, *before[place + 1 :]):
            raise _not_said(path)
        _write(file, text, exists=exists)
    return wanted


@contextlib.contextmanager
def _editing(path: Path) -> Iterator[tuple[Path, bool]]:
    """Yield the file behind the path, links followed, and whether it exists; nobody else edits."""
    file = Path(os.path.realpath(path))
    exists = os.path.lexists(file)  # asked once: whoever makes it meanwhile keeps what they wrote
    if not exists or not file.is_file():
        yield file, exists
        return
    with locked(file):
        yield file, True


def _write(file: Path, text: str, *, exists: bool) -> None:
    """Write the file in one step. One that is there keeps its mode; one that appeared, its text."""
    mode = file.stat().st_mode & 0o777 if exists else publish.FILE_MODE
    publish.write_file(file, text.encode(), mode=mode, force=exists)


def _place(signers: Sequence[TrustedSigner], which: str, path: Path) -> int:
    found = [n for n, s in enumerate(signers) if which in {s.name, s.key.fingerprint}]
    if not found:
        raise UndecidedError("trust.unknown-name", f"{shown(path)}: no signer {visible(which)}")
    if signers[found[0]].revoked_at is not None:
        told = f"{visible(which)} is revoked already"
        raise UndecidedError("trust.revoked", f"{shown(path)}: {told}")
    return found[0]


def _insert(text: str, place: int, added: list[str]) -> str:
    """Return the text with lines at the end of its ``place``-th signer block."""
    lines = text.splitlines()
    heads = [n for n, line in enumerate(lines) if _SIGNER.match(line)]
    if place >= len(heads):
        return text  # written in some other way; reading it again will tell
    end = heads[place] + 1
    while end < len(lines) and not _TABLE.match(lines[end]):
        end += 1
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1  # what stands between two blocks belongs to the next
    return "\n".join([*lines[:end], *added, *lines[end:], ""])


def _signer_block(signer: TrustedSigner) -> str:
    lines = ["[[signer]]", f"name = {_quoted(signer.name)}"]
    lines.append(f"key = {_quoted(signer.key.to_openssh())}")
    lines += _times(signer)
    for name, texts in (("environments", signer.environments), ("roles", signer.roles)):
        if texts:
            lines.append(f"{name} = [{', '.join(map(_quoted, texts))}]")
    return "\n".join([*lines, ""])


def _times(entry: TrustedSigner | Authority) -> list[str]:
    times = ("valid-from", entry.valid_from), ("valid-until", entry.valid_until)
    return [f"{name} = {format_instant(at)}" for name, at in times if at is not None]


def _quoted(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _text(path: Path) -> str:
    if not os.path.lexists(path):
        return ""
    return read_limited(path, limit=MAX_TRUST_FILE_BYTES, family="trust").decode("utf-8")


def _not_said(path: Path) -> UndecidedError:
    hint = "edit it by hand; it is written in a way that this tool does not edit"
    return UndecidedError("trust.edit", f"{shown(path)}: the edit would not say that", hint=hint)
