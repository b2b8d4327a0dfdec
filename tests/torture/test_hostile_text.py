"""Ten thousand hostile strings through the command line, and none of them comes out alive.

Alive is: a control, bidi or zero-width character that reaches a terminal; an element, attribute or
Markdown construct that the harmless twin of a page has not; a line that the tool did not begin.
"""

import json
import logging
import os
import pty
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from torture import doors, hostile
from torture.entrances import AT, Room
from torture.faultyapi import FaultyApi, answer
from torture.mouths import MOUTHS, SLOW

from evidencekit.collector import Collected
from evidencekit.core.instant import parse_instant
from evidencekit.core.visible import hidden_to
from evidencekit.core.wording import word
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

EPOCH = "1777600000"  # 2026-05-01, before AT


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("KEEPTRUSTS_API_URL", "EVIDENCEKIT_TRUST", "SSH_AUTH_SOCK", "VAULT_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")
        patch.setenv("KEEPTRUSTS_API_TOKEN", "canary-token")
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.chdir(folder)
        yield Room(folder)


def test_there_are_enough_of_them():
    assert len(hostile.strings()) > 9_000
    assert len(hostile.distinct(hostile.strings())) > 9_000


def terminal(*arguments):
    """Run a command for a terminal with colours, and hold what it prints to be harmless."""
    return doors.call("--no-progress", "--color=always", *arguments, tty=True).check()


# What commands say again


