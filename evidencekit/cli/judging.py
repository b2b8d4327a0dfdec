"""What every command that verifies does: load whom to trust, verify with a progress bar."""

from pathlib import Path

from evidencekit.cli.console import Console
from evidencekit.edges.trust import Trust
from evidencekit.verifier import Expectations, Verification, verify


def load_trust(trust: Path | None, keys: tuple[Path, ...]) -> Trust | None:
    """Return whom the receiver trusts, or None where nothing was given. Raises ``UndecidedError``."""
    if trust is not None:
        loaded = Trust.from_file(trust)
        return loaded.with_keys(keys) if keys else loaded
    return Trust.from_keys(keys) if keys else None


def judge(
    console: Console,
    path: Path,
    *,
    trust: Trust | None,
    at: int,
    expect: Expectations | None = None,
    schema: bytes | None = None,
    quick: bool = False,
    jobs: int | None = None,
) -> Verification:
    """Verify one bundle, with a progress bar on a terminal."""
    with console.bar(f"verifying {path.name}") as advance:
        return verify(
            path,
            trust=trust,
            at=at,
            expect=expect or Expectations(),
            schema=schema,
            quick=quick,
            jobs=jobs,
            progress=advance,
        )
