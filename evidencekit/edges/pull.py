"""Pull one export: preview, create, wait, download, publish; and say how it was obtained."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidencekit import __version__
from evidencekit.core.instant import format_instant
from evidencekit.core.jobs import Completion, ExportRequest, Job, previewed_events
from evidencekit.core.journal import Journal
from evidencekit.core.manifest import Claim
from evidencekit.core.query import Query, ServerClock
from evidencekit.core.receipt import Receipt, ReceivedFile
from evidencekit.core.visible import visible
from evidencekit.core.window import Window
from evidencekit.edges.api import Api
from evidencekit.edges.download import Download
from evidencekit.edges.partial import Places, partial, sweep
from evidencekit.edges.publish import refuse_existing, staging
from evidencekit.errors import UndecidedError
from evidencekit.progress import Progress

PATIENCE = 3_600.0  # seconds for a whole pull
_NO_PREVIEW = frozenset(
    {"api.not-found", "api.no-such-method", "api.refused", "api.bad-answer", "api.busy"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """An export on disk, and how it got there."""

    path: Path
    format: str
    size: int
    sha256: str
    window: Claim
    query: Query

    @property
    def receipt(self) -> Receipt:
        """The receipt to be written beside the export."""
        return Receipt(
            tool_version=__version__,
            window=self.window,
            query=self.query,
            export=ReceivedFile(
                file=self.path.name, format=self.format, size=self.size, sha256=self.sha256
            ),
        )


def pull(  # noqa: PLR0913  (each is one decision of the caller)
    api: Api,
    request: ExportRequest,
    path: Path,
    *,
    job: Job | None = None,
    seconds: float = PATIENCE,
    force: bool = False,
    scratch: Path | None = None,
    progress: Progress | None = None,
    started: Callable[[Job], object] | None = None,
) -> Pulled:
    """Write the export that ``request`` asks for to ``path`` and return what is known about it.

    ``job`` goes on with one that exists instead of creating one, and with what an earlier run left
    of its export in ``scratch``: the folder of ``path``, or another of the same file system.
    ``started`` is told the job as soon as there is one, so that whoever is interrupted can go on
    with it. Nothing stands under ``path`` before the last byte is on disk. Raises
    ``UndecidedError``: ``api.*`` where the API did not deliver, ``output.*`` where ``path`` is in
    the way; its hint says how to go on where that may help.
    """
    until, folder = api.until(seconds), scratch or path.parent
    _refuse_unwritable(path, folder, force=force)
    places, journal = _journal(api, request, job, folder, until)
    job = journal.job
    _tell(job, started, progress)
    sweep(folder, keep=places, now=api.clock.now())
    with _hint(job, places), partial(journal, places, path, force=force) as part:
        done = api.wait(job, until=until, progress=progress)
        download = api.download(
            job, request.format, part.file, until=until, progress=progress,
            finished=done is not None, held=part.held,
        )  # fmt: skip
    course = _Course(
        request=request, job=job, promised=journal.promised, completion=done, download=download
    )
    return course.pulled(api, path)


def _tell(job: Job, started: Callable[[Job], object] | None, progress: Progress | None) -> None:
    """Tell whoever asked to be told that there is a job."""
    if started:
        started(job)
    if progress:
        progress(f"job {visible(job.id)}", 0, None)


@contextmanager
def _hint(job: Job, places: Places) -> Iterator[None]:
    """Have an error say how to go on, where that may help."""
    try:
        yield
    except UndecidedError as error:
        if places.kept and error.hint is None:
            error.hint = f"run the same again with --job {visible(job.id)}"
        raise


def _refuse_unwritable(path: Path, folder: Path, *, force: bool) -> None:
    """Raise ``output.*`` where the export could not be written: asked before the API is."""
    if not force:
        refuse_existing(path)
    for parent in {path.parent, folder}:
        with staging(parent):
            pass


def _journal(
    api: Api, request: ExportRequest, job: Job | None, folder: Path, until: float
) -> tuple[Places, Journal]:
    """Return what is on record about an existing job, or create one."""
    url = str(api.base).rstrip("/")
    asked = request.to_json()
    if job is None:
        promised = _promise(api, request, until)
        created = api.create(request, until=until)
        made = Journal(api_url=url, request=asked, job=created, promised=promised)
        return Places.of(folder, url, created.id), made
    places = Places.of(folder, url, job.id)
    noted = places.read()
    if noted is None:
        return places, Journal(api_url=url, request=asked, job=job, promised=None)
    if noted.request != asked or noted.job.id != job.id:
        sides = f"was created with {_shown(noted.request)}, asked for is {_shown(asked)}"
        raise UndecidedError("api.other-request", f"job {visible(job.id)}: {sides}")
    return places, noted


def _shown(request: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {visible(str(value), limit=40)}" for name, value in request.items())


def default_name(request: ExportRequest, now: int) -> str:
    """Return the name of an export that was given none: ``export-20260423T000402Z.json``."""
    stamp = format_instant(now)[:19].replace("-", "").replace(":", "")
    return f"export-{stamp}Z.{request.format}"


def _promise(api: Api, request: ExportRequest, until: float) -> int | None:
    """Return how many events the API's preview counts; None where it has no preview that counts."""
    try:
        return previewed_events(api.preview(request, until=until))
    except UndecidedError as error:
        if error.code in _NO_PREVIEW:
            return None
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """What each step of a pull gave."""

    request: ExportRequest
    job: Job
    promised: int | None
    completion: Completion | None
    download: Download

    def pulled(self, api: Api, path: Path) -> Pulled:
        return Pulled(
            path=path,
            format=self.request.format,
            size=self.download.size,
            sha256=self.download.sha256,
            window=self.claim(),
            query=self.query(str(api.base).rstrip("/")),
        )

    def claim(self) -> Claim:
        """Return the window that the export covers, and how it was found."""
        asked, job = self.request.window, self.job
        if isinstance(asked, Window):
            return Claim(requested=None, window=asked, basis="as asked for")
        stated = (self.completion and self.completion.stated) or job.stated
        if stated is not None:
            return Claim(requested=asked, window=stated, basis="as the API stated it for the job")
        now, basis = job.server_date, "relative to the server's Date header"
        if now is None:
            now, basis = job.created_at, "relative to our own clock, as the server sent no Date,"
        if now is None:
            basis = "unknown: the job existed before, and when it was created is not on record"
            return Claim(requested=asked, window=None, basis=basis)
        window = Window.from_relative(asked, now=now)
        return Claim(requested=asked, window=window, basis=f"{basis} when the job was created")

    def query(self, api_url: str) -> Query:
        """Return the query sheet."""
        return Query(
            api_url=api_url,
            request=self.request.to_json(),
            job_id=self.job.id,
            created_at=_text(self.job.created_at),
            completed_at=_text(self.completion.completed_at if self.completion else None),
            downloaded_at=format_instant(self.download.downloaded_at),
            preview=None if self.promised is None else {"events": self.promised},
            served_by=self.download.served_by,
            response=self.download.response,
            clock=ServerClock(offset_seconds=self.job.offset_seconds),
        )


def _text(instant: int | None) -> str | None:
    return None if instant is None else format_instant(instant)
