"""The trust file: whom the receiver trusts, for what and when. Read here, judged by in core."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from evidencekit.core.publickey import PublicKey
from evidencekit.core.trusted import (
    Authority,
    Policy,
    TrustedSigner,
    check_signers,
    parse_trust,
)
from evidencekit.edges.files import read_limited, shown
from evidencekit.edges.keys import load_public_key
from evidencekit.limits import MAX_TRUST_FILE_BYTES

_OTHERS_MAY_WRITE = 0o022


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom the receiver trusts: at least one signer, each with a name and a key of its own."""

    signers: tuple[TrustedSigner, ...]
    authorities: tuple[Authority, ...] = ()
    policy: Policy = field(default_factory=Policy)
    sha256: str | None = None  # of the file, so that a report can say what it judged by

    def __post_init__(self) -> None:
        check_signers(self.signers, "trust")

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a trust file (TOML) or an OpenSSH ``allowed_signers`` file.

        Raises ``UndecidedError`` with ``trust.*`` codes for one that is missing, malformed, empty,
        holds anything unknown, or may be written by others.
        """
        data = read_limited(
            path, limit=MAX_TRUST_FILE_BYTES, family="trust", refused_mode=_OTHERS_MAY_WRITE
        )
        digest = hashlib.sha256(data).hexdigest()
        if not _is_toml(data):
            from evidencekit.core.allowedsigners import (  # noqa: PLC0415  (start-up)
                parse_allowed_signers,
            )

            signers = parse_allowed_signers(data, what=shown(path))
            return cls(signers=signers, sha256=digest)
        signers, authorities, policy = parse_trust(data, what=shown(path))
        return cls(signers=signers, authorities=authorities, policy=policy, sha256=digest)

    @classmethod
    def from_keys(cls, paths: Iterable[Path]) -> Self:
        """Trust these public key files without conditions, each under its fingerprint."""
        return cls(signers=_unconditional(paths))

    def with_keys(self, paths: Iterable[Path]) -> Self:
        """Return this trust with more keys. A key that the file names keeps its conditions."""
        known = set(self.keys)
        more = (signer for signer in _unconditional(paths) if signer.key not in known)
        return replace(self, signers=(*self.signers, *more))

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        """Every key that is named, whatever its conditions."""
        return tuple(signer.key for signer in self.signers)


def _unconditional(paths: Iterable[Path]) -> tuple[TrustedSigner, ...]:
    keys = dict.fromkeys(load_public_key(path) for path in paths)
    return tuple(TrustedSigner(name=key.fingerprint, key=key) for key in keys)


def _is_toml(data: bytes) -> bool:
    """Tell by the first line that is no comment: ours begins with a table."""
    for line in data.splitlines():
        if line.strip() and not line.strip().startswith(b"#"):
            return line.strip().startswith(b"[")
    return True