@pytest.mark.parametrize("step", [9001, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mouth", MOUTHS)
def test_no_message_says_a_string_alive(room, mouth, step):
    step *= 20 if mouth in SLOW and step < 1_000 else 1
    number = list(MOUTHS).index(mouth)
    worst = hostile.worst(number)[:1] if mouth in SLOW else hostile.worst(number)
    for text in (*worst, *hostile.chosen(step, number)):
        said = terminal(*MOUTHS[mouth](room, text))
        assert not said.repeats(text), text
        assert "Traceback" not in said.painted
        if said.code in {1, 3} and "json" not in mouth:
            spoof = [line for line in said.err.splitlines() if line.startswith("verdict: ")]
            assert len(spoof) <= 1
        room.clear()


# What a server says


def _header(text):
    """Return what can stand in a header, as bytes: a server may send any but these."""
    return text.encode().translate(None, b"\r\n\0")[:8_000]


def _with(status, head, body=b"{}"):
    return (
        b"HTTP/1.1 " + status + b"\r\n" + head + b"\r\nContent-Type: application/json\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )


def _json(document):
    return json.dumps(document, ensure_ascii=False).encode()


SAID = {
    "error": lambda s: ("create", answer(_json({"error": {"message": s}}), "400 Bad Request")),
    "detail": lambda s: ("create", answer(_json({"detail": s}), "422 Unprocessable")),
    "preview": lambda s: ("preview", answer(_json({s[:20_000]: s, "events": 3}))),
    "job": lambda s: ("create", answer(_json({"id": s}))),
    "state": lambda s: ("status", answer(_json({"id": "job_1", "status": "failed", "error": s}))),
    "other job": lambda s: ("status", answer(_json({"id": s, "status": s}))),
    "reason": lambda s: ("create", _with(b"400 " + _header(s), b"X: y")),
    "server": lambda s: ("create", _with(b"400 No", b"Server: " + _header(s))),
    "header": lambda s: ("create", _with(b"400 No", _header(s) + b": y")),
    "location": lambda s: ("download", _with(b"302 Found", b"Location: " + _header(s))),
    "path": lambda s: ("download", _with(b"302 Found", b"Location: /" + _header(s))),
    "type": lambda s: (
        "download",
        b"HTTP/1.1 200 OK\r\nContent-Type: " + _header(s) + b"\r\nContent-Length: 2\r\n\r\n[]",
    ),
    "entity tag": lambda s: ("download", _with(b"200 OK", b"ETag: " + _header(s), b"[]")),
}


@pytest.mark.parametrize("step", [9001, pytest.param(13, marks=pytest.mark.slow)])
@pytest.mark.parametrize("what", SAID)
def test_nothing_that_a_server_says_is_alive(room, authority, caplog, what, step):
    caplog.set_level(logging.DEBUG)
    server = FaultyApi(lambda at, _request, _n: said if at == phase else None)
    number = list(SAID).index(what)
    for text in (*hostile.worst(number), *hostile.chosen(step, number)):
        phase, said = SAID[what](text)
        command = ["preview"] if phase == "preview" else ["pull", "--timeout=1", "-o", room.output]
        place = ["--api-url", server.url, "--ca-file", authority, "--window=24h"]
        told = terminal(*command, *place)
        assert not told.repeats(text), text
        for record in caplog.records:
            assert not hides(record.getMessage())
        caplog.clear()
        for path in (room.output, room.output.with_name("made.receipt.json")):
            if path.exists():
                kept = path.read_text("utf-8").replace("\n", "")
                assert hidden_to(lambda _char: "!", kept) == kept
                path.unlink()
    server.close()


# Names that a receiver gives


@pytest.mark.parametrize("step", [9001, pytest.param(40, marks=pytest.mark.slow)])
def test_names_in_a_trust_file_are_read_as_they_were_written_and_shown_harmlessly(room, step):
    trust = room.folder / "named.toml"
    for text in (*hostile.worst(0), *hostile.chosen(step)):
        trust.unlink(missing_ok=True)
        name = f"--name={text}"
        added = terminal("trust", "add", room.public[0], name, f"--role={text}", "--trust", trust)
        if added.code:
            assert added.reason in {"trust.value", "trust.name", "trust.syntax"}, text
            continue
        assert Trust.from_file(trust).signers[0].name == text
        for asked in (
            ["trust", "list", "--trust", trust],
            ["trust", "list", "--trust", trust, "--format", "json"],
            ["trust", "lint", "--trust", trust],
            ["trust", "explain", room.shown, "--trust", trust, "--at", AT],
            ["trust", "revoke", "--reason=left", "--trust", trust, "--", text],
            ["verify", room.shown, "--trust", trust, "--at", AT],
        ):
            said = terminal(*asked)
            assert not said.repeats(text), text
            assert said.code in {0, 1}, (text, said.err)


@pytest.mark.parametrize("step", [9001, pytest.param(80, marks=pytest.mark.slow)])
def test_files_that_are_called_so(room, step):
    """The bundle, the output, the key and the trust file have hostile names, and all goes well."""
    folder = room.folder / "named"
    folder.mkdir(exist_ok=True)
    for number, text in enumerate((*hostile.worst(step), *hostile.chosen(step))):
        name = hostile.file_name(text, number)
        bundle, key, page, copy = (folder / f"{n}{name}" for n in "bkpc")
        bundle.write_bytes(room.shown.read_bytes())
        key.write_bytes(room.public[0].read_bytes())
        for fmt in ("text", "json", "junit", "sarif"):
            said = terminal("verify", bundle, "--key", key, "--at", AT, "--format", fmt)
            assert said.code == 0
            assert not said.repeats(name)
        for asked in (
            ["show", bundle, "--key", key, "--at", AT, "-o", page],
            ["verify", bundle, "--key", key, "--at", AT, "--extract-to", copy],
            ["keys", "new", folder / f"n{name}"],
            ["collect", "--from", room.export, "--key", room.key, "-o", folder / f"o{name}"],
        ):
            said = terminal(*asked)
            assert said.code == 0, said.err
            assert not said.repeats(name)


# Bundles


def planted(room, step):
    """Yield bundles of hostile strings and their harmless twins, made by ``collect``."""
    for pair in hostile.pairs(room, step):
        for one in pair:
            if not one.bundle.exists():
                said = terminal(*one.arguments)
                assert said.code == 0, said.err
        yield pair[0].texts, *pair


def on_a_terminal(environment, *arguments):
    """Run a command as a process on a pseudo-terminal; return its code and what that received."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "evidencekit", "--no-progress", *map(str, arguments)]
    kept = {"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": EPOCH, **environment}
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=kept
    ) as process:
        os.close(theirs)
        told = b""
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # how Linux says that nobody writes any more
                part = b""
            if not part:
                break
            told += part
        code = process.wait()
    os.close(ours)
    return code, told.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("environment", "paints"),
    [
        ({"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "80"}, True),
        ({"TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": "20", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, False),
    ],
)
def test_on_a_real_terminal(room, environment, paints):
    """TRM-01, TRM-05: colours or none, narrow, and the C locale."""
    for _batch, bad, _twin in planted(room, 35):
        for asked, code in (
            (["show", bad.bundle, "--key", room.public[0], "--at", AT], 0),
            (["verify", room.shown, *room.keys, "--environment", hostile.worst(1)[0]], 1),
        ):
            ended, told = on_a_terminal(environment, *asked)
            assert ended == code, told[-500:]
            assert paints or b"\x1b" not in told
            text = doors.unpainted(told.decode())
            assert not hides(text.replace("\n", ""))


STEPS = pytest.mark.parametrize("step", [35, pytest.param(1, marks=pytest.mark.slow)])


def shown(room, one, fmt):
    said = terminal("show", one.bundle, "--key", room.public[0], "--at", AT, "--format", fmt)
    assert said.code == 0, said.err
    return said.out


@STEPS
def test_reports_about_them(room, step):
    for batch, bad, twin in planted(room, step):
        for fmt in ("text", "json", "junit", "sarif"):
            said, other = (
                terminal("verify", one.bundle, "--key", room.public[0], "--at", AT, "--format", fmt)
                for one in (bad, twin)
            )
            assert (said.code, other.code) == (0, 0), said.err
            assert not any(map(said.repeats, batch))
            assert said.out.count("\n") >= other.out.count("\n") or fmt == "text"
            if fmt == "junit":
                trees = [list(ElementTree.fromstring(one.out).iter()) for one in (said, other)]  # noqa: S314
                assert [e.tag for e in trees[0]] == [e.tag for e in trees[1]]
            if fmt in {"json", "sarif"}:
                assert json.loads(said.out).keys() == json.loads(other.out).keys()


@STEPS
def test_summaries_of_them(room, step):
    for batch, bad, twin in planted(room, step):
        page, other = (hostile.Skeleton(shown(room, one, "html")) for one in (bad, twin))
        assert page.elements == other.elements
        assert page.others == other.others == ["doctype html"]
        ids = [text for text in bad.request_ids if text[0] != "@"]
        assert sum(word(text, limit=80) in page.text or word(text) in page.text for text in ids) > (
            0.9 * len(ids)
        )
        marked, unmarked = (shown(room, one, "markdown") for one in (bad, twin))
        assert hostile.blocks(marked) == hostile.blocks(unmarked)
        for fmt in ("text", "json"):
            told = shown(room, bad, fmt)
            assert not any(text in told for text in batch if hides(text.replace("\n", "")))


def hides(text):
    return hidden_to(lambda _char: "!", text) != text


@STEPS
def test_bytes_of_the_export_are_as_they_came(room, step):
    for number, (_batch, bad, _twin) in enumerate(planted(room, step)):
        copy = room.folder / f"copy{step}-{number}"
        asked = ["verify", bad.bundle, "--key", room.public[0], "--at", AT, "--extract-to", copy]
        assert terminal(*asked).code == 0
        export = next(copy.rglob("export/events.json")).read_bytes()
        assert json.loads(export) == bad.events
        ours = [*copy.rglob("*.md"), *copy.rglob("*.html"), *copy.rglob("manifest.json")]
        told = [path.read_text("utf-8") for path in ours]
        for text in told:
            assert hidden_to(lambda _char: "!", text.replace("\n", "")) == text.replace("\n", "")


@STEPS
def test_hand_overs_with_words_of_theirs(room, step):
    """Actor, role, purpose and note of records, in report, explanation, page and Markdown."""
    for batch, bad, twin in planted(room, step):
        for one, words in ((bad, batch), (twin, hostile.harmless(batch))):
            short = [text for text in words[::16] if len(text) < 2_000][:24]
            for start in range(0, 24 if step > 1 else 8, 4):
                said = terminal(
                    *("receive", one.bundle, "--outcome=accepted", "--key", room.key),
                    *("--trust-key", room.public[0]),
                    *(f"--{option}={text}" for option, text in zip(
                        ("actor", "role", "purpose", "note"), short[start:], strict=False)),
                )  # fmt: skip
                assert said.code == 0, said.err
        pages = [hostile.Skeleton(shown(room, one, "html")) for one in (bad, twin)]
        assert pages[0].elements == pages[1].elements
        marked = [hostile.blocks(shown(room, one, "markdown")) for one in (bad, twin)]
        assert marked[0] == marked[1]
        for asked in (
            ["verify", bad.bundle, "--key", room.public[0]],
            ["-v", "verify", bad.bundle, "--key", room.public[0]],
            ["verify", bad.bundle, "--key", room.public[0], "--format", "json"],
            ["trust", "explain", bad.bundle, "--trust", room.trust],
        ):
            assert not any(map(terminal(*asked).repeats, batch))


@STEPS
def test_what_a_notebook_shows(room, step):
    trust = Trust.from_keys([room.public[0]])
    for number, (batch, bad, twin) in enumerate(planted(room, step)):
        shapes = []
        for one, texts in ((bad, batch), (twin, hostile.harmless(batch))):
            accepted = verify(one.bundle, trust=trust, at=parse_instant(AT), jobs=1)
            refused = verify(
                room.folder / texts[number].replace("\0", ""), trust=trust, at=parse_instant(AT)
            )
            assert refused.report.exit_code in {1, 3}
            made = Collected(
                path=room.folder / texts[1], root="ab" * 32, manifest=accepted.manifest
            )
            shown_ones = (accepted, accepted.report, refused, made)
            shapes += [(one is bad, hostile.Skeleton(value._repr_html_())) for value in shown_ones]
        ours = [page.elements for is_bad, page in shapes if is_bad]
        assert ours == [page.elements for is_bad, page in shapes if not is_bad]
        assert all(not hides(page.text) and not page.others for _bad, page in shapes)
