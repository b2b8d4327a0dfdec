"""``python -m evidencekit``."""

from evidencekit.cli import main

if __name__ == "__main__":  # worker processes import this module again under spawn
    main()
