"""Render the pages of a bundle with Jinja, the only module that does.

HTML is escaped by Jinja, always; the one thing it lets through is our own SVG. In Markdown and
plain text every expression passes a filter that escapes or lays it out, which a test holds.
"""

import base64
import hashlib
from collections.abc import Mapping, MutableMapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from jinja2.bccache import bc_version
from markupsafe import Markup

from evidencekit import resources
from evidencekit.core import chart, markdown, plain, qrcode
from evidencekit.core.names import signer_id
from evidencekit.core.page import Bar, Digest
from evidencekit.core.statement import EVIDENCE
from evidencekit.core.summary import summarize
from evidencekit.core.wording import word

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
    template = environment(html=fmt == "html").get_template(FORMATS[fmt])
    return template.render(page=page, style_hash=_style_hash() if fmt == "html" else "")


def render_verify_txt(manifest: Mapping[str, Any]) -> str:
    """Return ``data/verify.txt``: commands for this bundle and this key, to copy and paste."""
    fingerprint = manifest["signer"]["fingerprint"]
    return (
        environment(html=False)
        .get_template("verify.txt.jinja")
        .render(
            bundle=manifest["bundle_id"],
            fingerprint=fingerprint,
            digest=fingerprint.removeprefix("SHA256:"),
            signer=signer_id(fingerprint),
            predicate_type=EVIDENCE,
        )
    )


def render_pages(manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Return every page of a bundle, by name: what collecting writes and verifying compares."""
    return {
        "data/summary.html": render_summary(manifest, "html").encode(),
        "data/summary.md": render_summary(manifest, "markdown").encode(),
        "data/verify.txt": render_verify_txt(manifest).encode(),
    }


class _Loader(FunctionLoader):
    """Reads templates: as they were compiled beforehand, if they are the same, else to compile."""

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  (Jinja's word)
    ) -> Template:
        try:
            module = vars(import_module(f"evidencekit.compiled.{module_name(name)}"))
        except ModuleNotFoundError:  # a new one
            return super().load(environment, name, globals)
        if not is_current(module, resources.template(name), html=bool(environment.autoescape)):
            return super().load(environment, name, globals)
        return environment.template_class.from_module_dict(environment, module, globals or {})


def is_current(module: Mapping[str, Any], source: str, *, html: bool) -> bool:
    """Tell whether a compiled template was made of this source, so escaped, by such a Jinja."""
    made = module["SHA256"], module["FORMAT"], module["HTML"]
    return made == (hashlib.sha256(source.encode()).hexdigest(), bc_version, html)


def module_name(template: str) -> str:
    """Return which module of ``evidencekit.compiled`` a template is."""
    return template.removesuffix(".jinja").replace(".", "_")


@cache
def environment(*, html: bool) -> Environment:
    """Return the one way in which templates are read; ``html`` escapes every expression."""
    made = Environment(
        autoescape=html,  # noqa: S701  (on for HTML; elsewhere a filter escapes for that format)
        undefined=StrictUndefined,
        loader=_Loader(resources.template),
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


_HTML_FILTERS = {"svg": _svg, "bar": _bar, "qr": _qr}
_TEXT_FILTERS = {
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
