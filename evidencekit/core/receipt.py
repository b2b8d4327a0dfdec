"""The receipt: what ``pull`` writes beside an export so that it can be bundled later."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from evidencekit.core import strict_json
from evidencekit.core.manifest import Claim
from evidencekit.core.query import Query
from evidencekit.core.schema import document_faults
from evidencekit.errors import RejectedError

FORMAT = "evidencekit-receipt/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """The export that the receipt is about."""

    file: str  # its name when it was written; renaming it changes nothing
    format: str  # "json" or "csv"
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How one export was obtained. :meth:`from_bytes` refuses what the schema does."""

    tool_version: str
    window: Claim
    query: Query
    export: ReceivedFile

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read one receipt. Raises ``RejectedError`` with ``json.*`` or ``receipt.*`` codes."""
        document = strict_json.loads(data, what="receipt")
        faults = document_faults("receipt.v1.schema.json", document)
        if faults:
            raise RejectedError("receipt.schema", f"receipt: {faults[0]} ({len(faults)} in all)")
        assert isinstance(document, dict)  # noqa: S101  (the schema says so)
        try:
            receipt = cls(
                tool_version=document["tool"]["version"],
                window=Claim.from_json(document["window"]),
                query=Query.from_json(document["query"]),
                export=ReceivedFile(**document["export"]),
            )
        except ValueError as error:
            raise RejectedError("receipt.value", f"receipt: {error}") from None
        receipt._check_length()
        return receipt

    def _check_length(self) -> None:
        """Refuse a receipt whose export has another length than the answer that carried it."""
        length = None if self.query.transformations else self.query.response.content_length
        if length not in {None, self.export.size}:
            sides = f"the export has {self.export.size:,} bytes, the answer had {length:,}"
            raise RejectedError("receipt.value", f"receipt: {sides}")

    def to_json(self) -> dict[str, Any]:
        """Return the receipt as JSON data, in the order that people read it."""
        return {
            "format": FORMAT,
            "tool": {"name": "evidencekit", "version": self.tool_version},
            "window": self.window.to_json(),
            "query": self.query.to_json(),
            "export": asdict(self.export),
        }

    def to_bytes(self) -> bytes:
        """Return the bytes of the receipt; the same receipt gives the same bytes."""
        return strict_json.dumps(self.to_json())
