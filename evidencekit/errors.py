"""The one error family, split by who is at fault.

    EvidenceError                 never raised itself
      ├── RejectedError           the evidence is at fault: broken, tampered, incomplete     exit 1
      └── UndecidedError          anything else is: a key, a server, a disk, a trust file    exit 3

``code`` is stable and machine-readable (``family.what``); the message is one line: where, then both
sides, lower case, no full stop. ``hint`` says what to do, where we know; ``details`` are further
lines, such as the first events that break a schema. No message holds event values or secrets.
"""


class EvidenceError(Exception):
    """The root of everything this package raises on purpose."""

    def __init__(
        self, code: str, message: str, *, hint: str | None = None, details: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.details = details


class RejectedError(EvidenceError):
    """The evidence is at fault: this is a "no"."""


class UndecidedError(EvidenceError):
    """Anything but the evidence is at fault: this is a "could not tell"."""
