"""The bundle that is swept: one of everything, and small, so that a verdict takes milliseconds."""

import hashlib
import io
import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from authority import Authority as Loopback
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from forge.bench import COSIGNER, PREPARER, Made, read_folder
from forge.kinds import SMALL_SCHEMA, thin

from evidencekit.core.dsse import Stamp
from evidencekit.core.instant import NANOSECONDS
from evidencekit.core.trusted import Authority, Policy, TrustedSigner
from evidencekit.custody import add_record, receive, release
from evidencekit.edges.timestamp import stamper
from evidencekit.edges.trust import Trust
from evidencekit.edges.zipwrite import write_zip, zlib_packer
from evidencekit.timestamping import add_timestamps
from evidencekit.verifier import Verification, verify

BUNDLE, TOLD = "bundle", "bundle.json"


@dataclass(frozen=True)
class Swept:
    """A good bundle in memory, and what it is judged by."""

    made: Made
    at: int  # as of when it is judged
    authority: tuple[bytes, ...]  # certificates of the time-stamp authority; none: no time-stamp

    @classmethod
    def is_in(cls, keep: Path) -> bool:
        """Tell whether a bundle was made in this folder."""
        return (keep / TOLD).exists()

    @classmethod
    def load(cls, keep: Path) -> "Swept":
        """Return the bundle that was made in this folder."""
        told = json.loads((keep / TOLD).read_text())
        made = Made(base=told["base"], members=read_folder(keep / BUNDLE))
        certificates = tuple(map(bytes.fromhex, told["authority"]))
        return cls(made=made, at=told["at"], authority=certificates)

    @classmethod
    def make(cls, keep: Path) -> "Swept":
        """Make it there: signed, time-stamped where ``openssl`` is, released and received."""
        keep.mkdir(parents=True, exist_ok=True)
        at, made = (int(time.time()) + 60) * NANOSECONDS, thin()
        bare = cls(made=made, at=at, authority=())
        folder = keep / BUNDLE
        bare.write_folder(folder)
        certificates: tuple[bytes, ...] = ()
        if shutil.which("openssl"):
            with tempfile.TemporaryDirectory() as scratch:
                loopback = Loopback(Path(scratch))
                found = bare._verified(folder).examination
                add_timestamps(folder, found, stamp=_asking(loopback))
                certificates = _certificates(Path(scratch, "chain.pem"))
                loopback.close()
        stamped = cls(made=made, at=at, authority=certificates)
        stamped._hand_over(folder)
        told = {"base": made.base, "at": at, "authority": [one.hex() for one in certificates]}
        (keep / TOLD).write_text(json.dumps(told))
        return cls.load(keep)

    def _hand_over(self, folder: Path) -> None:
        """Record that the preparer released it, and that the co-signer received it."""
        to, now = COSIGNER.public_key.fingerprint, self.at - 30 * NANOSECONDS
        record = release(self._verified(folder), to, signer=PREPARER, now=now)
        add_record(folder, self._verified(folder), record)
        now += 10 * NANOSECONDS
        record = receive(self._verified(folder), "accepted", signer=COSIGNER, now=now)
        add_record(folder, self._verified(folder), record)

    def _verified(self, folder: Path) -> Verification:
        verified = verify(folder, trust=self.trust, at=self.at, schema=SMALL_SCHEMA, jobs=1)
        assert verified.report.exit_code == 0, verified.report
        return verified

    @cached_property
    def signers(self) -> Trust:
        """Trust in the two who signed, and no more."""
        people = {"preparer": PREPARER, "auditor": COSIGNER}
        return Trust(
            signers=tuple(
                TrustedSigner(name=name, key=signer.public_key) for name, signer in people.items()
            )
        )

    @cached_property
    def trust(self) -> Trust:
        """Trust in signers and authority; a time-stamp is required where there is one."""
        if not self.authority:
            return self.signers
        authority = Authority(name="tsa", certificates=self.authority)
        policy = Policy(timestamp="required")
        return Trust(signers=self.signers.signers, authorities=(authority,), policy=policy)

    @cached_property
    def zip(self) -> bytes:
        """The canonical zip, packed as the tool packs it."""
        return self.zipped(self.made)

    def zipped(self, made: Made) -> bytes:
        """Return the canonical zip of any members."""
        file = io.BytesIO()
        write_zip(file, made.base, made.members, packer=zlib_packer)
        return file.getvalue()

    def write_folder(self, folder: Path) -> None:
        """Write the folder form."""
        for name, data in self.made.members.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

    @cached_property
    def described(self) -> dict[str, object]:
        """What figures of it say it was."""
        return {
            "zip_bytes": len(self.zip),
            "zip_sha256": hashlib.sha256(self.zip).hexdigest(),
            "members": {name: len(data) for name, data in self.made.members.items()},
            "timestamp": bool(self.authority),
        }


def _asking(loopback: Loopback) -> Stamp:
    return stamper(
        ("https://tsa.example/",), post=lambda _url, query: loopback.answer(query), nonce=lambda: 7
    )


def _certificates(chain: Path) -> tuple[bytes, ...]:
    found = x509.load_pem_x509_certificates(chain.read_bytes())
    return tuple(one.public_bytes(Encoding.DER) for one in found)
