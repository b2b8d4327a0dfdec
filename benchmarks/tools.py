"""Where the tools are that we are compared with, and of which versions: scripts/bench.sh."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_TOOLS = _ROOT / ".venv/tools"
_PLACES = (
    Path(sys.executable).parent,
    _TOOLS / "bench/bin",
    _TOOLS / "npm/node_modules/.bin",
    _TOOLS / "bin",
)
_OURS = ("evidencekit", "click", "isal", "jsonschema-rs", "orjson")
_PEERS = ("bagit", "bdbag", "check-jsonschema", "model-signing", "sourcemeta-jsonschema")
_NPM = ("ajv-cli", "ajv-formats", "ajv")


def find(name: str) -> str | None:
    """Return where a program is, or None."""
    found = next((str(place / name) for place in _PLACES if (place / name).exists()), None)
    return found or shutil.which(name)


def machine() -> str:
    """Return what the figures were measured on."""
    with Path("/proc/cpuinfo").open() as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processors = f"{len(os.sched_getaffinity(0))} processors ({models[0] if models else 'unknown'})"
    return f"{processors}, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}"


def versions() -> list[str]:
    """Return the versions of everything that took part."""
    return [f"Python {platform.python_version()}", *_python(), *_npm(), *_programs()]


def _python() -> Iterable[str]:
    site = [str(path) for path in (_TOOLS / "bench").glob("lib/python3*/site-packages")]
    peers = {
        found.name.lower().replace("_", "-"): found.version
        for found in metadata.distributions(path=site)
    }
    for name in _OURS:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"without {name}"
    yield from (f"{name} {peers[name]}" for name in _PEERS if name in peers)


def _npm() -> Iterable[str]:
    for name in _NPM:
        package = _TOOLS / "npm/node_modules" / name / "package.json"
        if package.exists():
            yield f"{name} {json.loads(package.read_text())['version']}"


def _programs() -> Iterable[str]:
    for command, words in (
        (("openssl", "version"), slice(0, 2)),
        (("node", "--version"), slice(0, 1)),
    ):
        if shutil.which(command[0]):
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
            told = " ".join(ran.stdout.split()[words])
            yield told if told.startswith("OpenSSL") else f"{command[0]} {told}"
