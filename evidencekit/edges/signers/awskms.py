"""Sign with a key in AWS KMS: Ed25519, or ECDSA P-256. Who we are, boto3 finds out as always."""

import re
from dataclasses import dataclass, field
from typing import Any

from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.visible import visible
from evidencekit.errors import UndecidedError

SCHEME = "awskms:///"
_KEY = re.compile(r"[A-Za-z0-9:/_-]{1,2048}", re.ASCII)
_REGION = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):", re.ASCII)
_MAX_MESSAGE = 4_096  # bytes of MessageType RAW
_ALGORITHMS = {ED25519: "ED25519_SHA_512"}  # pure Ed25519; ED25519_PH_SHA_512 is another scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class KmsSigner:
    """A key that never leaves KMS."""

    public_key: PublicKey
    key_id: str
    client: Any = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return the service's signature: raw Ed25519, or ECDSA as DER."""
        if len(data) > _MAX_MESSAGE:
            raise _fault("size", f"signs at most {_MAX_MESSAGE:,} bytes, asked for {len(data):,}")
        algorithm = _ALGORITHMS.get(self.public_key.algorithm, "ECDSA_SHA_256")
        answer = _call(
            self.client.sign,
            KeyId=self.key_id,
            Message=data,
            MessageType="RAW",
            SigningAlgorithm=algorithm,
        )
        return bytes(answer.get("Signature", b""))


def open_kms(reference: str) -> KmsSigner:
    """Return the signer of ``awskms:///`` and a key ID, an ARN or ``alias/…``.

    Another endpoint than AWS's own comes from AWS_ENDPOINT_URL_KMS. Raises ``UndecidedError``:
    ``signer.*``.
    """
    key_id = reference.removeprefix(SCHEME)
    if not reference.startswith(SCHEME) or _KEY.fullmatch(key_id) is None:
        hint = "write it like awskms:///alias/evidence, or with a key ID or an ARN"
        raise UndecidedError("signer.uri", "key: is not an awskms:/// reference", hint=hint)
    client = _client(key_id)
    answer = _call(client.get_public_key, KeyId=key_id)
    if answer.get("KeyUsage") != "SIGN_VERIFY":
        raise _fault("key", "the key is not for signing")
    public = PublicKey.from_der(bytes(answer.get("PublicKey", b"")), what="AWS KMS")
    # An alias can be moved to another key between two calls; the ARN cannot.
    return KmsSigner(public_key=public, key_id=str(answer.get("KeyId", key_id)), client=client)


def _client(key_id: str) -> Any:
    try:
        import boto3  # noqa: PLC0415  (optional)
        from botocore.config import Config  # noqa: PLC0415
    except ImportError:
        hint = "pip install 'evidencekit[aws]'"
        told = "key: AWS KMS needs the boto3 package"
        raise UndecidedError("signer.needs-package", told, hint=hint) from None
    region = _REGION.match(key_id)
    patience = Config(connect_timeout=10, read_timeout=30, retries={"total_max_attempts": 3})
    return _call(boto3.client, "kms", config=patience, region_name=region[1] if region else None)


def _call(method: Any, *words: object, **values: object) -> Any:
    """Call boto3, letting only our own errors out; of what it says only a code is shown."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        return method(*words, **values)
    except ClientError as error:
        code = visible(str(error.response.get("Error", {}).get("Code", "")), limit=100)
        failure = _fault("refused", f"refused: {code or 'it does not say why'}")
    except BotoCoreError as error:
        failure = _fault("unreachable", f"gave no answer ({type(error).__name__})")
    raise failure  # out here: a foreign exception, which may quote a request, is not its context


def _fault(what: str, told: str) -> UndecidedError:
    return UndecidedError(f"signer.{what}", f"AWS KMS: {told}")
