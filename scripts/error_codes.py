"""Find every error code that the source can raise, with its message, in the syntax trees."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_CODE = re.compile(r"[a-z0-9]+\.([a-z0-9-]+|\*)")
_FAULTS = {
    "RejectedError": "rejected",
    "UndecidedError": "undecided",
    "Fault": "in a report",
    "refusal": "rejected, undecided",  # Report.refusal
}
Found = tuple[str, str, str]  # code, fault, message


def table(package: Path) -> str:
    """Return a Markdown table of all codes."""
    codes: dict[str, tuple[set[str], list[str]]] = {}
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(package.rglob("*.py"))]
    families = sorted({family for tree in trees for family in _families(tree)})
    for tree in trees:
        for code, fault, message in _of_module(tree, families):
            faults, messages = codes.setdefault(code, (set(), []))
            faults.add(fault)
            if message and message not in messages:
                messages.append(message)
    rows = ["| code | fault | message |", "|---|---|---|"]
    for code, (faults, messages) in sorted(codes.items()):
        kinds = sorted(faults - {"in a report"} or faults)
        rows.append(f"| `{code}` | {', '.join(kinds)} | {'<br>'.join(messages[:3])} |")
    return "\n".join(rows) + "\n"


def _families(tree: ast.Module) -> Iterator[str]:
    """Yield what is given as ``family="…"``: readers of files put it before their own codes."""
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        for keyword in call.keywords:
            if keyword.arg == "family" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)


def _of_module(tree: ast.Module, families: Sequence[str]) -> Iterator[Found]:
    helpers = dict(_helpers(tree))
    for scope in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        words = _assigned(scope)
        for call in (n for n in ast.walk(scope) if isinstance(n, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if isinstance(call.func, ast.Attribute) and call.func.attr == "refusal":
                name = call.func.attr
            prefix, fault, place = helpers.get(name, ("", _FAULTS.get(name, ""), 0))
            if not fault:
                continue
            arguments = [*call.args, *(k.value for k in call.keywords if k.arg != "hint")]
            first = arguments[place] if len(arguments) > place else None
            for code in _spelled(first, prefix, scope, families):
                if _CODE.fullmatch(code):
                    yield code, fault, _message(arguments[-1], words)


def _spelled(
    code: ast.expr | None, prefix: str, scope: ast.FunctionDef, families: Sequence[str]
) -> list[str]:
    """Return the codes that an argument stands for; ``*`` is what only running it would tell."""
    if isinstance(code, ast.Constant):
        return [f"{prefix}{code.value}"]
    if not isinstance(code, ast.JoinedStr) or len(code.values) != 2:
        return []
    head, tail = code.values
    if isinstance(tail, ast.Constant) and "family" in ast.dump(head):
        return [f"{family}{tail.value}" for family in families]
    given = {argument.arg for argument in scope.args.args}
    if isinstance(head, ast.Constant) and _parts(code)[1] not in given:
        return [f"{head.value}*"]
    return []


def _helpers(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str, int]]]:
    """Yield functions that make an error of a family: name, prefix of the code, fault, argument."""
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        names = [argument.arg for argument in function.args.args]
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            kind = call.func.id if isinstance(call.func, ast.Name) else ""
            values = [*call.args, *(k.value for k in call.keywords)]
            if kind not in _FAULTS or not values:
                continue
            prefix, name = _parts(values[0])
            if name in names:
                yield function.name, (prefix, _FAULTS[kind], names.index(name))


def _parts(code: ast.expr) -> tuple[str, str | None]:
    """Return prefix and variable of ``f"family.{what}"`` or of a plain ``code``."""
    if isinstance(code, ast.Name):
        return "", code.id
    if isinstance(code, ast.JoinedStr) and len(code.values) == 2:
        head, tail = code.values
        if isinstance(head, ast.Constant) and isinstance(tail, ast.FormattedValue):
            return str(head.value), tail.value.id if isinstance(tail.value, ast.Name) else None
    return "", None


def _assigned(scope: ast.FunctionDef) -> dict[str, ast.expr]:
    found = [n for n in ast.walk(scope) if isinstance(n, ast.Assign)]
    return {n.targets[0].id: n.value for n in found if isinstance(n.targets[0], ast.Name)}


def _message(value: ast.expr, words: dict[str, ast.expr]) -> str:
    """Return a message as it is written, with … for what differs."""
    text = re.sub(r"(… ?)+", "… ", _text(value, words)).strip()
    text = re.sub(r"^…\s*:\s*|^… ", "", text).strip()
    safe = text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return "" if safe in {"", "…"} else safe


def _text(value: ast.AST, words: dict[str, ast.expr]) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.JoinedStr):
        return "".join(_text(part, words) for part in value.values)
    if isinstance(value, ast.FormattedValue):
        value = value.value
    if isinstance(value, ast.Name) and value.id in words:
        return _text(words[value.id], {k: v for k, v in words.items() if k != value.id})
    return "…"
