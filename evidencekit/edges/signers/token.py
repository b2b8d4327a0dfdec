"""Sign with a key on a token, card or HSM, through its PKCS #11 module (extra ``pkcs11``)."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature as to_der

from evidencekit.core import der
from evidencekit.core.pkcs11uri import Pkcs11Uri
from evidencekit.core.publickey import ECDSA_P256, ED25519, PublicKey
from evidencekit.core.visible import visible
from evidencekit.errors import EvidenceError, UndecidedError

T = TypeVar("T")
_SECONDS = 60.0  # a token may wait for its owner's finger
# What may stand in EC_PARAMS: the OIDs of RFC 8410 and RFC 5480, and the name of PKCS #11 2.4.
_CURVES = {
    bytes.fromhex("130c656477617264733235353139"): ED25519,
    bytes.fromhex("06032b6570"): ED25519,
    bytes.fromhex("06082a8648ce3d030107"): ECDSA_P256,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSigner:
    """A private key that stays on its token. Each signature is a session of its own."""

    public_key: PublicKey
    door: "_Door" = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return the token's signature: raw Ed25519, or ECDSA as DER."""
        if self.public_key.algorithm == ED25519:
            return self.door.visit(lambda session, uri: _sign(session, uri, data, "EDDSA"))
        digest = hashlib.sha256(data).digest()
        raw = self.door.visit(lambda session, uri: _sign(session, uri, digest, "ECDSA"))
        if len(raw) != 64:
            raise _fault("wrong", "answered an ECDSA signature that is not two numbers of 32 bytes")
        return to_der(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """The way to one token."""

    library: str
    uri: Pkcs11Uri
    pin: str = field(repr=False)
    seconds: float

    def visit(self, act: Callable[[Any, Pkcs11Uri], T]) -> T:
        """Return what ``act`` makes of an open session. Raises ``UndecidedError`` signer.*."""
        return _within(self.seconds, lambda: self._visit(act))

    def _visit(self, act: Callable[[Any, Pkcs11Uri], T]) -> T:
        token = _one(_tokens(self.library, self.uri), "token")
        with token.open(user_pin=self.pin) as session:
            return act(session, self.uri)


def open_token(
    uri: Pkcs11Uri, module: str | None, pin: Callable[[], str], *, seconds: float = _SECONDS
) -> TokenSigner:
    """Return the signer of the one key that ``uri`` names.

    ``module`` is the library's path where the URI says none. Raises ``UndecidedError`` signer.*.
    """
    library = uri.module or module
    if not library:
        hint = "add ?module-path=/usr/lib/….so, or set EVIDENCEKIT_PKCS11_MODULE"
        raise UndecidedError("signer.module", "PKCS #11: no module is named", hint=hint)
    door = _Door(library=library, uri=uri, pin=pin(), seconds=seconds)
    return TokenSigner(public_key=door.visit(_read_key), door=door)


def _tokens(library: str, uri: Pkcs11Uri) -> list[Any]:
    from pkcs11 import lib  # noqa: PLC0415  (optional)

    try:
        loaded = lib(library)
    except RuntimeError:  # what the loader says quotes paths of this machine
        raise _fault("module", f"{visible(library)}: cannot be loaded as a module") from None
    wanted = {
        "label": uri.token,
        "serial": uri.serial,
        "manufacturer_id": uri.manufacturer,
        "model": uri.model,
    }
    return [
        token
        for token in loaded.get_tokens()
        if all(text is None or _text(getattr(token, name)) == text for name, text in wanted.items())
    ]


def _sign(session: Any, uri: Pkcs11Uri, data: bytes, how: str) -> bytes:
    from pkcs11 import Mechanism  # noqa: PLC0415  (optional)

    return bytes(_private(session, uri).sign(data, mechanism=Mechanism[how]))


def _read_key(session: Any, uri: Pkcs11Uri) -> PublicKey:
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415  (optional)

    same = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: _private(session, uri).id}
    public = _one(list(session.get_objects(same)), "public key")
    return _public_key(public[Attribute.EC_PARAMS], public[Attribute.EC_POINT])


def _private(session: Any, uri: Pkcs11Uri) -> Any:
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415  (optional)

    named: dict[Any, object] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    if uri.label is not None:
        named[Attribute.LABEL] = uri.label
    if uri.id is not None:
        named[Attribute.ID] = uri.id
    # The search is read to its end: a token does one at a time.
    return _one(list(session.get_objects(named)), "private key")


def _public_key(params: bytes, point: bytes) -> PublicKey:
    algorithm = _CURVES.get(bytes(params))
    if algorithm is None:
        raise _fault("key", "the key is neither Ed25519 nor ECDSA P-256")
    raw = bytes(point)
    if len(raw) in {34, 67}:  # wrapped in an OCTET STRING, as PKCS #11 2.20 has it
        try:
            raw = der.read(raw, der.OCTETS).content
        except ValueError:
            raise _fault("key", "the token's public key is damaged") from None
    return PublicKey(algorithm=algorithm, raw=raw)


def _one(found: list[T], what: str) -> T:
    if len(found) != 1:
        told = f"{len(found) or 'no'} {what}{'s' if len(found) > 1 else ''}"
        raise _fault("key", f"the URI names {told}, expected one")
    return found[0]


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.rstrip(" \0")


def _within(seconds: float, act: Callable[[], T]) -> T:
    """Return what ``act`` returns, or give a module up that does not come back.

    A module is foreign code in this process and cannot be stopped: its thread is left behind.
    """
    answers: list[T] = []
    failures: list[EvidenceError] = []

    def run() -> None:
        try:
            answers.append(_translated(act))
        except EvidenceError as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not answers:
        raise _fault("late", f"the token did not answer in {seconds:g} seconds")
    return answers[0]


def _translated(act: Callable[[], T]) -> T:
    try:
        from pkcs11.exceptions import PinIncorrect, PinLocked, PKCS11Error  # noqa: PLC0415
    except ImportError:
        hint = "pip install 'evidencekit[pkcs11]'"
        told = "key: PKCS #11 needs the python-pkcs11 package"
        raise UndecidedError("signer.needs-package", told, hint=hint) from None
    try:
        return act()
    except (PinIncorrect, PinLocked) as error:
        raise _fault("pin", f"the token refuses the PIN ({type(error).__name__})") from None
    except PKCS11Error as error:
        raise _fault("refused", f"the token refuses ({type(error).__name__})") from None


def _fault(what: str, told: str) -> UndecidedError:
    return UndecidedError(f"signer.{what}", f"PKCS #11: {told}")
