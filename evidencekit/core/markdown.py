"""Text that stays text in CommonMark and in GitHub's dialect of it."""

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# GitHub turns these into mentions, addresses, references and pictures after parsing, where no
# backslash helps. A code span does.
_REVIVED = re.compile(r"[@#]|:[A-Za-z0-9_+-]+:")
_BACKTICKS = re.compile(r"`+")


def literal(text: str) -> str:
    """Return Markdown that renders as ``text`` and nothing else."""
    words = [word for word in text.split(" ") if word]
    return " ".join(code(word) if _REVIVED.search(word) else _escaped(word) for word in words)


def cell(text: str) -> str:
    """Return what :func:`literal` does, for a table's cell."""
    words = [word for word in text.split(" ") if word]
    return " ".join(cell_code(word) if _REVIVED.search(word) else _escaped(word) for word in words)


def _escaped(word: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", word)


def code(text: str) -> str:
    """Return a code span that holds ``text``."""
    runs = [len(run) for run in _BACKTICKS.findall(text)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def cell_code(text: str) -> str:
    """Return a code span for a table's cell, where a pipe has to be escaped even inside it."""
    return code(text).replace("|", "\\|")
