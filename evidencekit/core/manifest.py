"""The manifest: ``data/manifest.json``, what a bundle claims and how it was obtained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from evidencekit.core import strict_json
from evidencekit.core.facts import Facts, NamedEvent, Timeline
from evidencekit.core.instant import format_instant, parse_instant
from evidencekit.core.names import signer_id
from evidencekit.core.report import Check, Outcome
from evidencekit.core.schema import document_faults
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError

if TYPE_CHECKING:
    from evidencekit.core.query import Query

FORMAT = "evidencekit-manifest/1"
PATH = "data/manifest.json"
ALLOWANCES = ("empty", "missing-ids", "duplicate-ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The window that the export is said to cover; ``window`` is None where nobody declared one."""

    requested: str | None
    window: Window | None
    basis: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the claim of a manifest or receipt. Raises ``ValueError`` on impossible times."""
        start, end = data["start"], data["end"]
        declared = start is not None and end is not None
        window = Window.from_times(start, end) if declared else None
        return cls(requested=data["requested"], window=window, basis=data["basis"])

    def to_json(self) -> dict[str, Any]:
        """Return the claim as JSON data, times in RFC 3339 UTC."""
        start, end = (self.window.start, self.window.end) if self.window else (None, None)
        return {
            "requested": self.requested,
            "start": None if start is None else format_instant(start),
            "end": None if end is None else format_instant(end),
            "basis": self.basis,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the preparer declares about the export; nothing here was read from it."""

    environment: str | None = None
    config_versions: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ()
    escalation_ids: tuple[str, ...] = ()
    incident: str | None = None
    purpose: str | None = None
    prepared_by: str | None = None
    limitations: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the context of a manifest."""
        return cls(**{name: _frozen(value) for name, value in data.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """The export as received."""

    path: str
    format: str  # "json" or "csv"
    shape: str  # "array", "wrapper", "lines" or "csv"
    size: int
    sha256: str
    received_as: str
    header: tuple[str, ...] | None = None  # CSV: the column names, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFile:
    """The schema that every event was validated with."""

    path: str
    id: str | None  # its "$id"
    sha256: str
    invalid_events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that the preparer added."""

    path: str
    size: int
    sha256: str
    original_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The bundle before this one in its series."""

    bundle_id: str
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything a bundle claims. :meth:`from_bytes` refuses what the manifest's schema does."""

    bundle_id: str
    created_at: str
    tool_version: str
    signer: str  # the OpenSSH fingerprint of the key that signed first
    template: str  # which templates rendered the summaries
    window: Claim
    context: Context
    query: Query | None  # None: how the export was obtained is not recorded
    export: ExportFile
    facts: Facts
    schema: SchemaFile
    checks: tuple[Check, ...]
    allowances: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    previous: Previous | None = None

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read one manifest. Raises ``RejectedError`` with ``json.*`` or ``manifest.*`` codes."""
        document = strict_json.loads(data, what=PATH)
        faults = document_faults("manifest.v1.schema.json", document)
        if faults:
            raise RejectedError("manifest.schema", f"{PATH}: {faults[0]} ({len(faults)} in all)")
        assert isinstance(document, dict)  # noqa: S101  (the schema says so)
        try:
            manifest = cls._from_json(document)
        except ValueError as error:
            raise RejectedError("manifest.value", f"{PATH}: {error}") from None
        if manifest.to_bytes() != data:
            told = "is not in the one form that a manifest with this content has"
            raise RejectedError("manifest.form", f"{PATH}: {told}")
        return manifest

    @classmethod
    def _from_json(cls, data: dict[str, Any]) -> Self:
        parse_instant(data["created_at"])
        if any(_has_real(value) for name, value in data.items() if name != "query"):
            raise ValueError("a number is not written as the whole one that it is")
        return cls(
            bundle_id=data["bundle_id"],
            created_at=data["created_at"],
            tool_version=data["tool"]["version"],
            signer=data["signer"]["fingerprint"],
            template=data["template"],
            window=Claim.from_json(data["window"]),
            context=Context.from_json(data["context"]),
            query=_query(data["query"]),
            export=ExportFile(**{name: _frozen(value) for name, value in data["export"].items()}),
            facts=_facts(data["facts"]),
            schema=SchemaFile(**data["schema"]),
            checks=tuple(
                Check(name=c["name"], outcome=Outcome(c["outcome"]), message=c["message"])
                for c in data["checks"]
            ),
            allowances=tuple(data["allowances"]),
            attachments=tuple(Attachment(**entry) for entry in data["attachments"]),
            previous=None if data["previous"] is None else Previous(**data["previous"]),
        )

    @property
    def signer_id(self) -> str:
        """What the signature files of the key that signed first are named after."""
        return signer_id(self.signer)

    @property
    def files(self) -> tuple[ExportFile | Attachment, ...]:
        """The members that may be large: the export, then the attachments."""
        return (self.export, *self.attachments)

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON data, in the order that people read it."""
        return {
            "format": FORMAT,
            "bundle_id": self.bundle_id,
            "created_at": self.created_at,
            "tool": {"name": "evidencekit", "version": self.tool_version},
            "signer": {"fingerprint": self.signer},
            "template": self.template,
            "window": self.window.to_json(),
            "context": asdict(self.context),
            "query": None if self.query is None else self.query.to_json(),
            "export": asdict(self.export),
            "facts": asdict(self.facts),
            "schema": asdict(self.schema),
            "checks": [check.to_json() for check in self.checks],
            "allowances": list(self.allowances),
            "attachments": [asdict(entry) for entry in self.attachments],
            "previous": None if self.previous is None else asdict(self.previous),
        }

    def to_bytes(self) -> bytes:
        """Return the bytes of ``data/manifest.json``; the same manifest gives the same bytes."""
        return strict_json.dumps(self.to_json())


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _has_real(value: object) -> bool:
    """Tell whether 1.0 stands somewhere: JSON Schema takes it for the integer 1."""
    if isinstance(value, dict):
        return any(map(_has_real, value.values()))
    return any(map(_has_real, value)) if isinstance(value, list) else isinstance(value, float)


def _query(data: Mapping[str, Any] | None) -> Query | None:
    if data is None:
        return None
    from evidencekit.core.query import Query  # noqa: PLC0415  (start-up)

    return Query.from_json(data)


def _facts(data: dict[str, Any]) -> Facts:
    named = tuple(NamedEvent(**entry) for entry in data["named_events"])
    spans = {version: _frozen(span) for version, span in data["config_spans"].items()}
    timeline = data["timeline"]
    if timeline is not None:
        timeline = Timeline(**timeline | {"counts": _rows(timeline["counts"])})
    changed = {"named_events": named, "config_spans": spans, "timeline": timeline}
    return Facts(**data | changed)


def _rows(counts: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, ...]]:
    return {verdict: tuple(row) for verdict, row in counts.items()}
