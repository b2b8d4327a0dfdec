"""Disable what verifies, one place at a time, and see that tests/bundles notices each time.

Three kinds of mutants: a check of ``verifier.CHECKS`` that always passes; a ``yield`` of
``comparison.py`` that never happens; a ``raise`` in the modules that read a bundle that never
happens. A mutant is killed when a bundle of tests/bundles gets another verdict or loses the code
that EXPECTED.json names, or when a member that is written over meanwhile is read. Run it after a
check was added:

    .venv/bin/python scripts/mutate_checks.py

Exit code 1: a mutant survived that is not in SURVIVORS, with the reason why it may.
"""

import ast
import json
import shutil
import sys
import tempfile
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from forge.recipes import follow

from evidencekit import verifier
from evidencekit.core.instant import parse_instant
from evidencekit.core.report import Check
from evidencekit.core.window import Window
from evidencekit.edges.container import open_bundle
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError

BUNDLES = Path(__file__).parents[1] / "tests/bundles"
AT = parse_instant("2026-06-01T00:00:00Z")
MODULES = (
    "comparison",
    "checks.authenticity",
    "checks.completeness",
    "checks.integrity",
    "core.bag",
    "core.dsse",
    "core.signaturefile",
    "core.manifest",
    "core.names",
    "core.sshsig",
    "core.statement",
    "core.zipcheck",
    "edges.folder",
    "examination",
)
# Part of a place: why disabling it alone changes no verdict and no code.
SURVIVORS: Mapping[str, str] = {
    "'does not end in a line end'": "the text is compared with its one form, too",
    "a second time": "the text is compared with its one form, too",
    "timestamp.limit": "asked when writing an envelope, not when reading one",
    "envelope.size": "asked twice: where an envelope is opened and where it is taken apart",
    "expected 5": "taking the fields apart fails on another number of them",
    "parts, expected 2": "taking the signature apart fails on another number of them",
    "that is not 64 hex digits": "such a digest is no file's, and that has the same code",
    "names no subject": "none are not the three that there must be, which has the same code",
    "without a comment": "the end record is compared with its one form, too",
    "there is no zip64 record": "the end record is compared with its one form, too",
    "beyond the archive's end": "the end record is compared with its one form, too",
    "its members have more than": "needs a bundle of more than a tebibyte",
    "holds more than {MAX_MEMBER_BYTES": "needs a bundle of more than a tebibyte",
    "raise envelope": "a time-stamp file whose envelope is at fault is in no envelope, a fault too",
    "trust.none": "without a trusted key the check signature says so whatever the files are",
}


class Catalogue:
    """The bad bundles in a form that is quick to verify again and again."""

    def __init__(self, place: Path) -> None:
        """Make what no repository holds below ``place``."""
        self._rows: dict[str, dict[str, Any]] = json.loads(
            (BUNDLES / "bad/EXPECTED.json").read_bytes()
        )
        self._bundles = {name: self._bundle(name, place) for name in self._rows}
        self._small = (BUNDLES / "small.schema.json").read_bytes()
        self._keys = Trust.from_keys(
            [BUNDLES / f"keys/{name}.pub" for name in ("preparer", "co-signer", "ecdsa")]
        )
        self._own = shutil.copytree(BUNDLES / "good/older-template", place / "own copy")
        self._trusts = {}
        for path in (BUNDLES / "trust").iterdir():
            copy = place / path.name
            shutil.copyfile(path, copy)
            copy.chmod(0o600)
            self._trusts[f"trust/{path.name}"] = Trust.from_file(copy)

    def _bundle(self, name: str, place: Path) -> Path:
        for path in (BUNDLES / "bad" / name, BUNDLES / f"bad/{name}.zip"):
            if path.exists():
                return path
        recipe = json.loads((BUNDLES / f"bad/{name}.recipe.json").read_bytes())
        (place / name).mkdir()
        return follow(recipe["steps"], BUNDLES / "good/older-template", place / name)

    def first_change(self, *, check: str = "") -> str | None:
        """Return the first bundle that is taken otherwise than expected, or None."""
        rows = sorted(self._rows.items(), key=lambda row: row[1]["check"] != check)
        changed = next((name for name, row in rows if not self._holds(name, row)), None)
        return changed or (None if self._refuses_change() else "a member that is written meanwhile")

    def _refuses_change(self) -> bool:
        """Tell whether a member that is written over between finding and reading it is refused."""
        with open_bundle(self._own) as bundle:
            page = self._own / "data/summary.md"
            page.write_bytes(bytes(page.stat().st_size))
            try:
                bundle.open("data/summary.md").readall()
            except EvidenceError as error:
                return error.code == "container.changed"
            except Exception:  # a mutant that falls over is noticed
                return False
        return False

    def _holds(self, name: str, row: Mapping[str, Any]) -> bool:
        words = row.get("arguments", [])
        given = dict(zip(words[::2], words[1::2], strict=False))
        trust: Trust | None = self._keys
        if "--trust" in given:
            trust = self._trusts[given["--trust"]]
        elif "--key" in given:
            trust = Trust.from_keys([BUNDLES / given["--key"]])
        elif words[:1] == ["--no-key"]:
            trust = None
        window = Window.from_times(*words[1:]) if "--window" in given else None
        expect = verifier.Expectations(
            environment=given.get("--environment"), signer=given.get("--signer"), window=window
        )
        schema = None if row.get("schema") == "own" else self._small
        try:
            report = verifier.verify(
                self._bundles[name], trust=trust, at=AT, expect=expect, schema=schema, jobs=1
            ).report
        except Exception:  # a mutant that falls over is noticed
            return False
        found = {(check.name, fault.code) for check in report.checks for fault in check.faults}
        return report.exit_code == row["exit"] and (row["check"], row["code"]) in found


