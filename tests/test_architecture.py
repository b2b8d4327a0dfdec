"""The shape of the code, derived from its syntax trees: who imports whom, how long things are."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "evidencekit"

# One row knows only the rows above it, and nobody in its own. A new module goes into the first row
# that is below all it imports; one that fits nowhere would make a circle.
ROWS = """
compiled.runtime core.qrsymbol errors limits progress resources

core.chart core.der core.ed25519 core.events core.facts core.gaps core.instant core.markdown
core.notebook core.p256 core.pkcs11uri core.proquint core.qrcode core.rules core.split_csv
core.split_json core.sshwire core.tree core.urls core.visible

core.authority core.cmssignature core.digits core.moments core.names core.page core.publickey
core.query core.report core.strict_json core.texts core.unfolding core.window core.wording

core.bag core.breakdowns core.cireport core.dsse core.jobs core.parse core.plain core.regular
core.schema core.sshsig core.statement core.tally core.timeline core.timestamp core.trusted
core.typeset
core.zipform

core.allowedsigners core.cells core.custody core.custodyform core.journal core.manifest
core.provenance core.signaturefile core.standing core.tabular core.tamperings core.total
core.trustlint core.zipcheck

core.accept core.bundleid core.coverage core.explaining core.holding core.receipt core.summary

core.chain core.readers

core.block core.framing

core.survey

edges.clock edges.cluster edges.files edges.memory edges.material edges.members edges.place
edges.rawfile edges.wire

edges.folder edges.foreign edges.http edges.lock edges.pool edges.publish

edges.keys edges.leaffile edges.pdf edges.retry edges.render edges.surveying

edges.answers edges.trust edges.verifierpage edges.zipread
edges.signers.agent edges.signers.awskms edges.signers.token edges.signers.vault

edges.download edges.signers edges.timestamp edges.trustfile edges.zipwrite

edges.api edges.extend edges.partial edges.stamping edges.stamps

edges.container edges.pull

examination

comparison signing validation

checks.case

checks.authenticity checks.completeness checks.handover checks.integrity

collector verifier

extraction lookup series

cross drill

explanation nextrecord timestamping

custody

standin.events

standin.jobs

standin.server

standin standin.__main__
"""
ABOVE = "cli"  # the commands, on top of everything; their order among themselves is free of circles
LEVEL = {
    module: level
    for level, row in enumerate(ROWS.split("\n\n"))
    for line in row.splitlines()
    for module in line.split()
}

# What may be imported where; whatever is in neither table is nowhere.
OUTSIDE = {
    "bcrypt": "edges.keys",
    "boto3": "edges.signers.awskms",
    "botocore": "edges.signers.awskms",
    "click": "cli standin.__main__",
    "cryptography": "core edges",
    "distributed": "edges.cluster",
    "httpcore": "edges.http edges.wire",
    "isal": "edges.zipwrite",
    "jinja2": "edges.render",
    "jsonschema_rs": "core.schema",
    "markupsafe": "compiled.runtime edges.render",
    "orjson": "core.parse core.block",
    "pkcs11": "edges.signers.token",
    "rfc3161_client": "core.timestamp edges.timestamp",
    "rich": "cli",
    "typst": "edges.pdf",
}
# core/ touches no disk, network, clock, randomness, process or log.
IMPURE = {
    *("asyncio", "glob", "http", "importlib", "io", "logging", "mmap", "multiprocessing", "os"),
    *("pathlib", "random", "secrets", "select", "shutil", "signal", "socket", "ssl", "subprocess"),
    *("tempfile", "threading", "time", "urllib.request", "uuid"),
}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
CLOCKS = {"now", "utcnow", "today"}


def modules() -> Iterator[tuple[str, Path]]:
    for file in sorted(set(PACKAGE.rglob("*.py")) - set(PACKAGE.glob("compiled/*_*.py"))):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts).removesuffix("__init__").rstrip("."), file


TREES = {name: ast.parse(file.read_bytes()) for name, file in modules()}
NAMES = [
    name for name in TREES if name not in {"", "checks", "compiled", "core", "edges"}
]  # those hold a docstring


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield every module that is imported anywhere, also inside functions, by its full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}".removeprefix("evidencekit.")
                yield f"evidencekit.{inner}" if inner in TREES else str(node.module)


def within(module: str, places: str) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places.split())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("module", NAMES)
def test_every_module_has_its_place_and_imports_only_what_is_below_it(module):
    ours = (name for name in imports(TREES[module]) if name.startswith("evidencekit."))
    imported = {name.removeprefix("evidencekit.") for name in ours}
    if within(module, f"{ABOVE} __main__"):
        assert all(name in LEVEL or within(name, ABOVE) for name in imported)
        return
    assert module in LEVEL, f"say in ROWS where {module} belongs"
    assert {name for name in imported if LEVEL.get(name, 99) >= LEVEL[module]} == set()


@pytest.mark.parametrize("module", [name for name in NAMES if within(name, "core")])
def test_core_touches_nothing_outside_the_process(module):
    tree = TREES[module]
    assert not {name for name in imports(tree) if {name, name.split(".")[0]} & IMPURE}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in IMPURE_CALLS, f"line {node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCKS, f"line {node.lineno}: reads a clock"


@pytest.mark.parametrize("module", NAMES)
def test_libraries_are_imported_only_where_they_belong(module):
    for name in imports(TREES[module]):
        library = name.split(".")[0]
        if library not in sys.stdlib_module_names and library != "evidencekit":
            assert within(module, OUTSIDE.get(library, "")), f"{name} in {module}"


@pytest.mark.parametrize("module", NAMES)
def test_functions_and_modules_fit_a_page(module):
    lines = (PACKAGE.parent / dict(modules())[module]).read_text().count("\n")
    assert lines <= 300
    for function in functions(TREES[module]):
        length = function.end_lineno - function.lineno + 1
        first = function.body[0]
        if ast.get_docstring(function) is not None:
            length -= first.end_lineno - first.lineno + 1
        assert length <= 30, f"{function.name} has {length} lines"


@pytest.mark.parametrize("module", NAMES)
def test_a_wide_net_throws_back_what_it_catches(module):
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ExceptHandler):
            caught = "BaseException" if node.type is None else ast.unparse(node.type)
            last = node.body[-1]
            thrown = isinstance(last, ast.Raise) and last.exc is None
            assert thrown or caught not in {"Exception", "BaseException"}, f"line {node.lineno}"
