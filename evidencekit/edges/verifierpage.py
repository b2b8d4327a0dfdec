"""Put the offline browser verifier together: one HTML file out of readable modules.

There is no build step: each module becomes a function that returns what it exports, so that names
which are private to it stay so, and all of them become one inline script. The page's policy names
the hashes of that script and of the style sheets, and allows no request of any kind.
"""

import base64
import hashlib
import json
import re

from evidencekit import __version__, resources
from evidencekit.core.schema import EventSchema
from evidencekit.edges.render import TEMPLATE

# Each module imports only from those before it.
MODULES = (
    *("base", "bytes", "crc32", "sha256", "strictjson", "jsontext", "instant", "names", "zipform"),
    *("container", "bag", "bundleid", "p256", "publickey", "signatures", "statement", "jsonschema"),
    *(
        "manifest",
        "toml",
        "fingerprint",
        "trust",
        "report",
        "standing",
        "tree",
        "said",
        "events",
        "jsonexport",
    ),
    *("csvexport", "timeline", "tally", "survey", "examine", "comparison", "coverage", "custody"),
    *("chain", "verify", "lookup", "known", "work", "choose", "show", "finder", "page"),
)
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z0-9]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
_FORBIDDEN = re.compile(r"</script|<!--|^(?:import|export)\b", re.IGNORECASE | re.MULTILINE)


def render_verifier(schema: bytes | None = None) -> bytes:
    """Return ``verify.html``; the same version gives the same bytes.

    ``schema`` is the event schema that bundles must hold, ours if None. Raises ``UndecidedError``
    with ``schema.*`` codes where it is none.
    """
    judged_by = EventSchema.own() if schema is None else EventSchema.from_bytes(schema)
    script, style = _script(), resources.template("verifier/page.css")
    values = {
        "policy": _policy(script, style, resources.template("summary.css")),
        "style": style,
        "given": _given(judged_by),
        "script": script,
        "version": f"evidencekit {__version__}",
    }
    page = resources.template("verifier/page.html")
    return re.sub(r"@([a-z]+)@", lambda match: values[match[1]], page).encode()


def module(name: str) -> tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return a module's code without imports and exports, what it exports, what it imports.

    An import is a pair: the module and the name. Raises ``ValueError`` for what cannot be put
    inside a page.
    """
    source = resources.template(f"verifier/{name}.js")
    imported = tuple(
        (match[2], word.strip())
        for match in _IMPORT.finditer(source)
        for word in match[1].split(",")
        if word.strip()
    )
    exported = tuple(match[2] for match in _EXPORT.finditer(source))
    code = _EXPORT.sub(r"\1", _IMPORT.sub("", source)).strip()
    if _FORBIDDEN.search(code):
        raise ValueError(f"{name}.js: an import, export or tag that cannot be put inside a page")
    return code, exported, imported


def _script() -> str:
    parts = ['"use strict";']
    for name in MODULES:
        code, exported, _ = module(name)
        names = ", ".join(exported)
        assigned = f"const {{ {names} }} = " if exported else ""
        returned = f"\nreturn {{ {names} }};" if exported else ""
        parts.append(f"// {name}.js\n{assigned}(() => {{\n{code}{returned}\n}})();")
    return "\n\n".join(parts) + "\n"


def _given(schema: EventSchema) -> str:
    """Return what the page judges by, as JSON that cannot end its element."""
    given = {
        "manifestSchema": json.loads(resources.schema("manifest.v1.schema.json")),
        "schemaSha256": schema.sha256,
        "template": TEMPLATE,
        "coercions": schema.coercions,
    }
    return json.dumps(given, separators=(",", ":")).replace("<", "\\u003c")


def _policy(script: str, *styles: str) -> str:
    """Return the page's policy; the frame that shows a summary inherits it."""
    rules = (
        "default-src 'none'",
        f"script-src {_digest(script)}",
        f"style-src {' '.join(map(_digest, styles))}",
        "worker-src blob:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(rules)


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
