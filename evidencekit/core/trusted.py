"""Whom a receiver trusts: the values of a trust file, and how its TOML is read.

The trust file belongs to the receiver, so whatever is wrong with it leaves everything undecided.
Nothing in it is guessed and nothing unknown is skipped: a rule that is not understood may matter.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from evidencekit.core.instant import MAX_INSTANT, MIN_INSTANT, NANOSECONDS
from evidencekit.core.publickey import PublicKey
from evidencekit.core.visible import visible
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_SIGNERS

COMPROMISED = "key-compromise"
REASONS = (COMPROMISED, "superseded", "left", "unspecified")
_POLICY = {"signatures-required", "roles-required", "timestamp"}
_POLICY |= {"maximum-age-days", "minimum-format", "schemas"}
_MAX_DAYS = 36_500
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
TIMESTAMP_RULES = ("optional", "required")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedSigner:
    """A key, and under which conditions its signatures count. Instants are nanoseconds."""

    name: str
    key: PublicKey
    valid_from: int | None = None
    valid_until: int | None = None  # not inside
    revoked_at: int | None = None
    revoked_reason: str = "unspecified"  # "key-compromise": earlier signatures do not count either
    environments: tuple[str, ...] = ()  # none: any
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A time-stamp authority: its certificates as DER, its own first, then its issuers."""

    name: str
    certificates: tuple[bytes, ...]
    valid_from: int | None = None
    valid_until: int | None = None  # not inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What must come together."""

    signatures_required: int = 1  # by distinct keys
    roles_required: tuple[str, ...] = ()  # each by another key
    timestamp: str = "optional"  # or "required"
    maximum_age: int | None = None  # of a signature when it is judged, in nanoseconds
    minimum_format: int = 1  # of the bundle
    schemas: tuple[str, ...] = ()  # SHA-256 of the event schemas that may be used; none: any


Parts = tuple[tuple[TrustedSigner, ...], tuple[Authority, ...], Policy]


def parse_trust(data: bytes, *, what: str = "trust file") -> Parts:
    """Return signers, authorities and policy. Raises ``UndecidedError`` with ``trust.*`` codes."""
    import tomllib  # noqa: PLC0415  (start-up)

    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):  # the parser's words may quote the file
        raise UndecidedError("trust.syntax", f"{what}: is not TOML") from None
    _closed(document, {"signer", "timestamp-authority", "policy"}, what)
    signers = tuple(_signer(*entry) for entry in _tables(document, "signer", what))
    authorities = tuple(
        _authority(*entry) for entry in _tables(document, "timestamp-authority", what)
    )
    policy = document.get("policy", {})
    if not isinstance(policy, dict):
        raise _fault("value", f"{what} [policy]", "is not a table")
    check_signers(signers, what)
    return signers, authorities, _policy(policy, f"{what} [policy]")


def check_signers(signers: Collection[TrustedSigner], what: str) -> None:
    """Return if there are signers, each with a name and a key of its own."""
    if not signers:
        raise UndecidedError("trust.empty", f"{what}: names no signer, so nobody is trusted")
    for kind, values in (
        ("name", [signer.name for signer in signers]),
        ("key", [signer.key.fingerprint for signer in signers]),
    ):
        for value in values:
            if values.count(value) > 1:
                told = f"the {kind} {visible(value)} is there twice"
                raise UndecidedError("trust.duplicate", f"{what}: {told}")


def _signer(table: Mapping[str, Any], where: str) -> TrustedSigner:
    times = {"valid-from", "valid-until", "revoked-at"}
    _closed(table, {"name", "key", "revoked-reason", "environments", "roles"} | times, where)
    revoked_at, reason = _instant(table, "revoked-at", where), _text(table, "revoked-reason", where)
    if reason is not None and (reason not in REASONS or revoked_at is None):
        told = f"revoked-reason is one of {', '.join(REASONS)}, and needs revoked-at"
        raise _fault("value", where, told)
    valid_from, valid_until = _period(table, where)
    return TrustedSigner(
        name=_needed(table, "name", where),
        key=_key(_needed(table, "key", where), where),
        valid_from=valid_from,
        valid_until=valid_until,
        revoked_at=revoked_at,
        revoked_reason=reason or "unspecified",
        environments=_texts(table, "environments", where),
        roles=_texts(table, "roles", where),
    )


