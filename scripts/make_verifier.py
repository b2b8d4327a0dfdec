"""Write verify.html for a release: the page, and its SHA-256 to publish beside it."""

import hashlib
import sys
from pathlib import Path

from evidencekit.edges.verifierpage import render_verifier


def main() -> None:
    """Write the page where the first argument says, or into this folder."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "verify.html")
    page = render_verifier()
    path.write_bytes(page)
    sys.stdout.write(f"{hashlib.sha256(page).hexdigest()}  {path}\n")


if __name__ == "__main__":
    main()
