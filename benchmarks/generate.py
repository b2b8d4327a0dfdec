"""Write a deterministic export of many events, and the schema they follow.

    python benchmarks/generate.py 1000000 export.json
    python benchmarks/generate.py 1000000 export.csv
    python benchmarks/generate.py schema schema.json

The same arguments give the same bytes. An event has 790 bytes on average: two times, a verdict, a
model, one to three policy results, token counts, nested metadata, text with escapes and letters
beyond ASCII.
"""

import csv
import io
import json
import sys
from collections.abc import Iterator
from multiprocessing import Pool as ProcessPool
from pathlib import Path
from typing import Any

_WORDS = {
    "verdict": ("allow", "allow", "allow", "allow", "allow", "deny", "flag", "redact"),
    "model": ("atlas-large-2", "atlas-small-2", "borealis-1.5", "corvid-code-3", "delta-mini"),
    "policy": ("pii.email", "pii.card", "toxicity", "prompt-injection", "secrets", "copyright"),
    "region": ("eu-west-1", "eu-central-1", "us-east-1", "ap-south-1"),
    "text": (
        "The assistant summarised the attached contract and listed the termination clauses. ",
        'User asked for the refund status of order "A-1029"; answer cites section 4.2. ',
        "Réponse fournie en français : « le dossier est complet ». ",
        "Blocked: the text holds a card number [4111 **** **** 1111], see rule {pii.card}. ",
        "Path C:\\reports\\2025\\q3.xlsx was mentioned, no file was opened. ",
        "Line one of the reply.\nLine two, after a tab:\tvalue. ",
        "Übersetzung geprüft: keine Beanstandung 😀. ",
        "No finding. ",
    ),
}
_FACTOR, _TERM, _MASK = 6364136223846793005, 1442695040888963407, (1 << 64) - 1
_AT_ONCE = 20_000  # events that one process writes at a time
_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
_NAME = {"type": "string", "minLength": 1, "maxLength": 128}
_TIME = {"type": "string", "format": "date-time"}
_VERDICT = {"enum": ["allow", "deny", "flag", "redact"]}


def _record(properties: dict[str, Any], *optional: str, closed: bool = True) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    rules = {"type": "object", "properties": properties, "required": required}
    return rules | ({"additionalProperties": False} if closed else {})


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:example:benchmark-event",
    "$defs": {
        "policy": _record(
            {
                "policy": _NAME,
                "version": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"},
                "decision": _VERDICT,
                "score": {"type": "number", "minimum": 0, "maximum": 1},
                "reason": _TEXT,
            },
            "reason",
        )
    },
    **_record(
        {
            "event_id": {"type": "string", "pattern": "^evt_[0-9a-f]{24}$"},
            "request_id": {"type": "string", "pattern": "^req_[0-9a-f]{16}$"},
            "session_id": _NAME,
            "tenant": _NAME,
            "timestamp": _TIME,
            "received_at": _TIME,
            "verdict": _VERDICT,
            "model": _NAME,
            "policies": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/policy"}},
            "tokens": _record({"prompt": _COUNT, "completion": _COUNT, "total": _COUNT}),
            "latency_ms": {"type": "number", "minimum": 0},
            "message": {"type": "string", "maxLength": 20000},
            "metadata": _record(
                {
                    "region": _TEXT,
                    "client": _record({"name": _TEXT, "version": _TEXT}, closed=False),
                    "tags": {"type": "array", "items": _TEXT, "uniqueItems": True},
                    "sampled": {"type": "boolean"},
                    "parent": {"type": ["string", "null"]},
                },
                closed=False,
            ),
        }
    ),
}


def _dice(skipped: int) -> Iterator[int]:
    """Yield 44 random bits at a time, the same on every machine (a linear congruence)."""
    state = _after(skipped, 1)
    while True:
        state = (state * _FACTOR + _TERM) & _MASK
        yield state >> 20


