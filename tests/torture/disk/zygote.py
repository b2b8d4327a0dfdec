"""Runs commands of ours in forked children, everything imported already; driven through pipes.

A child waits until it is told to go, so that strace can attach to it first: what is counted and
broken are then the calls of the command, without the thousands of a starting interpreter. One JSON
line a command: ``argv``, ``cwd``, ``out``, ``err``. Answers: its process id; later its status.
"""

import ctypes
import gc
import json
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path

from evidencekit.cli import _COMMANDS, run

PR_SET_PTRACER = 0x59616D61


def warm(folder: Path) -> None:
    """Do the main job once, so that nothing is left to import or to compile."""
    for name in _COMMANDS:
        import_module(f"evidencekit.cli.{name}")
    os.chdir(folder)
    event = {"id": "evt_1", "verdict": "allow", "timestamp": "2026-04-22T10:00:00Z"}
    Path("e.json").write_text(json.dumps([event]))
    must = (
        "keys new k",
        "keys new l",
        "collect --from e.json --key k -o b --attach e.json --jobs 1",
        "collect --from e.json --key k -o b.zip --jobs 1",
        "sign b --key l --trust-key k.pub",
        "receive b.zip --outcome accepted --key l --trust-key k.pub",
        "verify b --key k.pub --key l.pub",
        "trust add k.pub --name n --trust t.toml",
        "trust add l.pub --name m --trust t.toml",
    )
    for job in must:
        code = run(job.split())
        if code:
            raise SystemExit(f"{job}: exit {code}")
    run(["sign", "b", "--key", "nowhere"])


def child(job: dict, gate: int, ready: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
    os.chdir(job["cwd"])
    for handle, name in ((1, job["out"]), (2, job["err"])):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        opened = os.open(name, flags, 0o600)
        os.dup2(opened, handle)
        os.close(opened)
    os.close(ready)  # from here on, strace may count
    os.read(gate, 1)
    try:
        code = run(job["argv"])
    except BaseException:
        traceback.print_exc()
        code = 99  # nothing but our own errors may come out
    try:
        if sys.stdout:
            sys.stdout.flush()
    finally:
        os._exit(code)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    orders = os.fdopen(os.dup(0), "r", buffering=1)
    for handle in (0, 1):
        os.dup2(os.open(os.devnull, os.O_RDWR), handle)
    warm(Path(sys.argv[1]))
    gc.collect()
    gc.freeze()
    gc.disable()  # when it collects, files close: at the same place each time
    print("ready", file=answers)
    while line := orders.readline():
        (reader, writer), (prepared, ready) = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(writer)
            child(json.loads(line), reader, ready)
        os.close(reader)
        os.close(ready)
        os.read(prepared, 1)  # ends when the child has opened what it writes to
        os.close(prepared)
        print(pid, file=answers)
        orders.readline()
        os.close(writer)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=answers)


main()
