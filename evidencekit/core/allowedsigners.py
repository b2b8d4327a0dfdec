"""Read OpenSSH ``allowed_signers`` files (ssh-keygen(1), ALLOWED SIGNERS) as whom to trust.

A key whose namespaces leave ours out is not for us. What cannot be said in our terms is refused,
never skipped: certificate authorities, negated patterns, times in a zone that is not written.
"""

import re
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from evidencekit.core.instant import NANOSECONDS
from evidencekit.core.publickey import PublicKey
from evidencekit.core.sshsig import NAMESPACE
from evidencekit.core.trusted import TrustedSigner, check_signers
from evidencekit.errors import UndecidedError

_LINE = re.compile(
    r'("[^"]+"|[^\s"]+)[ \t]+'  # principals
    r'(?:((?:[a-z-]+(?:="[^"]*")?)(?:,[a-z-]+(?:="[^"]*")?)*)[ \t]+)?'  # options
    r"((?:ssh|ecdsa|sk)-\S+[ \t]+\S+.*)"
)
_OPTION = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
_TIME = re.compile(r"(\d{8})(\d{4})?(\d{2})?Z")


def parse_allowed_signers(data: bytes, *, what: str = "trust file") -> tuple[TrustedSigner, ...]:
    """Return the signers. Raises ``UndecidedError`` with ``trust.*`` codes."""
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise UndecidedError("trust.syntax", f"{what}: is not UTF-8 text") from None
    found = (
        _signer(line.strip(), f"{what} line {number}")
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.strip().startswith("#")
    )
    signers = tuple(signer for signer in found if signer is not None)
    check_signers(signers, what)
    return signers


def _signer(line: str, where: str) -> TrustedSigner | None:
    match = _LINE.fullmatch(line)
    if match is None:
        told = "is not a line of an allowed_signers file, nor is the file a trust file in TOML"
        raise UndecidedError("trust.syntax", f"{where}: {told}")
    options = dict(_OPTION.findall(match[2] or ""))
    for name in sorted(set(options) - {"namespaces", "valid-after", "valid-before"}):
        raise UndecidedError("trust.unknown-name", f"{where}: option {name} is not supported")
    namespaces = options.get("namespaces", NAMESPACE).split(",")
    if any(pattern.startswith("!") for pattern in namespaces):
        raise UndecidedError("trust.value", f"{where}: negated namespaces are not supported")
    if not any(fnmatchcase(NAMESPACE, pattern) for pattern in namespaces):
        return None
    try:
        key = PublicKey.from_openssh(match[3].encode(), what=where)
    except UndecidedError as error:
        raise UndecidedError("trust.key", str(error), hint=error.hint) from None
    return TrustedSigner(
        name=match[1].strip('"'),
        key=key,
        valid_from=_instant(options.get("valid-after"), where),
        valid_until=_instant(options.get("valid-before"), where),
    )


def _instant(text: str | None, where: str) -> int | None:
    if text is None:
        return None
    match = _TIME.fullmatch(text)
    digits = match[1] + (match[2] or "0000") + (match[3] or "00") if match else ""
    try:
        moment = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        told = "a time is not written like 20260101000000Z (without Z it depends on the machine)"
        raise UndecidedError("trust.value", f"{where}: {told}") from None
    return int(moment.timestamp()) * NANOSECONDS