@contextmanager
def passing(name: str) -> Iterator[None]:
    """Let a check of the table pass, whatever it would find."""
    table: Any = verifier.CHECKS
    original = table[name]
    table[name] = lambda _case: Check.passed(name, "disabled")
    try:
        yield
    finally:
        table[name] = original


class _Disable(ast.NodeTransformer):
    """Take out one statement: the ``wanted``-th that raises or yields."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.seen, self.place = wanted, -1, ""

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        return self._one(node, ast.Pass())

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        if not isinstance(node.value, ast.Yield | ast.YieldFrom):
            return node
        # The function stays a generator, whatever else it yields.
        return self._one(node, ast.If(test=ast.Constant(value=False), body=[node], orelse=[]))

    def _one(self, node: ast.stmt, instead: ast.stmt) -> ast.stmt:
        self.seen += 1
        if self.seen != self.wanted:
            return node
        self.place = f"line {node.lineno}: {ast.unparse(node).splitlines()[0][:90]}"
        return ast.copy_location(instead, node)


@contextmanager
def disabled(module: types.ModuleType, wanted: int) -> Iterator[str]:
    """Take one statement out of a loaded module, and put it back; yield where, '' for none."""
    tree = ast.parse(Path(str(module.__file__)).read_bytes())
    taker = _Disable(wanted)
    tree = ast.fix_missing_locations(taker.visit(tree))
    codes = dict(_codes(compile(tree, str(module.__file__), "exec")))
    functions = list(_functions(module))
    originals = [(function, function.__code__) for function in functions]
    for function in functions:
        code = codes.get(function.__qualname__, function.__code__)
        if code.co_freevars == function.__code__.co_freevars:  # such as the class for super()
            function.__code__ = code
    try:
        yield taker.place
    finally:
        for function, code in originals:
            function.__code__ = code


def _codes(code: types.CodeType) -> Iterator[tuple[str, types.CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant.co_qualname, constant
            yield from _codes(constant)


def _functions(module: types.ModuleType) -> Iterator[types.FunctionType]:
    for value in vars(module).values():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        members = vars(value).values() if isinstance(value, type) else [value]
        for member in members:
            function = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
            if isinstance(function, types.FunctionType):
                yield function


def mutants() -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Yield each mutant: its name, the check that should notice first, and its context."""
    for name in verifier.CHECKS:
        yield f"check {name}", name, lambda n=name: passing(n)
    for name in MODULES:
        module = import_module(f"evidencekit.{name}")
        count = _Disable(-1)
        count.visit(ast.parse(Path(str(module.__file__)).read_bytes()))
        for wanted in range(count.seen + 1):
            yield name, "", lambda m=module, w=wanted: disabled(m, w)


def main() -> None:
    """Try every mutant, print each that survives, and the figures."""
    survivors, tried = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        catalogue = Catalogue(Path(scratch))
        if changed := catalogue.first_change():
            sys.exit(f"without any mutant, {changed} is not as expected")
        for name, check, context in mutants():
            tried += 1
            with context() as place:
                noticed = catalogue.first_change(check=check)
            where = f"{name} {place or ''}".strip()
            if noticed is None:
                survivors.append(where)
            sys.stdout.write(f"{'killed  ' if noticed else 'SURVIVED'} {where} {noticed or ''}\n")
            sys.stdout.flush()
    unexplained = [one for one in survivors if not any(part in one for part in SURVIVORS)]
    told = f"{tried} mutants, {tried - len(survivors)} killed, {len(survivors)} survived, "
    sys.stdout.write(f"{told}{len(unexplained)} of them without a reason\n")
    sys.exit(bool(unexplained))


if __name__ == "__main__":
    main()
