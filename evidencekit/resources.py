"""Read schemas and templates: beside the package in a checkout, inside it in a wheel."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def schema(name: str) -> bytes:
    """Return one JSON schema, as bytes."""
    return _directory("schemas").joinpath(name).read_bytes()


def template(name: str) -> str:
    """Return the source of one template; this is what Jinja's ``FunctionLoader`` calls."""
    return _directory("templates").joinpath(name).read_text("utf-8")


def _directory(name: str) -> Traversable:
    packaged = files("evidencekit").joinpath(name)
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / name
