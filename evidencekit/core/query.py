"""The query sheet: how an export was obtained (to auditors: information produced by the entity)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import NoneType
from typing import Any, Self

from evidencekit.core.instant import parse_instant
from evidencekit.core.visible import visible

_TEXT, _COUNT = (str,), (int,)
_MAYBE_TEXT, _MAYBE_COUNT = (str, NoneType), (int, NoneType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer that carried the export: what was promised about the bytes."""

    status: int
    content_type: str | None
    content_length: int | None  # None: the body came in chunks
    etag: str | None
    date: str | None  # the server's Date header, as RFC 3339 UTC

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the facts of one answer. Raises ``ValueError``."""
        fields = _checked(data, "response", _RESPONSE)
        _instant(fields, "date")
        return cls(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerClock:
    """The server's clock against ours, when the job was created."""

    offset_seconds: float | None  # server minus ours; None: the server sent no Date

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the offset. Raises ``ValueError``."""
        return cls(**_checked(data, "clock", {"offset_seconds": (int, float, NoneType)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was asked, of whom, when, what was promised and what came; times by our own clock."""

    api_url: str
    request: Mapping[str, Any]  # the body of the job's creation, as sent
    job_id: str
    created_at: str | None  # None: the job existed before we asked
    completed_at: str | None  # None: the API has no job status; the download itself was asked
    downloaded_at: str  # the last byte
    preview: (
        Mapping[str, Any] | None
    )  # {"events": 12904}; None: the API previews nothing we could count
    served_by: str  # scheme, host and path only
    response: Response
    clock: ServerClock
    transformations: tuple[str, ...] = ()  # what was done to the bytes: nothing

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the query sheet of a manifest or receipt. Raises ``ValueError``."""
        fields = _checked(data, "query", _QUERY)
        for name in ("created_at", "completed_at", "downloaded_at"):
            _instant(fields, name)
        if fields["preview"] is not None:
            _checked(fields["preview"], "query.preview", {"events": _COUNT})
        if not all(isinstance(entry, str) for entry in fields["transformations"]):
            raise ValueError("query.transformations: not a list of strings")
        return cls(**fields | {
            "response": Response.from_json(fields["response"]),
            "clock": ServerClock.from_json(fields["clock"]),
            "transformations": tuple(fields["transformations"]),
        })  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return the query sheet as JSON data, in the order that people read it."""
        return asdict(self) | {"transformations": list(self.transformations)}

    @property
    def previewed_events(self) -> int | None:
        """How many events the preview promised, where it promised a number."""
        return None if self.preview is None else int(self.preview["events"])


_QUERY = {
    "api_url": _TEXT,
    "request": (dict,),
    "job_id": _TEXT,
    "created_at": _MAYBE_TEXT,
    "completed_at": _MAYBE_TEXT,
    "downloaded_at": _TEXT,
    "preview": (dict, NoneType),
    "served_by": _TEXT,
    "response": (dict,),
    "clock": (dict,),
    "transformations": (list,),
}
_RESPONSE = {
    "status": _COUNT,
    "content_type": _MAYBE_TEXT,
    "content_length": _MAYBE_COUNT,
    "etag": _MAYBE_TEXT,
    "date": _MAYBE_TEXT,
}


def _checked(data: object, where: str, form: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """Return ``data`` if it has exactly the members of ``form``, each of its type."""
    if not isinstance(data, dict):
        raise ValueError(f"{where}: not an object")  # noqa: TRY004  (one error for bad data)
    for name in sorted(set(data) ^ set(form)):
        raise ValueError(f"{where}: {visible(name)} is {'missing' if name in form else 'unknown'}")
    for name, kinds in form.items():
        value = data[name]
        if (
            not isinstance(value, kinds)
            or isinstance(value, bool)
            or (kinds[0] is int and _negative(value, kinds))
        ):
            raise ValueError(f"{where}.{name}: not of the right type")
    return dict(data)


def _negative(value: object, kinds: tuple[type, ...]) -> bool:
    return float not in kinds and isinstance(value, int) and value < 0


def _instant(fields: Mapping[str, Any], name: str) -> None:
    if fields[name] is not None:
        parse_instant(fields[name])
