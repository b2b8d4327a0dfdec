"""The bundle id: a name that follows from what the manifest says, so that it cannot say otherwise.

``evidence-<environment>-<start>-<end>-<8 hex digits>``; ``docs/format.md`` section 6 has the rule.
"""

import hashlib
import re

from evidencekit.core.instant import format_instant
from evidencekit.core.manifest import Manifest

_SECONDS = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z", re.ASCII)
_MAX_PART = 40  # characters


def derived_id(manifest: Manifest) -> str:
    """Return the id that a bundle with this manifest has, whatever id the manifest gives itself.

    Scope and window in words, and 8 digits of a SHA-256 over the export's digest, ``created_at``,
    the signer's fingerprint and the name that the export was received under. Without a window, the
    times are those of the first and last event.
    """
    window, facts, export = manifest.window.window, manifest.facts, manifest.export
    start = format_instant(window.start) if window else facts.first or "undated"
    end = format_instant(window.end) if window else facts.last or "undated"
    words = map(_slug, (manifest.context.environment or "unspecified", start, end))
    seed = "\n".join((export.sha256, manifest.created_at, manifest.signer, export.received_as))
    return "-".join(["evidence", *words, hashlib.sha256(seed.encode()).hexdigest()[:8]])


def _slug(text: str) -> str:
    """Return lower-case letters and digits with hyphens between; a time without its fraction."""
    time = _SECONDS.fullmatch(text)
    plain = "{}{}{}t{}{}{}z".format(*time.groups()) if time else text.lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_PART] or "unnamed"
