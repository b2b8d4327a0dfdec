"""Compile the templates into ``evidencekit/compiled/``, after a template or Jinja has changed."""

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

from jinja2.bccache import bc_version

from evidencekit import resources
from evidencekit.edges.render import environment, module_name

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "evidencekit/compiled"
HEAD = '''\
"""{name}, compiled by Jinja. Written by scripts/compile_templates.py: edit the template."""

# mypy: ignore-errors
# Jinja {jinja}

SHA256 = "{sha256}"  # of the source
FORMAT = {format}  # of Jinja's compiled templates
HTML = {html}  # whether every expression is escaped

'''


def compiled() -> dict[str, str]:
    """Return every module, by file name."""
    names = sorted(file.name for file in (ROOT / "templates").glob("*.*"))
    return {f"{module_name(name)}.py": compile_one(name) for name in names}


def compile_one(name: str) -> str:
    """Return the module of one template; a style sheet is part of an HTML page."""
    source = resources.template(name)
    html = ".html" in name or name.endswith(".css")
    code = environment(html=html).compile(source, name, None, raw=True, defer_init=True)
    digest = hashlib.sha256(source.encode()).hexdigest()
    head = HEAD.format(
        name=name, sha256=digest, format=bc_version, html=html, jinja=version("jinja2")
    )
    return head + code + "\n"


def main() -> int:
    """Write what is not as it should be, and take away what should not be."""
    wanted = compiled()
    for file in FOLDER.glob("*.py"):
        if file.name not in {"__init__.py", *wanted}:
            file.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
