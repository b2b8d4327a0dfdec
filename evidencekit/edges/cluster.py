"""A Dask cluster, where one machine is too small: its executor does the work on blocks.

Dask gives a lost worker's blocks to another one, which is safe, as the work is a pure function;
where it gives up, or nobody is left, the survey ends undecided. Whoever runs the scheduler can run
code here: it must be one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from evidencekit import __version__
from evidencekit.core.visible import visible
from evidencekit.errors import UndecidedError

if TYPE_CHECKING:
    from evidencekit.core.block import BlockResult, Job
    from evidencekit.core.survey import Executor

_CONNECT_SECONDS = 10
_LOOK_SECONDS = 2.0  # how often to look whether any worker is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """An executor elsewhere, and how many blocks it works on at a time."""

    executor: Executor
    jobs: int


Jobs = int | Cluster  # who shares the work: so many processes of this machine, or a cluster


@contextmanager
def open_cluster(url: str) -> Iterator[Cluster]:
    """Connect to the scheduler at ``dask://host:port``, whose workers have this very version.

    Raises ``UndecidedError``: ``cluster.url``, ``.missing`` (the extra), ``.unreachable``,
    ``.no-workers``, ``.version``.
    """
    address = _address(url)
    try:
        from distributed import Client  # noqa: PLC0415  (an extra, and a second to import)
    except ImportError:
        hint = "pip install 'evidencekit[cluster]'"
        told = "cluster: Dask is not installed"
        raise UndecidedError("cluster.missing", told, hint=hint) from None
    connect: Any = Client  # which carries no types
    try:
        client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError):
        told = f"{visible(url, limit=300)}: no scheduler answers there"
        raise UndecidedError("cluster.unreachable", told) from None
    with client:
        _check_versions(client)
        yield Cluster(executor=_Remote(client), jobs=sum(client.nthreads().values()))


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port = None
    if port is None or parts.scheme != "dask" or not parts.hostname or parts.path.strip("/"):
        raise UndecidedError("cluster.url", f"{visible(url, limit=300)}: is not dask://host:port")
    return f"tcp://{parts.netloc}"


def installed() -> str:
    """Return the version that runs here: asked of every worker."""
    return __version__


def _check_versions(client: Any) -> None:
    """Raise unless there are workers, and each would find what we would find."""
    found = client.run(installed, on_error="return")
    if not found:
        raise UndecidedError("cluster.no-workers", "cluster: its scheduler has no workers")
    for worker, version in found.items():
        if version != __version__:
            other = f"version {version}" if isinstance(version, str) else "no such package"
            told = f"cluster: worker {visible(worker)} has {visible(other)}, here is {__version__}"
            raise UndecidedError("cluster.version", told, hint="install the same on all workers")


class _Remote:
    """Dask's executor, which would wait for ever for a worker that never comes back."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)

    def submit(
        self, work: Callable[[bytes, Job], BlockResult], data: bytes, job: Job, /
    ) -> _Pending:
        return _Pending(self._client, self._executor.submit(work, data, job))


class _Pending:
    """The result of one block, in the making."""

    def __init__(self, client: Any, future: Any) -> None:
        self._client, self._future = client, future

    def result(self) -> BlockResult:
        """Wait for it. Raises ``BrokenExecutor`` where nobody is left to make it."""
        from concurrent.futures import BrokenExecutor, CancelledError  # noqa: PLC0415  (start-up)

        from distributed import KilledWorker  # noqa: PLC0415

        while True:
            try:
                found: BlockResult = self._future.result(_LOOK_SECONDS)
            except TimeoutError:
                if not self._client.scheduler_info()["workers"]:
                    raise BrokenExecutor from None
            except (KilledWorker, CancelledError, OSError):
                raise BrokenExecutor from None
            else:
                return found
