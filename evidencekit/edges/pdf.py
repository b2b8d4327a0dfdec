"""The summary as a PDF, typeset by typst: tagged, PDF/A-2a for archives, PDF/UA-1 for readers.

Texts reach the template as JSON that it reads as data; nothing is ever put into its markup. It
reads no file, no font of the machine and no package, so the same bundle gives the same bytes
with the same version of typst.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evidencekit import resources
from evidencekit.core.instant import NANOSECONDS, parse_instant
from evidencekit.core.summary import summarize
from evidencekit.core.typeset import payload
from evidencekit.errors import UndecidedError

TEMPLATE = "summary.typ"
STANDARDS: list[Any] = ["a-2a", "ua-1"]  # both at once


def render_pdf(
    manifest: Mapping[str, Any],
    *,
    root: str | None = None,
    status: Sequence[str] = (),
    custody: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """Return the summary of a manifest document as a PDF, dated as the manifest is.

    The arguments are those of ``render_summary``. Raises ``UndecidedError`` where typst, of the
    extra ``pdf``, is not installed or cannot draw the page.
    """
    page = summarize(manifest, root=root, status=status, custody=custody)
    made_at = max(0, parse_instant(manifest["created_at"]) // NANOSECONDS)
    return typeset(resources.template(TEMPLATE), payload(page), made_at)


def typeset(template: str, data: Mapping[str, Any], made_at: int) -> bytes:
    """Return the PDF of a template and the data that it asks for, dated in seconds since 1970."""
    try:
        import typst  # noqa: PLC0415  (optional)
    except ImportError as error:
        hint = "pip install 'evidencekit[pdf]'"
        raise UndecidedError(
            "show.needs-typst", "a PDF needs the typst package", hint=hint
        ) from error
    compiler: Any = typst.Compiler(
        template.encode(),
        ignore_system_fonts=True,
        sys_inputs={"summary": json.dumps(data)},
    )
    try:
        made: bytes = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=made_at)
    except typst.TypstError as error:
        raise UndecidedError("show.pdf", f"typst: {_line(error)}") from error
    return made


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]
