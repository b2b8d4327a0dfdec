"""Sign with a transit key of HashiCorp Vault or OpenBao, by the two calls that it takes."""

import base64
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evidencekit.core import strict_json
from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.urls import Url
from evidencekit.edges.clock import Clock
from evidencekit.edges.http import Headers, Http, Patience, Reply
from evidencekit.errors import EvidenceError, UndecidedError
from evidencekit.limits import MAX_API_BODY_BYTES

SCHEME = "vault:"
_KEY = re.compile(r"(?:([A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)/)?([A-Za-z0-9_.-]+)", re.ASCII)
_SECONDS = 60.0
_TYPES = {"ed25519", "ecdsa-p256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """One server and the right to use it."""

    base: Url
    headers: Headers = field(repr=False)  # with the token
    http: Http

    def ask(self, path: str, question: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return the ``data`` of an answer. Raises ``UndecidedError``: ``signer.*``."""
        url = self.base.join(f"{self.base.path.rstrip('/')}/v1/{path}")
        content = None if question is None else json.dumps(question).encode()
        kind = () if content is None else (("Content-Type", "application/json"),)
        try:
            document = self.http.exchange(
                "GET" if content is None else "POST",
                url,
                _json,
                until=self.http.clock.monotonic() + _SECONDS,
                headers=(*self.headers, *kind),
                content=content,
            )
        except UndecidedError as error:
            code = f"signer.{error.code.partition('.')[2]}"
            raise UndecidedError(code, str(error), hint=error.hint) from None
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, dict):
            raise _fault("wrong", "answered without data")
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitSigner:
    """One version of a transit key."""

    public_key: PublicKey
    vault: Vault
    path: str  # of the key: mount and name
    version: int

    def sign(self, data: bytes) -> bytes:
        """Return the server's signature: raw Ed25519, or ECDSA as DER."""
        mount, _, name = self.path.rpartition("/")
        question: dict[str, object] = {
            "input": base64.b64encode(data).decode(),
            "key_version": self.version,
        }
        if self.public_key.algorithm != ED25519:
            question |= {"hash_algorithm": "sha2-256", "marshaling_algorithm": "asn1"}
        signature = self.vault.ask(f"{mount}/sign/{name}", question).get("signature")
        head = f"vault:v{self.version}:"
        if not isinstance(signature, str) or not signature.startswith(head):
            raise _fault("wrong", f"answered no signature of key version {self.version}")
        try:
            return base64.b64decode(signature.removeprefix(head), validate=True)
        except ValueError:
            raise _fault("wrong", "answered a signature that is not base64") from None


def open_vault(reference: str, environment: Mapping[str, str], http: Http | None) -> TransitSigner:
    """Return the signer of ``vault:[MOUNT/]KEY``, of the key's newest version.

    Server and token come from VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE and VAULT_CACERT, as for
    Vault's own tools. Raises ``UndecidedError``: ``signer.*``.
    """
    match = _KEY.fullmatch(reference.removeprefix(SCHEME))
    if match is None:
        hint = "write it like vault:evidence or vault:transit/evidence"
        raise UndecidedError("signer.uri", "key: is not a vault: reference", hint=hint)
    mount, name = match[1] or "transit", match[2]
    vault = _vault(environment, http)
    data = vault.ask(f"{mount}/keys/{name}")
    public, version = _newest(data)
    return TransitSigner(public_key=public, vault=vault, path=f"{mount}/{name}", version=version)


def _vault(environment: Mapping[str, str], http: Http | None) -> Vault:
    token = environment.get("VAULT_TOKEN", "")
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise _fault("token", "VAULT_TOKEN is not set, or holds what no token does")
    try:
        base = Url.from_text(environment.get("VAULT_ADDR", ""))
    except ValueError as error:
        raise _fault("address", f"VAULT_ADDR: {error}") from None
    headers: Headers = (("X-Vault-Token", token), ("X-Vault-Request", "true"))
    namespace = environment.get("VAULT_NAMESPACE", "")
    if namespace:
        headers = (*headers, ("X-Vault-Namespace", namespace))
    return Vault(base=base, headers=headers, http=http or _http(environment.get("VAULT_CACERT")))


def _http(ca_file: str | None) -> Http:
    try:
        tls = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError):
        raise _fault("ca-file", "VAULT_CACERT names no readable PEM file") from None
    return Http(clock=Clock(), patience=Patience(), tls=tls)


def _newest(data: Mapping[str, Any]) -> tuple[PublicKey, int]:
    kind, version, keys = data.get("type"), data.get("latest_version"), data.get("keys")
    if kind not in _TYPES or data.get("derived"):
        raise _fault("key", "the key is not of type ed25519 or ecdsa-p256, or is derived")
    entry = keys.get(str(version)) if isinstance(keys, dict) else None
    text = entry.get("public_key") if isinstance(entry, dict) else None
    if type(version) is not int or not isinstance(text, str):
        raise _fault("wrong", "answered no public key of the newest version")
    if kind == "ecdsa-p256":
        return PublicKey.from_pem(text.encode(), what="Vault"), version
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise _fault("wrong", "answered a public key that is not base64") from None
    return PublicKey(algorithm=ED25519, raw=raw), version


def _json(reply: Reply) -> object:
    if reply.status != 200:
        told = {403: "refused: the token may not", 404: "has no such key"}
        told |= {503: "is sealed, or on standby"}
        why = told.get(reply.status, "did not answer as it should")
        raise _fault("refused", f"{why} (HTTP {reply.status})")
    body = reply.read(MAX_API_BODY_BYTES)
    try:
        return strict_json.loads(body, what="Vault")
    except EvidenceError as error:
        raise _fault("wrong", f"answered what is not JSON ({error.code})") from None


def _fault(what: str, told: str) -> UndecidedError:
    return UndecidedError(f"signer.{what}", f"Vault: {told}")
