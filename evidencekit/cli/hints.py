"""What to do about an error that says nothing of it itself, by its code or by the end of its code.

Only where there is something to do; an error's own hint comes first.
"""

from collections.abc import Mapping

import click

_CODES: Mapping[str, str] = {
    "api.bad-answer": "is --api-url the address of an export API?",
    "api.ca-file": "--ca-file takes certificates in PEM form",
    "api.encoded": "ask whoever runs the API, or a proxy before it, not to compress",
    "api.forbidden": "ask for a token that may export",
    "api.job-failed": "run it again without --job for a new job",
    "api.job-late": "the job goes on there: run it again with --job ID, or give it more --timeout",
    "api.not-an-export": "is --api-url the address of an export API?",
    "api.redirect": "give the address that it redirects to with --api-url",
    "api.storage": "run it again with --job ID: the job is asked for a fresh link",
    "api.tls": "name the authority that you trust with --ca-file",
    "api.token": "put the API token into the environment variable KEEPTRUSTS_API_TOKEN",
    "api.unauthorized": "look at KEEPTRUSTS_API_TOKEN: it may have ended, or be of another API",
    "attachment.private-key": "attach its public half, or nothing: a bundle is given away",
    "cluster.url": "write it like dask://scheduler.example:8786",
    "config.toml": "TOML wants texts in quotes and [profile.NAME] above them",
    "container.unreadable": "look at the path; a bundle is a folder or a zip",
    "export.format": "say which it is with --format",
    "key.passphrase": "give it by EVIDENCEKIT_KEY_PASSPHRASE, --passphrase-fd or at the prompt",
    "key.private": "give the public half: the file that ends in .pub",
    "key.public": "give the private half: the file without .pub",
    "output.disk-full": "free some space and run it again; nothing was published",
    "output.exists": "name another path",
    "output.no-folder": "make the folder first: mkdir -p FOLDER",
    "receipt.format": "leave --format out: the receipt says it",
    "receipt.window": "leave --from-time and --to-time out: the receipt says them",
    "signature.exists": "one signature of a key is enough; sign with another key",
    "survey.worker-lost": "run it again with --jobs 1, which needs the least memory",
    "timestamp.http": "is --timestamp-url an RFC 3161 authority's address?",
    "timestamp.type": "is --timestamp-url an RFC 3161 authority's address?",
    "trust.empty": "add whom you trust: evidencekit trust add KEY.pub --trust FILE --name NAME",
    "trust.missing": "make it: evidencekit trust add KEY.pub --trust FILE --name NAME",
}
_OF_SHOW = ("--request-id", "--escalation-id")  # looked for where a bundle is verified
_ENDINGS: Mapping[str, str] = {
    "missing": "look at the path; it is taken from the folder you are in",
    "not-a-file": "name a file, not a folder or a device",
    "size": "is it the right file?",
    "too-open": "take the rights of others away: chmod go-rwx FILE",
    "unreadable": "look at its rights with ls -l, and whether its disk is there",
}


def hint_for(code: str) -> str | None:
    """Return what may be done about an error of this code; None where nothing is known."""
    return _CODES.get(code) or _ENDINGS.get(code.rpartition(".")[2])


def hint_of_place(error: click.NoSuchOption, program: click.Command) -> str | None:
    """Return where an unknown option belongs, if it is one of the program itself, or of show."""
    if error.ctx is None or error.ctx.parent is None:
        return None
    if error.option_name in _OF_SHOW:
        return f"evidencekit show BUNDLE {error.option_name} ID looks one up"
    name, _, command = error.ctx.command_path.partition(" ")
    for option in program.params:
        if error.option_name in option.opts and isinstance(option, click.Option):
            value = "" if option.is_flag or option.count else " …"
            typed = f"{error.option_name}{value}"
            return f"it comes before the command: {name} {typed} {command} …"
    return None
