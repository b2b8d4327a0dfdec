"""Ten thousand hostile strings, and bundles that hold them wherever foreign text may stand.

A twin is the same bundle with harmless names in place of the strings: as many, and as distinct.
What is made of the one has to consist of the same parts as what is made of the other.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

from markdown_it import MarkdownIt
from torture.doors import corpus
from torture.entrances import Room

from evidencekit.core.manifest import Claim
from evidencekit.core.query import Query, Response, ServerClock
from evidencekit.core.receipt import Receipt, ReceivedFile
from evidencekit.core.visible import visible
from evidencekit.core.window import Window
from evidencekit.limits import MAX_VALUE_CHARS

CORPORA = ("text-xss", "text-blns", "text-markdown", "text-terminal", "text-csv-injection")
MOMENT = "2026-04-16T08:{:02}:{:02}Z"
ROWS = 190  # events of a bundle, each named; at most 200 are listed one by one
FEW_ROWS = 30  # of the one bundle of the quick form
NAMED = ("id", "reason_code", "escalation_id", "config_version", "model")


@cache
def strings() -> tuple[str, ...]:
    """Return every string of the corpora once: entries, lines, and whole files for terminals."""
    found: list[str] = []
    for name in CORPORA:
        for path in sorted(corpus(name).rglob("*")):
            if path.is_file() and path.name != "README.md" and "LICEN" not in path.name:
                found += _of(path)
    return tuple(text for text in dict.fromkeys(found) if text.strip())


def _of(path: Path) -> list[str]:
    data = path.read_bytes()
    if path.name.endswith("base64.json"):
        return []  # the same once more
    if path.suffix == ".json":
        return [_text(entry) for entry in json.loads(data)]
    text = data.decode("utf-8", "replace")
    return [text, *text.splitlines()] if "terminal" in str(path) else text.splitlines()


def _text(entry: object) -> str:
    if isinstance(entry, dict):
        return str(entry.get("markdown") or entry.get("payload"))
    return str(entry)


def chosen(step: int, first: int = 0) -> list[str]:
    """Return one of ``step`` strings."""
    return list(strings()[first % step :: step])


@cache
def piercing() -> tuple[tuple[str, ...], ...]:
    """Return short strings that hide something: escapes, bidi controls, other controls."""
    kinds = (
        "\x1b",
        "[\u202a-\u202e\u2066-\u2069]",
        "[\x80-\x9f\u200b-\u200f\ufeff\u2028]",
        "[\r\x08\x07]",
    )
    short = [text for text in strings() if len(text) < 300]
    return tuple(tuple(t for t in short if re.search(kind, t)) for kind in kinds)


def worst(number: int) -> list[str]:
    """Return one string of each kind that hides something."""
    return [kind[number % len(kind)] for kind in piercing()]


def batches(texts: Sequence[str], size: int) -> Iterator[list[str]]:
    """Yield the strings in lists of ``size``; the last is filled up with the first ones."""
    for start in range(0, len(texts), size):
        part = list(texts[start : start + size])
        yield part + [text for text in texts[: size - len(part)] if text not in part]


def harmless(texts: Iterable[str]) -> list[str]:
    """Return as many texts that nobody could mind, as distinct, and as long where they are shown.

    How many labels a chart has room for follows from their lengths.
    """
    return [
        f"{'@' if text[0] == '@' else ''}n{number}".ljust(len(visible(text, limit=200)), "x")
        for number, text in enumerate(texts)
    ]


def distinct(texts: Iterable[str]) -> list[str]:
    """Return the texts that stay distinct where they are counted, which is by their beginnings."""
    return list({text[:MAX_VALUE_CHARS]: text for text in texts}.values())


# What the parts of an output are


class Skeleton(HTMLParser):
    """Elements with their attributes, in order; whatever else is no text; and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.others: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Where a label is follows from its text, and a QR code is that of the bundle's own root.
        lost = {"x", "d"} if ("stroke", "#000") in attrs else {"x"}
        kept = [pair for pair in attrs if pair[0] not in lost]
        self.elements.append((tag, tuple(kept)))

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    unknown_decl = handle_pi = handle_decl = handle_comment


_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def blocks(page: str) -> list[tuple[str, str]]:
    """Return what a Markdown page renders to, but for plain text and code."""
    found = []
    for token in _MARKDOWN.parse(page):
        found.append((token.type, token.tag))
        inline = (t for t in token.children or [] if t.type not in {"text", "code_inline"})
        found += [(t.type, t.tag) for t in inline]
    return found


# Bundles

_OTHER_PLACES = 73  # for foreign text, but those in events


def places(rows: int) -> int:
    """Return how many strings a bundle with that many events takes."""
    return rows * (len(NAMED) + 1) + _OTHER_PLACES


