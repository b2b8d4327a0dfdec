"""Print the table of a drill: a row for each tampering, a column for each verifier."""

from collections.abc import Sequence

from evidencekit.cli.console import Console
from evidencekit.core import strict_json
from evidencekit.drill import OURS, Row


def print_rows(console: Console, rows: Sequence[Row], fmt: str) -> None:
    """Print the rows as text or as one JSON document."""
    if fmt == "json":
        document = {"format": "evidencekit-drill/1", "rows": [row.to_json() for row in rows]}
        console.print(strict_json.dumps(document).decode(), newline=False)
        return
    tools = list(rows[0].noticed)
    wide = max(len(row.tampering) for row in rows) + 2
    for number, tool in enumerate(tools):
        console.print(" " * wide + "  │" * number + f"  ┌ {tool}")
    for row in rows:
        console.print(row.tampering.ljust(wide) + "".join(_cell(console, row, t) for t in tools))
    tampered = rows[1:]
    ours = sum(row.noticed[OURS] for row in tampered)
    legend = "✗ refuses   ! accepts, and says what is absent   · accepts   blank: was not asked"
    console.print(f"\n{legend}")
    for tool in tools[1:]:
        noticed = sum(row.noticed.get(tool, False) for row in tampered)
        console.print(f"{tool} notices {noticed} of {len(tampered)}")
    told = sum(row.is_told and not row.noticed[OURS] for row in tampered)
    console.print(f"{OURS} notices {ours} of {len(tampered)}, and says of {told} what is absent")


def _cell(console: Console, row: Row, tool: str) -> str:
    if tool not in row.noticed:
        return "   "
    refuses = row.noticed[tool]
    if tool == OURS and not refuses and row.absent:
        return "  " + console.paint("!", fg="yellow")
    return "  " + (console.paint("✗", fg="red") if refuses else console.paint("·", dim=True))
