"""Write samples/ anew: the same bytes each time, so a diff means that the format changed.

THE KEY IS WORTHLESS: anyone can compute it from the seed below. Trust it for these samples only.
"""

import hashlib
import shutil
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidencekit import __version__
from evidencekit.collector import Collected, collect
from evidencekit.core.instant import parse_instant
from evidencekit.core.manifest import Claim, Context
from evidencekit.core.query import Query, Response, ServerClock
from evidencekit.core.receipt import Receipt, ReceivedFile
from evidencekit.core.trusted import TrustedSigner
from evidencekit.core.window import Window
from evidencekit.edges.keys import KeyFileSigner
from evidencekit.edges.trustfile import add_signer
from evidencekit.edges.zipwrite import write_zip, zlib_packer
from evidencekit.standin.events import Event, events, to_csv, to_json
from evidencekit.validation import Obtained, Plan

SAMPLES = Path(__file__).parents[1] / "samples"
SEED = b"worthless demo key, known to all"  # 32 bytes; what it signs proves nothing
START, END = "2026-04-21T00:00:00Z", "2026-04-23T00:00:00Z"
WINDOW = Window.from_times(START, END)
COLLECTED_AT = "2026-04-23T00:04:11Z"
JOB, RECEIVED_AS = "job_7f3a2b", "export-20260423T000402Z.json"
NOTES = "Support reported odd answers on 22 April; the requests below were named by them.\n"
KEPT = "README.md"  # written by hand; everything else is made here


def make(folder: Path) -> None:
    """Write every sample into ``folder``, in the place of what lies there."""
    for path in folder.iterdir():
        if path.name != KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    signer = KeyFileSigner(private=Ed25519PrivateKey.from_private_bytes(SEED))
    found = list(events(WINDOW, per_day=24, seed="sample-100"))
    export = to_json(found, shape="array", job_id=JOB, window=WINDOW)
    receipt = _receipt(export, len(found))
    for name, data in {
        "export.json": export,
        "export.csv": to_csv(found),
        "export.json.receipt.json": receipt.to_bytes(),
        "incident-notes.txt": NOTES.encode(),
        "signer.pub": f"{signer.public_key.to_openssh('worthless demo key')}\n".encode(),
        "signer.pem": signer.public_key.to_pem(),
    }.items():
        (folder / name).write_bytes(data)
    _write_zip(_collect(folder, receipt, found, signer), folder / "bundle.zip")
    trusted = TrustedSigner(
        name="Acme platform, production exports (demo)",
        key=signer.public_key,
        valid_from=parse_instant("2026-01-01T00:00:00Z"),
        environments=("production",),
    )
    add_signer(folder / "trust.toml", trusted)


def _receipt(export: bytes, count: int) -> Receipt:
    """Return what ``pull`` would have written beside the export."""
    query = Query(
        api_url="https://api.keeptrusts.com",
        request={"format": "json", "from_time": START, "to_time": END},
        job_id=JOB,
        created_at="2026-04-23T00:03:58Z",
        completed_at="2026-04-23T00:04:01Z",
        downloaded_at="2026-04-23T00:04:02Z",
        preview={"events": count},
        served_by=f"https://exports.example/{JOB}.json",
        response=Response(
            status=200,
            content_type="application/json",
            content_length=len(export),
            etag=f'"{hashlib.sha256(export).hexdigest()[:32]}"',
            date="2026-04-23T00:04:02Z",
        ),
        clock=ServerClock(offset_seconds=0.4),
    )
    return Receipt(
        tool_version=__version__,
        window=Claim(requested=None, window=WINDOW, basis="as asked for"),
        query=query,
        export=ReceivedFile(
            file=RECEIVED_AS,
            format="json",
            size=len(export),
            sha256=hashlib.sha256(export).hexdigest(),
        ),
    )


def _collect(
    folder: Path, receipt: Receipt, found: list[Event], signer: KeyFileSigner
) -> Collected:
    """Make the sample bundle, as a folder."""
    blocked = next(event for event in reversed(found) if event["verdict"] == "block")
    escalated = [event for event in found if event["verdict"] == "escalate"][-2:]
    context = Context(
        environment="production",
        config_versions=("0.1.0", "0.2.0"),
        request_ids=(blocked["request_id"],),
        escalation_ids=tuple(event["escalation_id"] for event in escalated),
        incident="INC-4711",
        purpose="hand-over to the incident reviewers",
        prepared_by="Dana Reyes, Platform",
        limitations=("the events are made up, and the key that signed them is known to all",),
    )
    obtained = Obtained(
        path=folder / "export.json",
        format="json",
        received_as=receipt.export.file,
        sha256=receipt.export.sha256,
        query=receipt.query,
        claim=receipt.window,
    )
    plan = Plan(context=context, attachments=(folder / "incident-notes.txt",))
    now = parse_instant(COLLECTED_AT)
    return collect(obtained, plan, signer=signer, output=folder / "bundle", now=now, jobs=1)


def _write_zip(made: Collected, path: Path) -> None:
    """Write the same bundle as a zip, packed by zlib whatever is installed."""
    files = [file for file in made.path.rglob("*") if file.is_file()]
    members = {file.relative_to(made.path).as_posix(): file.read_bytes() for file in files}
    with path.open("wb") as file:
        write_zip(file, made.manifest.bundle_id, members, packer=zlib_packer)


if __name__ == "__main__":
    make(SAMPLES)
