"""A QR code as text, drawn by segno where it is installed."""

import importlib.util
import io
import sys

from evidencekit.errors import UndecidedError


def qr_code(text: str, *, required: bool | None) -> str:
    """Return the code in half blocks, light on dark; "" where it is not wanted.

    ``required`` None: wanted on a terminal, if segno is there. Raises ``UndecidedError`` where it
    is required and segno is not there.
    """
    there = importlib.util.find_spec("segno") is not None
    if required and not there:
        hint = "pip install 'evidencekit[qr]'"
        raise UndecidedError("keys.needs-segno", "a QR code needs the segno package", hint=hint)
    if not (there and sys.stdout.isatty() if required is None else required):
        return ""
    import segno  # noqa: PLC0415  (optional)

    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out, compact=True)
    return out.getvalue()
