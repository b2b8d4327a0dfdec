"""``evidencekit keys``: make a signing key, show a public key."""

from pathlib import Path

import click

from evidencekit.cli.console import Console
from evidencekit.cli.offering import PUBLIC_KEY
from evidencekit.cli.options import FILE
from evidencekit.cli.passphrase import passphrase, passphrase_option


@click.group("keys")
def command() -> None:
    """Make a signing key, show a public key.

    \b
    evidencekit keys new signing.pem
    evidencekit keys show signing.pem.pub
    """


@command.command("new", short_help="Make a signing key and its public half.")
@click.argument("path", type=FILE)
@click.option(
    "--comment", default="evidencekit", show_default=True, help="Written into the public key."
)
@click.option(
    "--algorithm",
    type=click.Choice(["ed25519", "ecdsa-p256"]),
    default="ed25519",
    show_default=True,
    help="P-256 is for receivers whose tools cannot do Ed25519.",
)
@passphrase_option
@click.pass_obj
def new(console: Console, path: Path, comment: str, algorithm: str) -> None:
    """Write a signing key to PATH (PKCS#8, mode 0600) and its public half to PATH.pub.

    The passphrase comes from --passphrase-fd, EVIDENCEKIT_KEY_PASSPHRASE or a prompt; an empty one
    means none.

    \b
    evidencekit keys new signing.pem --comment "Acme exports, 2026"
    """
    from evidencekit.edges.keys import new_key  # noqa: PLC0415

    public = new_key(path, passphrase(str(path), new=True), comment, algorithm=algorithm)
    console.say(f"wrote {path} (keep it secret) and {path}.pub (give it away)")
    console.print(public.fingerprint)


@command.command("show", short_help="Show a public key: fingerprint, words, QR code.")
@click.argument("path", type=PUBLIC_KEY)
@click.option(
    "--qr/--no-qr", default=None, help="The fingerprint as a QR code; on a terminal by default."
)
@click.pass_obj
def show(console: Console, path: Path, qr: bool | None) -> None:
    """Print a public key's fingerprint, as words to read out, and its PEM and OpenSSH forms.

    Whoever is to trust the key compares the fingerprint, the words or the QR code over another
    channel than the key came through: on the phone, on paper, in person.

    \b
    evidencekit keys show signing.pem.pub
    """
    from evidencekit.core import qrcode  # noqa: PLC0415
    from evidencekit.edges.keys import load_public_key  # noqa: PLC0415

    public = load_public_key(path)
    console.print(f"fingerprint  {public.fingerprint}")
    for at in (0, 8):
        console.print(f"{'' if at else 'words':<12} {' '.join(public.words[at : at + 8])}")
    console.print(f"signer id    {public.signer_id}")
    console.print(f"openssh      {public.to_openssh()}")
    console.print(public.to_pem().decode(), newline=False)
    code = qrcode.blocks(public.fingerprint)
    if console.fits(code) if qr is None else qr:
        console.print(code, newline=False)
