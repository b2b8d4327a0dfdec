"""Time-stamp a bundle that is there: its first time-stamps, or fresh ones before the old age.

Only envelopes in ``signatures/`` change, and of those only their time-stamps: root, signatures and
custody records keep their bytes. A fresh time-stamp covers the signature, as the first one does;
that it existed by the earlier time remains the earlier authority's word.
"""

from dataclasses import replace
from pathlib import Path

from evidencekit.core.dsse import Signed, Stamp, encode
from evidencekit.edges.container import replace_members
from evidencekit.errors import UndecidedError
from evidencekit.examination import Examination


def add_timestamps(
    bundle: Path, found: Examination, *, stamp: Stamp, renew: bool = False
) -> tuple[str, ...]:
    """Stamp the signatures of a bundle that was just examined; return the envelopes' names.

    Those that have a time-stamp already are left alone, unless ``renew``. Every authority is asked
    before anything is written. Raises ``UndecidedError`` with ``timestamp.*`` or ``output.*``.
    """
    envelopes = {
        file.name: file.opened
        for file in found.signatures
        if isinstance(file.opened, Signed) and (renew or not file.opened.tokens)
    }
    if not envelopes:
        told = "bundle: every signature by a key you trust has a time-stamp already"
        raise UndecidedError("timestamp.exists", told, hint="renew adds a fresh one")
    files: dict[str, bytes] = {}
    expected: dict[str, str] = {}
    for name, signed in envelopes.items():
        tokens = (*signed.tokens, *stamp(signed.signature))
        files[name] = encode(replace(signed, tokens=tokens))
        expected[name] = str(found.digests[name])
        copy = name.replace(".sigstore.json", ".tsr")
        if copy not in found.documents:
            files[copy] = tokens[0]
    replace_members(bundle, files, expected)
    return tuple(envelopes)
