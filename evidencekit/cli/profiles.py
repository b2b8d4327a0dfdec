"""Profiles: the options that a recurring job always has, in ``evidencekit.toml``.

``[profile.production]`` gives defaults to the commands; what is given by flag or environment wins.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidencekit.core.visible import visible
from evidencekit.edges.files import read_limited
from evidencekit.errors import UndecidedError

FILE = "evidencekit.toml"
_API = ("preview", "pull", "collect")
_SIGNING = ("collect", "sign", "receive", "release")
_JUDGING = ("verify", "show", "sign", "receive", "release", "timestamp", "renew")
# What a profile may hold: the parameter that it is the default of, and of which commands.
KEYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "api-url": ("api_url", _API),
    "ca-file": ("ca_file", _API),
    "window": ("window", _API),
    "format": ("export_format", ("pull", "collect")),
    "timeout": ("timeout", ("pull", "collect")),
    "environment": ("environment", ("collect",)),
    "purpose": ("purpose", ("collect",)),
    "prepared-by": ("prepared_by", ("collect",)),
    "output": ("output", ("collect",)),
    "key": ("signing_key", _SIGNING),
    "timestamp-url": ("timestamp_url", (*_SIGNING, "timestamp", "renew")),
    "trust": ("trust", _JUDGING),
}
_PATHS = frozenset({"ca-file", "output", "key", "trust"})
SIGNERS = ("pkcs11:", "awskms:", "vault:", "ssh-agent:")  # keys that are no files
_NUMBERS = frozenset({"timeout"})


def defaults(config: str | None, profile: str | None) -> dict[str, dict[str, Any]]:
    """Return the defaults of a profile, by command and parameter, as click takes them.

    ``config`` is the file; ``evidencekit.toml`` in this folder where it is None. ``profile`` is
    ``default`` where it is None, and then it need not be there. Paths are relative to the file.
    Raises ``UndecidedError``: ``config.*``.
    """
    path = Path(config or FILE)
    found = _profiles(path).get(profile or "default")
    if found is None:
        if profile is None:
            return {}
        raise UndecidedError("config.profile", f"{path}: has no [profile.{visible(profile)}]")
    if not isinstance(found, dict):
        raise UndecidedError("config.profile", f"{path}: profile is no table of tables")
    result: dict[str, dict[str, Any]] = {}
    for name, value in found.items():
        parameter, commands = _known(path, name)
        for command in commands:
            result.setdefault(command, {})[parameter] = _value(path, name, value)
    return result


def _profiles(path: Path) -> Mapping[str, Any]:
    data = read_limited(path, family="config")
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        told = visible(str(error).partition("\n")[0], limit=200)
        raise UndecidedError("config.toml", f"{path}: is not TOML: {told}") from None
    profiles = document.pop("profile", {})
    if document or not isinstance(profiles, dict):
        named = ", ".join(visible(name) for name in document) or "profile"
        raise UndecidedError("config.unknown", f"{path}: {named}: expected [profile.NAME] alone")
    return profiles


def _known(path: Path, name: str) -> tuple[str, tuple[str, ...]]:
    if name in KEYS:
        return KEYS[name]
    hint = "a token or passphrase never lies in a file like this: use the environment"
    secret = any(word in name.lower() for word in ("token", "pass", "secret"))
    told = f"{path}: {visible(name, limit=40)}: unknown; known are {', '.join(KEYS)}"
    raise UndecidedError("config.unknown", told, hint=hint if secret else None)


def _value(path: Path, name: str, value: object) -> object:
    """Return one value, a path made relative to the file's folder."""
    kinds: tuple[type, ...] = (int, float) if name in _NUMBERS else (str,)
    if not isinstance(value, kinds) or isinstance(value, bool):
        expected = "a number" if name in _NUMBERS else "a string"
        raise UndecidedError("config.value", f"{path}: {name}: expected {expected}")
    if name == "timestamp-url":
        return (value,)
    is_path = name in _PATHS and not (name == "key" and str(value).startswith(SIGNERS))
    return str(path.parent / str(value)) if is_path else value