def _after(steps: int, state: int) -> int:
    """Return the state after so many steps: each bit of their number is a step twice as long."""
    factor, term = _FACTOR, _TERM
    while steps:
        if steps & 1:
            state = (state * factor + term) & _MASK
        term = term * (factor + 1) & _MASK
        factor = factor * factor & _MASK
        steps >>= 1
    return state


def events(count: int, start: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the events from ``start`` up to ``count``, four a second from the start of 2025 on."""
    dice = _dice(2 * start)
    for number in range(start, count):
        yield _event(number, next(dice), next(dice))


def _event(number: int, one: int, two: int) -> dict[str, Any]:
    words = {name: known[(one >> 5) % len(known)] for name, known in _WORDS.items()}
    days, second = divmod(number // 4, 86_400)
    date = f"{2025 + days // 336:04d}-{days // 28 % 12 + 1:02d}-{days % 28 + 1:02d}"
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{one % 1000:03d}"
    prompt, completion = one >> 8 & 4095, two >> 16 & 1023
    return {
        "event_id": f"evt_{number:011x}{(one ^ two) & (1 << 52) - 1:013x}",
        "request_id": f"req_{(number - (number % 8 == 7)) * 0x9E3779B1:016x}",
        "session_id": f"ses-{one & 0xFFFFF:08x}",
        "tenant": f"tenant-{two % 97:03d}",
        "timestamp": f"{date}T{clock}Z",
        "received_at": f"{date}T{clock}+00:00",
        "verdict": words["verdict"],
        "model": words["model"],
        "policies": [_policy(words["verdict"], two >> 3 * at, at) for at in range(1 + two % 3)],
        "tokens": {"prompt": prompt, "completion": completion, "total": prompt + completion},
        "latency_ms": (one & 65535) / 16,
        "message": words["text"] + _WORDS["text"][two >> 3 & 7],
        "metadata": {
            "region": words["region"],
            "client": {"name": "gateway", "version": f"3.{two & 15}"},
            "tags": [f"t{one & 15}", f"u{two & 15}"],
            "sampled": bool(one & 1),
            "parent": None if one & 2 else f"evt_{one ^ two:024x}",
        },
    }


def _policy(verdict: str, bits: int, at: int) -> dict[str, Any]:
    policy = _WORDS["policy"][(bits >> 2) % 6]
    told = {
        "policy": policy,
        "version": f"1.{bits >> 9 & 7}.{bits >> 12 & 15}",
        "decision": "allow" if at else verdict,
        "score": (bits >> 5 & 1023) / 1024,
    }
    if not at and verdict != "allow":
        told["reason"] = f"rule {policy} matched at offset {bits >> 15 & 2047}"
    return told


def write_json(count: int, path: Path) -> None:
    """Write an array with one event a line, with all processors."""
    ranges = [(at, min(at + _AT_ONCE, count)) for at in range(0, count, _AT_ONCE)]
    with path.open("wb") as file, ProcessPool() as pool:
        file.write(b"[\n")
        for number, lines in enumerate(pool.imap(_lines, ranges)):
            file.write((b",\n" if number else b"") + lines)
        file.write(b"\n]\n")


def _lines(range_: tuple[int, int]) -> bytes:
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    return ",\n".join(map(encode, events(range_[1], range_[0]))).encode()


def write_csv(count: int, path: Path) -> None:
    """Write RFC 4180 text: an object or array as JSON in its cell."""
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    with path.open("wb", buffering=1 << 20) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        for number, event in enumerate(events(count)):
            if not number:
                writer.writerow(event)
            cells = event.values()
            writer.writerow(
                encode(cell) if isinstance(cell, (dict, list)) else cell for cell in cells
            )
        text.flush()


def main() -> None:
    """Write what the arguments ask for."""
    what, path = sys.argv[1], Path(sys.argv[2])
    if what == "schema":
        path.write_text(json.dumps(SCHEMA, indent=2) + "\n")
    else:
        (write_csv if path.suffix == ".csv" else write_json)(int(what), path)


if __name__ == "__main__":
    main()
