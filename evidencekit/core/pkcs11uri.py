"""PKCS #11 URIs (RFC 7512): which key on which token, and by which module.

What is not understood is refused, since it may narrow down which key is meant. A PIN is a secret
and has no place in a URI.
"""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote_to_bytes

from evidencekit.errors import UndecidedError

SCHEME = "pkcs11:"
_NAMES = {"token": "token", "serial": "serial", "manufacturer": "manufacturer", "model": "model"}
_NAMES |= {"object": "label", "id": "id", "type": "type"}
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs11Uri:
    """One key, named by as much as the URI says; None is not said."""

    token: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    label: str | None = None  # of the key object
    id: bytes | None = None  # of the key object
    module: str | None = None  # path of the library

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read ``pkcs11:token=…;object=…?module-path=…``. Raises ``UndecidedError`` signer.uri."""
        path, _, query = text.removeprefix(SCHEME).partition("?")
        if not text.startswith(SCHEME) or not text.isascii() or not text.isprintable():
            raise _fault("is not a pkcs11: URI of visible ASCII characters")
        said = _attributes(path, ";", _NAMES)
        asked = _attributes(query, "&", {"module-path": "module"})
        if said.pop("type", b"private") != b"private":
            raise _fault("type is not private, and only a private key signs")
        identity = said.pop("id", None)
        try:
            texts = {name: value.decode() for name, value in (said | asked).items()}
        except UnicodeDecodeError:
            raise _fault("a value is not UTF-8 text") from None
        if identity is None and "label" not in texts:
            raise _fault("names no key: give object=… or id=…")
        return cls(id=identity, **texts)


def _attributes(text: str, separator: str, known: dict[str, str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        if name in {"pin-value", "pin-source"}:
            hint = "put the PIN into EVIDENCEKIT_PKCS11_PIN, or be asked for it"
            raise UndecidedError("signer.secret", "key: a PIN does not belong in a URI", hint=hint)
        if name not in known or not equals or _BAD_ESCAPE.search(value):
            raise _fault(f"an attribute is not one of {', '.join(known)}, or has no value")
        if known[name] in found:
            raise _fault(f"{name} is there twice")
        found[known[name]] = unquote_to_bytes(value)
    return found


def _fault(told: str) -> UndecidedError:
    hint = "write it like pkcs11:token=ek;object=signing?module-path=/usr/lib/….so (RFC 7512)"
    return UndecidedError("signer.uri", f"key: {told}", hint=hint)
