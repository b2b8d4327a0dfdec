"""Whoever signs, by one reference: a key file, a token, AWS KMS, Vault or OpenBao, ssh-agent.

    signing.pem                                   a key file
    pkcs11:token=ek;object=signing?module-path=…  a token, card or HSM (RFC 7512)
    awskms:///alias/evidence                      AWS KMS
    vault:transit/evidence                        Vault or OpenBao transit
    ssh-agent:SHA256:…                            the running ssh-agent

A reference holds no secret: PIN and token come from the environment or a prompt. All of these are
handed small byte strings only, and nothing they sign is used before it verifies. Each kind is
imported when a reference names it: a key file needs no HTTP.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evidencekit.core.publickey import PublicKey, Signer, sign_checked

if TYPE_CHECKING:
    from evidencekit.edges.http import Http

_PKCS11, _AGENT, _KMS, _VAULT = "pkcs11:", "ssh-agent:", "awskms:", "vault:"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSigner:
    """A signer whose every signature was verified before anybody sees it."""

    signer: Signer

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies what this signs."""
        return self.signer.public_key

    def sign(self, data: bytes) -> bytes:
        """Return a signature that verifies, or raise ``UndecidedError`` ``signer.*``."""
        return sign_checked(self.signer, data)


def open_signer(
    reference: str,
    passphrase: Callable[[], str],
    *,
    environment: Mapping[str, str] | None = None,
    http: Http | None = None,
) -> Signer:
    """Return the signer that a reference names; ``passphrase`` is asked only where one is needed.

    Raises ``UndecidedError`` with ``key.*`` codes for key files, else ``signer.*``.
    """
    words = os.environ if environment is None else environment
    signer: Signer
    if reference.startswith(_PKCS11):
        signer = _token(reference, words, passphrase)
    elif reference.startswith(_KMS):
        from evidencekit.edges.signers.awskms import open_kms  # noqa: PLC0415  (start-up)

        signer = open_kms(reference)
    elif reference.startswith(_VAULT):
        from evidencekit.edges.signers.vault import open_vault  # noqa: PLC0415  (HTTP)

        signer = open_vault(reference, words, http)
    elif reference.startswith(_AGENT):
        from evidencekit.edges.signers.agent import open_agent  # noqa: PLC0415  (start-up)

        signer = open_agent(reference.removeprefix(_AGENT), words.get("SSH_AUTH_SOCK"))
    else:
        from evidencekit.edges.keys import load_signer  # noqa: PLC0415  (start-up)

        signer = load_signer(Path(reference), passphrase)
    return CheckedSigner(signer=signer)


def _token(reference: str, words: Mapping[str, str], passphrase: Callable[[], str]) -> Signer:
    from evidencekit.core.pkcs11uri import Pkcs11Uri  # noqa: PLC0415  (start-up)
    from evidencekit.edges.signers.token import open_token  # noqa: PLC0415  (start-up)

    pin = words.get("EVIDENCEKIT_PKCS11_PIN")
    return open_token(
        Pkcs11Uri.from_text(reference),
        words.get("EVIDENCEKIT_PKCS11_MODULE"),
        passphrase if pin is None else lambda: pin,
    )
