"""Read schemas and templates: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_PACKAGE = Path(__file__).parent


def schema(name: str) -> bytes:
    """Return one JSON schema, as bytes."""
    return _directory("schemas").joinpath(name).read_bytes()


def template(name: str) -> str:
    """Return the source of one template; this is what Jinja's ``FunctionLoader`` calls."""
    return _directory("templates").joinpath(name).read_text("utf-8")


def _directory(name: str) -> Traversable:
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    from importlib.resources import files  # noqa: PLC0415  (a package in a zip)

    return files("evidencekit").joinpath(name)
