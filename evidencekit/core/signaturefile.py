"""The files of ``signatures/``: each opened with the key that its name stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evidencekit.core.dsse import Signed, open_signed
from evidencekit.core.names import TAGMANIFEST
from evidencekit.core.publickey import PublicKey
from evidencekit.core.sshsig import verify_sshsig
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFile:
    """One file of ``signatures/``, and what opening it with the trusted keys gave."""

    name: str
    opened: Signed | PublicKey | EvidenceError  # Signed for DSSE, the key for its companions

    @property
    def signer_id(self) -> str:
        """The 16 hex digits that it is named after."""
        return self.name.removeprefix("signatures/")[:16]


def open_signatures(
    documents: Mapping[str, bytes], keys: Sequence[PublicKey]
) -> tuple[SignatureFile, ...]:
    """Return every file of ``signatures/`` among the members of a bundle, opened with ``keys``.

    Envelopes come first: a time-stamp file is compared with what its envelope holds.
    """
    names = [name for name in documents if name.startswith("signatures/")]
    opened: dict[str, Signed | PublicKey | EvidenceError] = {}
    for name in sorted(names, key=lambda name: not name.endswith(".sigstore.json")):
        try:
            opened[name] = _open(name, documents, keys, opened)
        except EvidenceError as error:
            opened[name] = error
    return tuple(SignatureFile(name=name, opened=opened[name]) for name in names)


def _open(
    name: str,
    documents: Mapping[str, bytes],
    keys: Sequence[PublicKey],
    opened: Mapping[str, Signed | PublicKey | EvidenceError],
) -> Signed | PublicKey:
    """Open one signature file with the trusted key that its name stands for."""
    signer_id, _, kind = name.removeprefix("signatures/").partition(".")
    envelope = f"signatures/{signer_id}.sigstore.json"
    if envelope not in documents:
        told = f"{name}: stands alone, without the signer's {envelope}"
        raise RejectedError("signature.no-envelope", told)
    key = _key(name, signer_id, keys)
    covered = documents.get(TAGMANIFEST, b"")
    match kind:
        case "sigstore.json":
            return open_signed(documents[name], key, what=name)
        case "sig":
            key.verify(documents[name], covered, what=name)
        case "sshsig":
            verify_sshsig(documents[name], covered, key, what=name)
        case _:
            _check_copy(name, documents[name], opened[envelope])
    return key


def _check_copy(name: str, token: bytes, envelope: Signed | PublicKey | EvidenceError) -> None:
    """Raise unless a ``.tsr`` file is a copy of a time-stamp that its envelope holds."""
    if isinstance(envelope, EvidenceError):
        raise envelope
    if not isinstance(envelope, Signed) or token not in envelope.tokens:
        told = f"{name}: is not one of the time-stamps in the signer's envelope"
        raise RejectedError("signature.time-stamp-copy", told)


def _key(name: str, signer_id: str, keys: Sequence[PublicKey]) -> PublicKey:
    """Return the key that a signature file is named after; the name is a hint, the key decides."""
    for key in keys:
        if key.signer_id == signer_id:
            return key
    if not keys:
        raise UndecidedError("trust.none", f"{name}: no trusted key was given")
    known = ", ".join(key.fingerprint for key in keys)
    raise UndecidedError("signature.unknown-key", f"{name}: not by a key you trust ({known})")
