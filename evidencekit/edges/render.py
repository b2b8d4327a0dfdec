"""Render the pages of a bundle by templates of Jinja's, compiled beforehand.

HTML is escaped in the template, always; what it lets through is our own: SVG, and an element around
each time in a text, which was escaped before. In Markdown
and plain text every expression passes a filter that escapes or lays it out, which a test holds.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from evidencekit import resources
from evidencekit.compiled.runtime import Filters, Pages
from evidencekit.core import chart, markdown, plain, qrcode
from evidencekit.core.names import signer_id
from evidencekit.core.page import Bar, Digest
from evidencekit.core.statement import EVIDENCE
from evidencekit.core.summary import summarize
from evidencekit.core.wording import word

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATE = "summary/2"  # changes when any page would differ for the same manifest
FORMATS = {
    "html": "summary.html.jinja",
    "markdown": "summary.md.jinja",
    "text": "summary.txt.jinja",
}


def render_summary(
    manifest: Mapping[str, Any],
    fmt: str,
    *,
    root: str | None = None,
    status: Sequence[str] = (),
    custody: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the summary of a manifest document as ``html``, ``markdown`` or ``text``.

    Without ``root`` it is the page inside the bundle, which says how to compute the root. ``root``,
    ``status``, lines for a banner, and ``custody``, the hand-overs of a report, come from whoever
    has just verified the bundle.
    """
    page = summarize(manifest, root=root, status=status, custody=custody)
    html = fmt == "html"
    given = {"page": page, "style_hash": _style_hash() if html else ""}
    return render(FORMATS[fmt], given, html=html)


def render_verify_txt(manifest: Mapping[str, Any]) -> str:
    """Return ``data/verify.txt``: commands for this bundle and this key, to copy and paste."""
    fingerprint = manifest["signer"]["fingerprint"]
    given = {
        "bundle": manifest["bundle_id"],
        "fingerprint": fingerprint,
        "digest": fingerprint.removeprefix("SHA256:"),
        "signer": signer_id(fingerprint),
        "predicate_type": EVIDENCE,
    }
    return render("verify.txt.jinja", given, html=False)


def render_pages(manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Return every page of a bundle, by name: what collecting writes and verifying compares."""
    return {
        "data/summary.html": render_summary(manifest, "html").encode(),
        "data/summary.md": render_summary(manifest, "markdown").encode(),
        "data/verify.txt": render_verify_txt(manifest).encode(),
    }


class StaleError(Exception):
    """A template has changed since it was compiled, or is new."""


def compiled(name: str, *, html: bool) -> dict[str, Any]:
    """Return what the module of a template holds. Raises ``StaleError``."""
    try:
        module = vars(import_module(f"evidencekit.compiled.{module_name(name)}"))
    except ModuleNotFoundError:
        raise StaleError from None
    if not is_current(module, resources.template(name), html=html):
        raise StaleError
    return module


def render(
    name: str, given: Mapping[str, object], *, html: bool, find: Callable[..., Any] = compiled
) -> str:
    """Render a template as it was compiled or, if ``find`` says that this is stale, by Jinja."""
    filters = _HTML_FILTERS if html else _TEXT_FILTERS
    try:
        return Pages(partial(find, html=html), filters, html=html).render(name, given)
    except StaleError:
        return environment(html=html).get_template(name).render(given)


def is_current(module: Mapping[str, Any], source: str, *, html: bool) -> bool:
    """Tell whether a compiled template was made of this source, and so escaped."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    return (module["SHA256"], module["HTML"]) == (digest, html)


def module_name(template: str) -> str:
    """Return which module of ``evidencekit.compiled`` a template is."""
    return template.removesuffix(".jinja").replace(".", "_")


@cache
def environment(*, html: bool) -> Environment:
    """Return the one way in which Jinja reads templates; ``html`` escapes every expression."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415  (start-up)

    made = Environment(
        autoescape=html,  # noqa: S701  (on for HTML; elsewhere a filter escapes for that format)
        undefined=StrictUndefined,
        loader=FunctionLoader(resources.template),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= _HTML_FILTERS if html else _TEXT_FILTERS
    return made


@cache
def _style_hash() -> str:
    """Return the style sheet's digest as a Content-Security-Policy names it."""
    digest = hashlib.sha256(resources.template("summary.css").encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _svg(drawing: chart.Chart, name: str, width: int, height: int) -> Markup:
    return Markup(chart.draw(drawing, name=name, width=width, height=height))  # noqa: S704


def _bar(bar: Bar) -> Markup:
    return Markup(chart.bar(bar.fraction, bar.tone))  # noqa: S704  (our own numbers and words)


def _qr(digest: Digest) -> Markup:
    name = f"qr-{digest.label.lower().replace(' ', '-')}"
    title = f"QR code of the {digest.label.lower()}"
    return Markup(qrcode.draw(digest.value, name=name, title=title))  # noqa: S704


_TIME = re.compile(  # and what stands close behind it
    r"\d{4}-\d\d-\d\d(?:T[\d:.]{8,18}Z| [\d:.]{8,18} UTC)[,;.)\u201d]?", re.ASCII
)


def _times(text: str) -> Markup:
    """Return a text with each time in an element, so that no line ends at a hyphen inside one."""
    return Markup(_TIME.sub(r'<span class="when">\g<0></span>', str(escape(text))))  # noqa: S704


_HTML_FILTERS: Filters = {"svg": _svg, "bar": _bar, "qr": _qr, "times": _times}
_TEXT_FILTERS: Filters = {
    "literal": markdown.literal,
    "cell": markdown.cell,
    "code": markdown.code,
    "cell_code": markdown.cell_code,
    "ascii_chart": plain.chart,
    "paragraph": plain.paragraph,
    "fields": plain.fields,
    "table": plain.table,
    "title": plain.title,
    "figure": plain.figure,
    "visible": word,
}
