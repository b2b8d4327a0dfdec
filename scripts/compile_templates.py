"""Compile the templates into ``evidencekit/compiled/``, after a template or Jinja has changed."""

import hashlib
import re
import sys
from importlib.metadata import version
from pathlib import Path

from evidencekit import resources
from evidencekit.compiled import runtime
from evidencekit.edges.render import environment, module_name

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "evidencekit/compiled"
HEAD = '''\
"""{name}, compiled by Jinja. Written by scripts/compile_templates.py: edit the template."""

# mypy: ignore-errors
# Jinja {jinja}

SHA256 = "{sha256}"  # of the source
HTML = {html}  # whether every expression is escaped

from evidencekit.compiled.runtime import {used}

'''


def templates() -> list[str]:
    """Return what Jinja reads: every template, and the style sheet that one of them holds."""
    return sorted([*(file.name for file in (ROOT / "templates").glob("*.jinja")), "summary.css"])


def compiled() -> dict[str, str]:
    """Return every module, by file name."""
    return {f"{module_name(name)}.py": compile_one(name) for name in templates()}


def compile_one(name: str) -> str:
    """Return the module of one template; a style sheet is part of an HTML page."""
    source = resources.template(name)
    html = ".html" in name or name.endswith(".css")
    code = environment(html=html).compile(source, name, None, raw=True, defer_init=True)
    digest = hashlib.sha256(source.encode()).hexdigest()
    head, _, body = code.partition("\n")
    names = head.removeprefix("from jinja2.runtime import ").split(", ")
    used = [name for name in names if re.search(rf"\b{name}\b", body)]
    if missing := set(used) - set(runtime.__all__):
        raise SystemExit(f"{name}: needs {missing}, which evidencekit/compiled/runtime.py has not")
    known = {"sha256": digest, "html": html, "jinja": version("jinja2"), "used": ", ".join(used)}
    return HEAD.format(name=name, **known) + body + "\n"


def main() -> int:
    """Write what is not as it should be, and take away what should not be."""
    wanted = compiled()
    for file in FOLDER.glob("*.py"):
        if file.name not in {"__init__.py", "runtime.py", *wanted}:
            file.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
