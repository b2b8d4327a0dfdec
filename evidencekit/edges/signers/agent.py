"""Sign with a key that ssh-agent holds (draft-miller-ssh-agent, 3.5 and 3.6): two questions."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from evidencekit.core.publickey import PublicKey
from evidencekit.core.sshsig import signature_from_wire
from evidencekit.core.sshwire import pack, unpack
from evidencekit.core.visible import visible
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_AGENT_BYTES

_LIST, _LISTED, _SIGN, _SIGNED = 11, 12, 13, 14
_SECONDS = 60.0  # an agent may ask its owner first


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSigner:
    """A key of the agent behind a Unix socket. The agent sees what is signed, never more."""

    public_key: PublicKey
    path: str
    seconds: float = _SECONDS

    def sign(self, data: bytes) -> bytes:
        """Return the agent's signature: raw Ed25519, or ECDSA as DER."""
        question = bytes((_SIGN,)) + pack(self.public_key.wire, data) + bytes(4)  # no flags
        answer = _ask(self.path, question, _SIGNED, self.seconds)
        try:
            (blob,) = unpack(answer)
            return signature_from_wire(self.public_key, blob)
        except ValueError:
            raise _fault("wrong", "answered something that is no signature") from None


def open_agent(fingerprint: str, path: str | None, *, seconds: float = _SECONDS) -> AgentSigner:
    """Return the signer of the key with this ``SHA256:…`` fingerprint.

    ``path`` is the agent's socket, from SSH_AUTH_SOCK. Raises ``UndecidedError``: ``signer.*``.
    """
    if not path:
        raise _fault("unreachable", "is not running: SSH_AUTH_SOCK is not set")
    keys = tuple(_keys(path, seconds))
    for key in keys:
        if key.fingerprint == fingerprint:
            return AgentSigner(public_key=key, path=path, seconds=seconds)
    held = ", ".join(key.fingerprint for key in keys) or "no key of a kind that can sign here"
    raise _fault("no-key", f"does not hold {visible(fingerprint)}; it holds {held}")


def _keys(path: str, seconds: float) -> Iterator[PublicKey]:
    """Yield the keys of ours that the agent holds; other kinds are passed over."""
    answer = _ask(path, bytes((_LIST,)), _LISTED, seconds)
    try:
        blobs = unpack(answer[4:])
    except ValueError:
        raise _fault("wrong", "answered something that is no list of keys") from None
    if int.from_bytes(answer[:4]) * 2 != len(blobs):
        raise _fault("wrong", "counts other keys than it lists")
    for blob in blobs[::2]:
        with contextlib.suppress(UndecidedError):
            yield PublicKey.from_wire(blob)


def _ask(path: str, question: bytes, expected: int, seconds: float) -> bytes:
    """Return the body of an answer of the ``expected`` kind."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            agent.settimeout(seconds)
            agent.connect(path)
            agent.sendall(pack(question))
            size = int.from_bytes(_read(agent, 4))
            if not 1 <= size <= MAX_AGENT_BYTES:
                raise _fault("wrong", f"answered {size:,} bytes")
            answer = _read(agent, size)
    except TimeoutError:
        raise _fault("late", f"did not answer in {seconds:g} seconds") from None
    except OSError as error:
        raise _fault("unreachable", (error.strerror or "cannot be reached").lower()) from None
    if answer[0] != expected:
        raise _fault("refused", "refused: the key is locked, or its owner said no")
    return answer[1:]


def _read(agent: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = agent.recv(size - len(data))
        if not part:
            raise _fault("wrong", "broke off its answer")
        data += part
    return data


def _fault(what: str, told: str) -> UndecidedError:
    return UndecidedError(f"signer.{what}", f"ssh-agent: {told}")
