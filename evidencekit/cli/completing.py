"""How the completion scripts ask what to offer: one line in, one line for each candidate out.

The scripts are ``templates/completion/``. Each hands over the command line up to the cursor in
``COMP_LINE`` and gets ``type TAB value TAB help``, where the type is ``plain``, ``path``, ``file``
or ``dir``; the last two leave it to the shell. Click's own scripts hand over the words as bash
splits them, at colons too, cut fingerprints and key URIs in two, and close a folder with a space.
"""

import os

from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    split_arg_string,
)

_CURSOR = "\x1f"


class LineComplete(ShellComplete):
    """Click's completion, asked by line."""

    name = "line"

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one at the cursor, and that one."""
        *words, incomplete = split_arg_string(os.environ.get("COMP_LINE", "") + _CURSOR)
        while words and "=" in words[0]:
            words.pop(0)  # NAME=value before the command
        return words[1:], incomplete.removesuffix(_CURSOR)

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return one line."""
        told = (item.type, item.value, " ".join((item.help or "").split()))
        return "\t".join(told).rstrip("\t")

    def complete(self) -> str:
        """Return the lines; none where something is in the way, since nobody asked for an error."""
        try:
            return super().complete()
        except (OSError, ValueError, RecursionError):
            return ""


def register() -> None:
    """Let click know it, for ``_EVIDENCEKIT_COMPLETE=line_complete``."""
    add_completion_class(LineComplete)
