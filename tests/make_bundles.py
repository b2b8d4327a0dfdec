"""Write tests/bundles anew: good bundles, and one bad bundle for every kind of wrong.

Every byte follows from fixed keys, a fixed clock and the code: a second run leaves no diff. Run it
after the format, a page or the event schema changed:

    .venv/bin/python tests/make_bundles.py
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from forge import folders, handovers, manifests, signatures, texts, zips  # noqa: F401
from forge.bench import COSIGNER, ECDSA, PREPARER, STRANGER, Made
from forge.kinds import GOOD, KINDS, SMALL_SCHEMA, Recipe, good, thin

from evidencekit.core.names import SCHEMA
from evidencekit.core.schema import EventSchema

BUNDLES = Path(__file__).parent / "bundles"
KEYS = {"preparer": PREPARER, "co-signer": COSIGNER, "ecdsa": ECDSA, "stranger": STRANGER}


def main() -> None:
    """Write everything below tests/bundles."""
    shutil.rmtree(BUNDLES, ignore_errors=True)
    write(BUNDLES)


def write(place: Path) -> None:
    """Write keys, trust files, good and bad bundles into a new folder."""
    for name, signer in KEYS.items():
        put(place / f"keys/{name}.pub", f"{signer.public_key.to_openssh(name)}\n".encode())
    for name, text in trust_files().items():
        put(place / f"trust/{name}.toml", text.encode())
    for name in GOOD:
        put_folder(place / "good" / name, good(name))
    put(place / "good/json-array.zip", zips.zipped(good("json-array")))
    put(place / "good/co-signed.zip", zips.zipped(good("co-signed")))
    for kind in ("sig", "sshsig"):
        name = f"signatures/{PREPARER.public_key.signer_id}.{kind}"
        put_folder(place / f"good/without-{kind}", good("json-array").with_members({name: None}))
    put_folder(place / "good/older-template", thin())
    put(place / "small.schema.json", SMALL_SCHEMA)
    schemas = {}
    for one in KINDS.values():
        built = one.build()
        schemas[one.name] = schema_kind(built)
        put_bad(place / "bad", one.name, built)
    document = json.dumps(expected(schemas), indent=1)
    put(place / "bad/EXPECTED.json", document.encode() + b"\n")


def expected(schemas: Mapping[str, str]) -> dict[str, object]:
    """Return what verifying each bad bundle has to say, and how it is asked."""
    return {
        one.name: {"exit": one.exit, "check": one.check, "code": one.code}
        | ({"arguments": list(one.arguments)} if one.arguments else {})
        | ({"schema": "own"} if schemas[one.name] == "own" else {})
        for one in sorted(KINDS.values(), key=lambda one: one.name)
    }


def schema_kind(built: Made | bytes | Recipe) -> str:
    """Tell which schema a bundle is judged by: ``own``, or the small one of most."""
    members = built.members if isinstance(built, Made) else {}
    return "own" if members.get(SCHEMA) == EventSchema.own().data else "small"


def put_bad(place: Path, name: str, built: Made | bytes | Recipe) -> None:
    """Write a bad bundle in the form that holds it."""
    if isinstance(built, Made):
        put_folder(place / name, built)
    elif isinstance(built, bytes):
        put(place / f"{name}.zip", built)
    else:
        document = {"base": built.base, "steps": [list(step) for step in built.steps]}
        put(place / f"{name}.recipe.json", json.dumps(document, indent=1).encode() + b"\n")


def put_folder(place: Path, made: Made) -> None:
    """Write a bundle's folder."""
    for name, data in made.members.items():
        put(place / name, data)


def put(path: Path, data: bytes) -> None:
    """Write one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def trust_files() -> dict[str, str]:
    """Return the trust files that some kinds are judged by."""
    rules = {
        "two-signatures": "",
        "revoked": 'revoked-at = 2026-04-01T00:00:00Z\nrevoked-reason = "superseded"\n',
        "compromised": 'revoked-at = 2027-04-01T00:00:00Z\nrevoked-reason = "key-compromise"\n',
        "expired-before": "valid-until = 2026-01-01T00:00:00Z\n",
        "expired-since": "valid-until = 2026-05-01T00:00:00Z\n",
        "not-yet-valid": "valid-from = 2026-05-01T00:00:00Z\n",
        "other-environment": 'environments = ["staging"]\n',
        "role-missing": 'roles = ["preparer"]\n',
    }
    policies = {
        "two-signatures": "[policy]\nsignatures-required = 2\n",
        "role-missing": '[policy]\nroles-required = ["preparer", "reviewer"]\n',
    }
    return {
        name: signer("preparer", rule) + signer("co-signer") + policies.get(name, "")
        for name, rule in rules.items()
    }


def signer(name: str, rule: str = "") -> str:
    """Return one signer's table."""
    key = KEYS[name].public_key.to_openssh()
    return f'[[signer]]\nname = "{name}"\nkey = "{key}"\n{rule}\n'


if __name__ == "__main__":
    main()