def rows_for(texts: Sequence[str]) -> int:
    """Return how many events take these strings."""
    return (len(texts) - _OTHER_PLACES) // (len(NAMED) + 1)


class Planted:
    """A bundle made by ``collect`` whose every place for foreign text holds one of ``texts``."""

    def __init__(self, room: Room, texts: Sequence[str], name: str) -> None:
        self._room, self._rest, self.name = room, iter(texts), name
        self.texts = tuple(texts)
        self.request_ids = [self._next() for _ in range(rows_for(texts))]
        self.environment = self._short()
        self.events = [self._event(number) for number in range(len(self.request_ids))]
        self.bundle = room.folder / f"{name}.zip"
        self.arguments = self._arguments()
        assert next(self._rest, None) is None, "a string without a place"

    def _next(self) -> str:
        return next(self._rest)

    def _short(self) -> str:
        """Return a text that is counted whole; a longer one is cut, and a declared one is not."""
        kept: list[str] = []
        while len(text := self._next()) > MAX_VALUE_CHARS:
            kept.append(text)
        self._rest = chain(kept, self._rest)
        return text

    def _event(self, number: int) -> dict[str, object]:
        return {
            **{name: self._next() for name in NAMED},
            "request_id": self.request_ids[number],
            "timestamp": MOMENT.format(number // 60, number % 60),
            "verdict": ("allow", "block", "redact", "escalate")[number % 4],
            "environment": self.environment,
        }

    def _arguments(self) -> list[object]:
        """Write export, receipt and lists of IDs, and return the command that bundles them."""
        export = json.dumps(self.events, ensure_ascii=False).encode()
        file = self._room.put(f"{self.name}.json", export)
        receipt = self._room.put(f"{self.name}.receipt.json", self._receipt(export).to_bytes())
        context = {name: self._next() for name in ("incident", "purpose", "prepared-by")}
        words = [f"--{name}={text}" for name, text in context.items()]
        words += [f"--limitation={self._next()}" for _ in range(40)]
        words += [f"--environment={self.environment}", f"--config-version={self._version}"]
        words += [f"--request-id={text}" for text in self.request_ids if text[0] != "@"]
        escalations = [str(event["escalation_id"]) for event in self.events[:20]]
        words += [f"--escalation-id={text}" for text in escalations if text[0] != "@"]
        words += [f"--attach={path}" for path in self._attachments()]
        return [
            *("collect", "--from", file, "--receipt", receipt, "--key", self._room.key),
            *("--jobs", 1, "-o", self.bundle, *words),
        ]

    def _attachments(self) -> Iterator[Path]:
        folder = self._room.folder / f"{self.name}.attached"
        folder.mkdir(exist_ok=True)
        for number in range(20):
            path = folder / file_name(self._next(), number)
            path.write_bytes(b"x")
            yield path

    @property
    def _version(self) -> str:
        versions = (str(event["config_version"]) for event in self.events)
        return next(t for t in versions if t[0] != "@" and len(t) <= MAX_VALUE_CHARS)

    def _receipt(self, export: bytes) -> Receipt:
        window = Window.from_times("2026-04-16T00:00:00Z", "2026-04-17T00:00:00Z")
        response = Response(
            status=200,
            content_type=self._next(),
            content_length=len(export),
            etag=self._next(),
            date=None,
        )
        query = Query(
            api_url=self._next(),
            request={"filter": self._next()},
            job_id=self._next(),
            created_at=None,
            completed_at=None,
            downloaded_at="2026-04-17T00:00:03Z",
            preview=None,
            served_by="https://h.example/" + self._next().replace("?", "").replace("#", ""),
            response=response,
            clock=ServerClock(offset_seconds=None),
        )
        file = ReceivedFile(
            file=self._next(),
            format="json",
            size=len(export),
            sha256=sha256(export).hexdigest(),
        )
        claim = Claim(requested=self._next(), window=window, basis=self._next())
        return Receipt(
            tool_version="0.1.0",
            window=claim,
            query=query,
            export=file,
        )


def pairs(room: Room, step: int) -> Iterator[tuple[Planted, Planted]]:
    """Yield bundles of all strings, or a small one of every ``step``-th, each with its twin."""
    texts = distinct(strings())
    size = places(FEW_ROWS if step > 1 else ROWS)
    texts = texts[::step][:size] if step > 1 else texts
    for number, batch in enumerate(batches(texts, size)):
        yield (
            Planted(room, batch, f"hostile{step}-{number}"),
            Planted(room, harmless(batch), f"harmless{step}-{number}"),
        )


def file_name(text: str, number: int) -> str:
    """Return a name that a file can have and no other one here has; it ends as bundles may."""
    kept = text.replace("/", "").replace("\0", "").encode()[:200].decode("utf-8", "ignore")
    return f"{kept}{number}.zip"
