"""What a shell offers while a command is typed: bundles, keys, environments, profiles, signers.

Only names are looked at, and files that hold no secret: profiles and trust files. What cannot be
read offers nothing. Where none of what is wanted is there, the shell offers its own files.
"""

import hashlib
import os
import stat
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from evidencekit.cli.profiles import FILE, SIGNERS

_SCHEMES = ("pkcs11:", "awskms:///", "vault:", "ssh-agent:SHA256:")
_MAX_ENTRIES = 5_000  # of a folder; a larger one is left to the shell
_MAX_TOML_BYTES = 1 << 20
_BAG = "tagmanifest-sha256.txt"
Item = CompletionItem[str]
Kind = Callable[[os.DirEntry[str], frozenset[str]], bool]


def _is_bundle(entry: os.DirEntry[str], _beside: frozenset[str]) -> bool:
    return entry.name.endswith(".zip") or os.path.lexists(f"{entry.path}/{_BAG}")


def _is_signing_key(entry: os.DirEntry[str], beside: frozenset[str]) -> bool:
    return f"{entry.name}.pub" in beside  # as "keys new" writes them; it is not opened


def _ends(*endings: str) -> Kind:
    return lambda entry, _beside: entry.name.endswith(endings)


KINDS: Mapping[str, Kind] = {
    "bundle": _is_bundle,
    "public key": _ends(".pub"),
    "signing key": _is_signing_key,
    "trust file": lambda entry, _beside: entry.name.endswith(".toml") and entry.name != FILE,
    "export": lambda entry, _beside: (
        entry.name.endswith((".json", ".jsonl", ".ndjson", ".csv"))
        and not entry.name.endswith(".receipt.json")
    ),
    "receipt": _ends(".receipt.json", ".sigstore.json"),
}


def paths(kind: str, incomplete: str) -> list[Item]:
    """Return files of a kind and the folders on the way; the shell's own files where none is."""
    try:
        found = list(_files(KINDS[kind], incomplete))
    except (OSError, ValueError):
        found = []
    if any(not item.value.endswith("/") for item in found):
        return found
    return [CompletionItem(incomplete, type="file")]


def previous_bundles(_context: click.Context, incomplete: str) -> list[Item]:
    """Return ``latest`` and bundles."""
    latest = CompletionItem("latest", help="the newest one in the output folder")
    found = [latest] if "latest".startswith(incomplete) else []
    return found + paths("bundle", incomplete)


def signing_keys(context: click.Context, incomplete: str) -> list[Item]:
    """Return private keys by their ``.pub`` beside them, those of profiles, schemes of tokens."""
    profiled = [profile.get("key") for profile in _profiles(context).values()]
    own = [key if key.startswith(SIGNERS) else _beside(context, key) for key in profiled if key]
    named = [text for text in dict.fromkeys((*own, *_SCHEMES)) if text.startswith(incomplete)]
    found = [CompletionItem(text) for text in named]
    files = paths("signing key", incomplete)
    return files if not found else found + [item for item in files if item.type != "file"]


def environments(context: click.Context, incomplete: str) -> list[Item]:
    """Return the environments that profiles and the trust file name."""
    found: list[Any] = [profile.get("environment") for profile in _profiles(context).values()]
    for signer in _signers(context):
        listed = signer.get("environments")
        found += listed if isinstance(listed, list) else []
    return _starting(incomplete, dict.fromkeys(found))


def signers(context: click.Context, incomplete: str) -> list[Item]:
    """Return the fingerprints of the trust file's signers, each with its name."""
    named = {_fingerprint(signer.get("key")): signer.get("name") for signer in _signers(context)}
    return _starting(incomplete, named)


def profiles(context: click.Context, incomplete: str) -> list[Item]:
    """Return the names of profiles, each with its environment."""
    named = {name: profile.get("environment") for name, profile in _profiles(context).items()}
    return _starting(incomplete, named)


def _starting(incomplete: str, named: Mapping[Any, object]) -> list[Item]:
    return [
        CompletionItem(name, help=text if isinstance(text, str) else None)
        for name, text in named.items()
        if isinstance(name, str) and name.isprintable() and name.startswith(incomplete)
    ]


def _files(kind: Kind, incomplete: str) -> Iterator[Item]:
    """Yield what a folder holds that begins as ``incomplete`` does; a folder ends in a slash."""
    folder, slash, start = incomplete.rpartition("/")
    with os.scandir(folder + slash or ".") as listing:
        entries = list(islice(listing, _MAX_ENTRIES + 1))
    names = frozenset(entry.name for entry in entries)
    if len(entries) > _MAX_ENTRIES:
        return
    for entry in sorted(entries, key=lambda entry: entry.name):
        name = entry.name
        hidden = name.startswith(".") and not start.startswith(".")
        if hidden or not (name.startswith(start) and name.isprintable()):
            continue
        if kind(entry, names):
            yield CompletionItem(f"{folder}{slash}{name}", type="path")
        elif entry.is_dir():
            yield CompletionItem(f"{folder}{slash}{name}/", type="path")


def _profiles(context: click.Context) -> dict[str, dict[str, str]]:
    """Return the texts of the profiles that the command would read, by the profiles' names."""
    found = _toml(_config(context)).get("profile")
    tables = found.items() if isinstance(found, dict) else ()
    return {
        name: {key: text for key, text in table.items() if isinstance(text, str)}
        for name, table in tables
        if isinstance(table, dict)
    }


def _config(context: click.Context) -> Path:
    return Path(context.find_root().params.get("config") or FILE)


def _beside(context: click.Context, path: str) -> str:
    """Return a path of a profile as seen from here; it is relative to the profiles' file."""
    return str(_config(context).parent / path)


def _signers(context: click.Context) -> list[dict[str, Any]]:
    """Return the signers of the trust file that is named, or else of those of the profiles."""
    named = context.params.get("trust")
    told = [profile.get("trust") for profile in _profiles(context).values()]
    files = [named] if named else [_beside(context, path) for path in told if path]
    listed = [_toml(Path(file)).get("signer") for file in dict.fromkeys(files)]
    tables = [table for one in listed if isinstance(one, list) for table in one]
    return [table for table in tables if isinstance(table, dict)]


def _toml(path: Path) -> dict[str, Any]:
    """Return what a file of no secret holds; nothing where it is none that can be read."""
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode) or told.st_size > _MAX_TOML_BYTES:
            return {}
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def _fingerprint(key: object) -> str | None:
    """Return the fingerprint of an OpenSSH public key as ``PublicKey.fingerprint`` writes it."""
    parts = key.split() if isinstance(key, str) else []
    if len(parts) < 2 or parts[0].startswith("-"):
        return None  # a PEM key: to name it would take the whole of cryptography
    digest = hashlib.sha256(b64decode(parts[1])).digest()
    return f"SHA256:{b64encode(digest).decode().rstrip('=')}"
