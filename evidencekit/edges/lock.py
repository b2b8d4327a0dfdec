"""One writer of a file at a time, also where the file is replaced under its name."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from evidencekit.edges.rawfile import let_go, output_errors


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int]:
    """Yield a handle of the file of that name, which no other writer of ours has at the same time.

    Who waited for the lock may hold a file that was replaced meanwhile, so the name is asked again.
    The lock goes with the process: one that was killed leaves none.
    """
    while True:
        with output_errors(path):
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            with output_errors(path):
                fcntl.flock(handle, fcntl.LOCK_EX)
                is_current = os.path.samestat(os.fstat(handle), path.stat())
            if is_current:
                yield handle
                return
        finally:
            let_go(handle)
