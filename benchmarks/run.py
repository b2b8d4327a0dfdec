"""Compare whole processes with the limits of the machine and with other tools, in turn.

    python benchmarks/run.py --work DIR --output docs/performance.md
    python benchmarks/run.py --work DIR --output docs/performance.md --only zip
    python benchmarks/run.py --work DIR --output /tmp/trial.md --scale 0.02 --rounds 1

Everything is a ratio of medians of one run; absolute times say little on a shared machine. The
figures are stored as JSON beside the page; goals, tables and plot are written from that, so that
one table can be made anew by itself. Tools that are not installed are left out, and the page says
so.
"""

import argparse
import sys
import time
from pathlib import Path

from page import write_page, write_parts
from results import load, save
from tables import TABLES
from workshop import Workshop


def main() -> None:
    """Run what is asked for, store it after each table, and write the page."""
    asked = _asked()
    stored = asked.output.with_suffix(".json")
    shop = Workshop(asked.work.resolve(), asked.rounds, asked.scale)
    write_parts(asked.output, asked.work / "parts.json")
    for key in asked.only or [key for key in TABLES if key != "huge" or asked.huge]:
        began = time.monotonic()
        tables = load(stored) | {key: TABLES[key](shop)}
        save(stored, {key: tables[key] for key in TABLES if key in tables})
        write_page(asked.output, load(stored))
        print(f"{key}: {time.monotonic() - began:.0f} s", file=sys.stderr)  # noqa: T201


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="a folder with room for 10 GB")
    parser.add_argument("--output", type=Path, required=True, help="the page; its rest is kept")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", action="append", choices=TABLES, metavar="TABLE", help=f"{', '.join(TABLES)}"
    )
    parser.add_argument("--huge", action="store_true", help="grow to 10 GB; needs 30 GB more")
    parser.add_argument("--scale", type=float, default=1.0, help="for a trial: fewer events")
    return parser.parse_args()


if __name__ == "__main__":
    main()