def _authority(table: Mapping[str, Any], where: str) -> Authority:
    _closed(table, {"name", "certificate", "valid-from", "valid-until"}, where)
    valid_from, valid_until = _period(table, where)
    return Authority(
        name=_needed(table, "name", where),
        certificates=certificates(_needed(table, "certificate", where).encode(), where),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _policy(table: Mapping[str, Any], where: str) -> Policy:
    _closed(table, _POLICY, where)
    count = _number(table, "signatures-required", MAX_SIGNERS, where) or 1
    days = _number(table, "maximum-age-days", _MAX_DAYS, where)
    timestamp = table.get("timestamp", "optional")
    if timestamp not in TIMESTAMP_RULES:
        raise _fault("value", where, f"timestamp is not one of {', '.join(TIMESTAMP_RULES)}")
    schemas = _texts(table, "schemas", where)
    if not all(map(_SHA256.fullmatch, schemas)):
        raise _fault("value", where, "schemas is not a list of SHA-256 digests in hex")
    return Policy(
        signatures_required=count,
        roles_required=_texts(table, "roles-required", where),
        timestamp=timestamp,
        maximum_age=None if days is None else days * 86_400 * NANOSECONDS,
        minimum_format=_number(table, "minimum-format", 1_000, where) or 1,
        schemas=schemas,
    )


def certificates(pem: bytes, where: str) -> tuple[bytes, ...]:
    """Return the certificates of a PEM file as DER, in its order."""
    from evidencekit.core.authority import read_pem  # noqa: PLC0415  (x509)

    try:
        return read_pem(pem)
    except ValueError:
        raise _fault("certificate", where, "holds no readable PEM certificate") from None


def _key(text: str, where: str) -> PublicKey:
    try:
        return PublicKey.from_bytes(text.encode(), what=where)
    except UndecidedError as error:
        raise UndecidedError("trust.key", str(error), hint=error.hint) from None


def _tables(document: Mapping[str, Any], name: str, what: str) -> list[tuple[dict[str, Any], str]]:
    """Return the tables of that name, each with where it is."""
    tables = document.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _fault("value", what, f"{name} is not written as [[{name}]]")
    return [(table, f"{what} [[{name}]] {at}") for at, table in enumerate(tables, 1)]


def _closed(table: Mapping[str, Any], names: set[str], where: str) -> None:
    for name in sorted(set(table) - names):
        told = f"{visible(name)} is not known; known are {', '.join(sorted(names))}"
        raise _fault("unknown-name", where, told)


def _needed(table: Mapping[str, Any], name: str, where: str) -> str:
    value = _text(table, name, where)
    if value is None:
        raise _fault("value", where, f"{name} is missing")
    return value


def _text(table: Mapping[str, Any], name: str, where: str) -> str | None:
    value = table.get(name)
    if value is None or (isinstance(value, str) and value):
        return value
    raise _fault("value", where, f"{name} is not a text")


def _texts(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """Return a list of texts; an empty list is refused, since it reads as "none" and as "any"."""
    if name not in table:
        return ()
    value = table[name]
    if isinstance(value, list) and value and all(isinstance(text, str) and text for text in value):
        return tuple(value)
    raise _fault("value", where, f"{name} is not a list of texts")


def _number(table: Mapping[str, Any], name: str, most: int, where: str) -> int | None:
    value = table.get(name)
    if value is None or (type(value) is int and 1 <= value <= most):
        return value
    raise _fault("value", where, f"{name} is not a number from 1 to {most:,}")


def _period(table: Mapping[str, Any], where: str) -> tuple[int | None, int | None]:
    start, end = _instant(table, "valid-from", where), _instant(table, "valid-until", where)
    if start is not None and end is not None and end <= start:
        raise _fault("value", where, "valid-until is not after valid-from")
    return start, end


def _instant(table: Mapping[str, Any], name: str, where: str) -> int | None:
    value = table.get(name)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        told = f"{name} is not a time with an offset, such as 2026-01-01T00:00:00Z, unquoted"
        raise _fault("value", where, told)
    instant = (value - _EPOCH) // timedelta(microseconds=1) * (NANOSECONDS // 1_000_000)
    if not MIN_INSTANT <= instant <= MAX_INSTANT:
        raise _fault("value", where, f"{name} is outside the years 1 to 9999 of UTC")
    return instant


def _fault(what: str, where: str, told: str) -> UndecidedError:
    return UndecidedError(f"trust.{what}", f"{where}: {told}")
