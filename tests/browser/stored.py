"""The bundles of tests/bundles as cases for the page: the good ones, and each kind of bad one."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from forge.recipes import follow

from evidencekit.core.instant import parse_instant
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

BUNDLES = Path(__file__).parents[1] / "bundles"
SMALL_SCHEMA = (BUNDLES / "small.schema.json").read_bytes()
EXPECTED = json.loads((BUNDLES / "bad/EXPECTED.json").read_bytes())
AT = parse_instant("2026-06-01T00:00:00Z")
KEYS = tuple(BUNDLES / f"keys/{name}.pub" for name in ("preparer", "co-signer", "ecdsa"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One bundle, what the receiver has, and what must be found: by check, outcome and codes."""

    name: str
    path: Path
    keys: tuple[Path, ...]
    trust: Path | None
    schema: bytes | None  # None: our own

    @property
    def files(self) -> list[str]:
        return [*map(str, self.keys), *([str(self.trust)] if self.trust else [])]


def stored_cases(place: Path) -> list[Stored]:
    """Return every stored bundle that can be asked of the page; recipes are followed in ``place``.

    A page asks for no environment, window or signer, and no browser shows it links and devices.
    """
    small = [BUNDLES / "good/older-template"]
    good = [path for path in sorted((BUNDLES / "good").iterdir()) if path not in small]
    cases = [_case(path.name, path, {"schema": "own"}, place) for path in good]
    cases += [_case(path.name, path, {}, place) for path in small]
    return cases + [
        _case(name, _bad(name, place / name), row, place)
        for name, row in EXPECTED.items()
        if row["check"] != "expectations" and not name.startswith("special-")
    ]


def _case(name: str, path: Path, row: dict, place: Path) -> Stored:
    words = row.get("arguments", [])
    given = dict(zip(words[::2], words[1::2], strict=False))
    keys, trust = KEYS, None
    if "--trust" in given:
        # A trust file that others may write is refused, and who checks out has any umask.
        trust = place / f"{name}.trust.toml"
        shutil.copyfile(BUNDLES / given["--trust"], trust)
        trust.chmod(0o600)
        keys = ()
    elif "--key" in given:
        keys = (BUNDLES / given["--key"],)
    elif "--no-key" in words:
        keys = ()
    schema = None if row.get("schema") == "own" else SMALL_SCHEMA
    return Stored(name=name, path=path, keys=keys, trust=trust, schema=schema)


def _bad(name: str, place: Path) -> Path:
    for path in (BUNDLES / "bad" / name, BUNDLES / "bad" / f"{name}.zip"):
        if path.exists():
            return path
    place.mkdir()
    recipe = json.loads((BUNDLES / "bad" / f"{name}.recipe.json").read_bytes())
    return follow(recipe["steps"], BUNDLES / "good/older-template", place)


def of_python(case):
    trust = Trust.from_file(case.trust) if case.trust else None
    if case.keys:
        trust = Trust.from_keys(case.keys)
    report = verify(case.path, trust=trust, at=AT, schema=case.schema, jobs=1).report
    return str(report.verdict), {
        check.name: (str(check.outcome), frozenset(fault.code for fault in check.faults))
        for check in report.checks
    }


# Checks that the page does not ask by design; "not asked" is then what it says.
LEFT = {
    "schema": "the events are not judged by the schema",
    "summary": "the pages are not rendered again",
}
NOT_JUDGED = (
    "how many events break the schema is the bundle's word, so what follows from it differs"
)
NOT_RENDERED = "the signer himself lied in a page, which only rendering it again can tell"
# Bundles of which the page says something else, in which checks, and why; "verdict" is one of them.
SAYS_LESS = {
    **{name: ({"coverage"}, NOT_JUDGED) for name in ("edited-export", "export-id-a-number")},
    "export-no-verdict": ({"coverage"}, NOT_JUDGED),
    "timestamp-garbage": ({"timestamp", "verdict"}, "the page reads no time-stamp, and says so"),
    "facts-invalid-events": ({"schema", "facts", "coverage"}, NOT_JUDGED),
    **{
        name: ({"verdict"}, NOT_RENDERED)
        for name in (
            *("page-html-figure", "page-html-script", "page-markdown-figure"),
            *("page-of-another-manifest", "page-verify-text-command"),
            "page-verify-text-fingerprint",
        )
    },
}
# A folder input gives files alone: no empty folder, and no folder at all where there is no file.
UNSEEN = {"folder-empty", "empty-folder-known", "empty-folder-of-custody", "empty-folder-unknown"}
LAX_INFLATER = (
    "zip-deflate-longer"  # node's ignores bytes behind the end; the page asks a browser's
)


def contradictions(case, verdict, checks):
    """Return in what the page contradicts Python, or agrees where it is said not to."""
    python_verdict, python = of_python(case)
    differing = {"verdict"} if verdict != python_verdict else set()
    differing |= {
        name
        for name, expected in python.items()
        if checks.get(name, expected) != expected
        and not (name in LEFT and checks[name][0] == "not asked")
    }
    expected, _ = SAYS_LESS.get(case.name, (set(), ""))
    if differing == expected:
        return []
    return [f"{case.name}: {sorted(differing)}: {verdict}, {checks}; {python_verdict}, {python}"]
