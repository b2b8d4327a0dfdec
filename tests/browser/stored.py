"""The bundles of tests/bundles as cases for the page: the good ones, and each kind of bad one."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from forge.recipes import follow

from evidencekit.core.instant import parse_instant

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
