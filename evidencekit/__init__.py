"""Turn an event export into evidence that anyone can check with tools they already own."""

__version__ = "0.1.0"
