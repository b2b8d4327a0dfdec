"""The journal of a pull: what is known about a job, kept beside what has come of its export.

It lets an interrupted pull go on, with the same query sheet as if nothing had happened. It is a
note to ourselves: one that cannot be read is as good as none.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import NoneType
from typing import Any, Self

from evidencekit.core import strict_json
from evidencekit.core.instant import format_instant
from evidencekit.core.jobs import Job
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError

FORMAT = "evidencekit-pull/1"
_COUNTED = (int, NoneType)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "api_url": (str,),
    "request": (dict,),
    "job": (dict,),
    "promised": _COUNTED,
    "held": (dict, NoneType),
    "id": (str,),
    "created_at": _COUNTED,
    "server_date": _COUNTED,
    "offset_seconds": (float, int, NoneType),
    "stated": (dict, NoneType),
    "etag": (str,),
    "total": _COUNTED,
    "size": (int,),
    "sha256": (str,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBytes:
    """The bytes that were on disk for certain when this was written."""

    etag: str
    total: int | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One pull on its way."""

    api_url: str
    request: Mapping[str, Any]  # the body of the job's creation
    job: Job
    promised: int | None  # events, by the preview
    held: HeldBytes | None = None

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a journal. Raises ``ValueError`` on anything that :meth:`to_bytes` did not write."""
        try:
            document = strict_json.loads(data, what="journal")
        except RejectedError as error:
            raise ValueError(str(error)) from None
        if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
            raise ValueError("journal: of another form")
        parts = _members(cls, document)
        job, held = _members(Job, parts["job"]), parts["held"]
        if job["stated"] is not None:
            job["stated"] = Window.from_times(*_ends(job["stated"]))
        held = None if held is None else HeldBytes(**_members(HeldBytes, held))
        return cls(**parts | {"job": Job(**job), "held": held})

    def to_bytes(self) -> bytes:
        """Return the journal as JSON."""
        stated = self.job.stated and {
            "start": format_instant(self.job.stated.start),
            "end": format_instant(self.job.stated.end),
        }
        return strict_json.dumps({
            "format": FORMAT,
            "api_url": self.api_url,
            "request": dict(self.request),
            "job": asdict(self.job) | {"stated": stated},
            "promised": self.promised,
            "held": self.held and asdict(self.held),
        })  # fmt: skip


def _members(form: type, data: dict[str, Any]) -> dict[str, Any]:
    """Return the members that ``form`` has, if they are those and each is of its type."""
    names = {field.name for field in fields(form)}
    if set(data) != names:
        raise ValueError("journal: a member is missing or unknown")
    for name in names:
        if not isinstance(data[name], _TYPES[name]) or isinstance(data[name], bool):
            raise ValueError(f"journal: {name}: not of the right type")  # noqa: TRY004
    return dict(data)


def _ends(stated: dict[str, Any]) -> tuple[str, str]:
    return str(stated.get("start")), str(stated.get("end"))
