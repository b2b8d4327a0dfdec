"""What ``make bench`` writes follows from what was measured, and who did not do its work is out."""

import re
import sys

import pytest
from goals import GOALS, goals
from page import put, write_page
from results import Row, Table, load, save
from rounds import Contender, compare
from stages import table as stages

OPENSSL, SIZE = "openssl dgst -sha256", 600_000_000


def row(name: str, *wall: float, peak: float = 50.0, events: int = 0, size: int = 0) -> Row:
    return Row(
        name=name,
        command=name,
        wall=list(wall),
        cpu=list(wall),
        peak=peak,
        events=events,
        size=size,
    )


def made(*rows: Row, size: int = SIZE) -> Table:
    return Table(
        title="A table",
        note="",
        events=1,
        size=size,
        rounds=len(rows[0].wall),
        made="2026-11-27",
        machine="a machine",
        versions=["Python 3"],
        left_out=["ajv-cli"],
        rows=list(rows),
    )


def verdict(tables: dict[str, Table], words: str) -> list[str]:
    (line,) = [line for line in goals(tables) if words in line]
    return [cell.strip() for cell in line.strip("|").split("|")[2:]]


def test_nothing_measured_meets_no_goal():
    assert len(goals({})) == len(GOALS) + 2
    assert all("| not measured | |" in line for line in goals({})[2:])


def test_a_ratio_is_taken_round_by_round_and_judged_by_its_median():
    def of(*wall: float, size: int = SIZE) -> list[str]:
        table = made(row(OPENSSL, 1.0, 2.0, 1.0), row("collect", *wall), size=size)
        return verdict({"large": table}, "`collect --from`")

    assert of(9.0, 18.0, 50.0) == ["9.00", "met"]
    assert of(9.1, 18.2, 1.0) == ["9.10", "**missed**"]
    assert of(1.0, 1.0, 1.0, size=SIZE // 2) == ["not measured", ""]


def test_memory_and_time_for_one_event_are_the_worst_near_the_size_that_was_asked_for():
    def grown(size: float, events: int, wall: float, peak: float) -> list[Row]:
        at = {"events": events, "size": int(size)}
        return [
            row(f"openssl dgst -sha256, {events:,}", 1.0, peak=999.0, **at),
            row(f"collect, {events:,}", wall, peak=peak - 5, **at),
            row(f"verify, {events:,}", wall / 2, peak=peak, **at),
        ]

    sizes = (*grown(1e8, 10, 10.0, 70), *grown(1e9, 100, 110.0, 121), *grown(2e9, 200, 230.0, 122))
    tables = {"growth": made(*sizes)}
    assert verdict(tables, "at 1 GB") == ["121 MiB", "**missed**"]
    assert verdict(tables, "at 10 GB") == ["not measured", ""]
    assert verdict(tables, "at 2 GB") == ["1.15", "met"]
    tables["huge"] = made(*grown(10e9, 100 + (1 << 20), 1.0, 129))
    assert verdict(tables, "at 10 GB") == ["129 MiB", "met"]
    assert verdict(tables, "memory grows") == ["8 bytes", "met"]


def test_figures_are_kept_so_that_one_table_can_be_made_anew(tmp_path):
    tables = {"large": made(row(OPENSSL, 1.0), row("collect", 8.0))}
    save(tmp_path / "p.json", tables)
    assert load(tmp_path / "p.json") == tables
    assert load(tmp_path / "none.json") == {}


def test_the_page_keeps_what_is_written_by_hand(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text("# Mine\n\n<!-- begin goals -->\nold\n<!-- end goals -->\n\nalso mine\n")
    tables = {"large": made(row(OPENSSL, 1.0), row("collect", 8.0))}
    write_page(page, tables)
    once = page.read_text()
    assert once.startswith("# Mine\n\n<!-- begin goals -->")
    assert "\nold\n" not in once
    assert "also mine\n" in once
    assert "| collect | 8.000 | 8.000 | 50 | 8.00 |" in once
    assert "Not installed: ajv-cli." in once
    write_page(page, tables)
    assert page.read_text() == once
    put(page, "goals", ["new"])
    assert "<!-- begin goals -->\n\nnew\n\n<!-- end goals -->" in page.read_text()


def contender(body: str, **more: str) -> Contender:
    return Contender(name="it", command=(sys.executable, "-c", body), **more)


def test_a_contender_that_does_its_work_is_timed(tmp_path):
    broken = (sys.executable, "-c", "raise SystemExit('is broken')")
    good = contender(
        "open('made', 'x'); print('all well')",
        says="all w",
        makes="made",
        refuses=broken,
        refusing="broken",
    )
    found = compare([good], 2, tmp_path)["it"]
    assert len(found.wall) == len(found.cpu) == 2
    assert found.peak > 1


@pytest.mark.parametrize(
    ("idler", "complaint"),
    [
        (contender("raise SystemExit(3)"), "exit code 3"),
        (contender("print('nothing to do')", says="all well"), "nothing to do"),
        (contender("pass", makes="made"), "did not make made"),
        (
            contender("pass", refuses=(sys.executable, "-c", "print('fine')"), refusing="fine"),
            "takes damaged input",
        ),
        (
            contender("pass", refuses=(sys.executable, "-c", "exit(2)"), refusing="is broken"),
            "takes damaged input",
        ),
    ],
)
def test_a_contender_that_does_not_is_no_contender(tmp_path, idler, complaint):
    with pytest.raises(SystemExit, match=complaint):
        compare([idler], 1, tmp_path)


def test_a_sample_counts_for_the_innermost_line_of_ours():
    reader = 'process 1:"evidencekit";main (evidencekit/cli/__init__.py:1)'
    worker = 'process 1:"evidencekit";process 2:"evidencekit";_serve (evidencekit/edges/pool.py:1)'
    lines = stages(
        [
            f"{reader};fill (evidencekit/core/framing.py:1);update (hashlib.py:1) 20",
            f"{reader};_find_and_load (<frozen importlib._bootstrap>:1);x (evidencekit/a.py:1) 5",
            f"{worker};parse_some (evidencekit/core/parse.py:1) 70",
            f"{worker};new (evidencekit/core/nowhere.py:1) 5",
        ]
    )
    shares = {cells[1]: cells[2:5] for line in lines[2:] if (cells := re.split(r" ?\| ?", line))}
    assert shares["parsing, and the proof of strictness"] == ["70.0 %", "0.0 %", "70.0 %"]
    assert shares["reading, and SHA-256 of the export"] == ["20.0 %", "20.0 %", "0.0 %"]
    assert shares["starting: imports"] == ["5.0 %", "5.0 %", "0.0 %"]
    assert shares["core.nowhere"] == ["5.0 %", "0.0 %", "5.0 %"]
