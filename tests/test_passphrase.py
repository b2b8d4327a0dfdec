"""The passphrase of a key: by descriptor, by the environment, by a prompt; never an argument."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from evidencekit.cli import cli, run
from evidencekit.edges.keys import load_public_key, load_signer, new_key, read_passphrase
from evidencekit.errors import UndecidedError

ROOT = Path(__file__).parents[1]
WORDS = "correct horse, battery ☂"


@pytest.fixture
def pipe():
    """Return what makes a descriptor that gives these bytes, and then ends or stays open."""
    opened = []

    def make(data):
        reader, writer = os.pipe()
        opened.append(reader)
        os.write(writer, data)
        os.close(writer)
        return reader

    yield make
    for reader in opened:
        os.close(reader)


@pytest.fixture
def locked(tmp_path):
    new_key(tmp_path / "locked.pem", WORDS)
    return tmp_path / "locked.pem"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\nmeant for somebody else"])
def test_one_line_is_read_and_nothing_behind_it(pipe, end):
    reader = pipe(WORDS.encode() + end)
    assert read_passphrase(reader) == WORDS
    assert os.read(reader, 100) == end.partition(b"\n")[2]


@pytest.mark.parametrize("data", [b"a" * 1_025, b"secret \xff"])
def test_what_is_no_passphrase_is_refused_and_not_shown(pipe, data):
    with pytest.raises(UndecidedError) as caught:
        read_passphrase(pipe(data))
    assert caught.value.code == "key.passphrase-fd"
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_descriptor_that_is_not_open_is_one_line():
    with pytest.raises(UndecidedError) as caught:
        read_passphrase(1_000_000)
    assert caught.value.code == "key.passphrase-fd"


def test_a_key_is_made_and_signs_with_it(pipe, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "the descriptor comes first")
    given = str(pipe(WORDS.encode()))
    assert run(["keys", "new", str(tmp_path / "k.pem"), "--passphrase-fd", given]) == 0
    assert WORDS not in "".join(capsys.readouterr())
    signer = load_signer(tmp_path / "k.pem", lambda: WORDS)
    assert signer.public_key == load_public_key(tmp_path / "k.pem.pub")


@pytest.mark.parametrize("way", ["option", "variable"])
def test_every_command_that_signs_takes_it(pipe, locked, tmp_path, way, capsys, monkeypatch):
    """With a right passphrase each goes on to its own first question, with none it does not."""
    bundle = tmp_path / "none.zip"
    verbs = {
        "collect": ("--from", bundle, "-o", tmp_path / "x.zip"),
        "sign": (bundle,),
        "receive": (bundle, "--outcome", "accepted"),
        "release": (bundle, "--to", "SHA256:" + "A" * 43),
    }
    for verb, words in verbs.items():
        for text, is_right in ((WORDS, True), ("tr0ub4dor", False)):
            given = str(pipe(text.encode()))
            if way == "variable":
                monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE_FD", given)
            more = ("--passphrase-fd", given) if way == "option" else ()
            assert run([str(w) for w in (verb, *words, "--key", locked, *more)]) == 3
            _, err = capsys.readouterr()
            assert ("[key.passphrase]" in err) is not is_right
            assert text not in err


def test_a_shell_gives_it_from_a_file(locked, tmp_path):
    """What the documentation shows: ``3<FILE`` or a pipe; the words are in no list of processes."""
    (tmp_path / "words").write_text(f"{WORDS}\n", "utf-8")
    script = '"$0" -m evidencekit collect --from none.json --key "$1" --passphrase-fd 3 3<words'
    command = ["sh", "-c", script, sys.executable, str(locked)]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)  # noqa: S603 (our words)
    assert "[export.missing]" in done.stderr
    assert done.returncode == 3


def test_it_is_never_an_argument():
    """No command has an option that takes the words themselves."""
    context = click.Context(cli)
    each = [cli.get_command(context, name) for name in cli.list_commands(context)]
    each += [one for group in each for one in getattr(group, "commands", {}).values()]
    names = {option for one in each for param in one.params for option in param.opts}
    assert "--passphrase" not in names
    assert "--passphrase-fd" in names


@pytest.mark.parametrize("command", ["collect", "keys"])
def test_without_a_terminal_nobody_is_asked(locked, tmp_path, command):
    """As cron runs it: one line that says what to do, not a warning of Python's and a 130."""
    words = {
        "collect": ["collect", "--from", "none.json", "--key", str(locked)],
        "keys": ["keys", "new", "fresh.pem"],
    }[command]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603  (our words)
        [sys.executable, "-m", "evidencekit", *words],
        cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, start_new_session=True,
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    error, hint = done.stderr.splitlines()
    name = locked if command == "collect" else "fresh.pem"
    told = "needs a passphrase, and there is no terminal to ask at [key.passphrase]"
    assert error == f"evidencekit: error: {name}: {told}"
    assert "EVIDENCEKIT_KEY_PASSPHRASE" in hint
    assert "--passphrase-fd" in hint
    assert done.returncode == 3
    assert not (tmp_path / "fresh.pem").exists()


def test_an_empty_passphrase_is_told_from_a_wrong_one(locked):
    with pytest.raises(UndecidedError, match="is empty") as caught:
        load_signer(locked, lambda: "")
    assert caught.value.code == "key.passphrase"


def test_a_prompt_asks_only_where_nothing_else_was_given(locked, tmp_path):
    pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed: make setup")
    words = ["-m", "evidencekit", "collect", "--from", "none.json", "--key", str(locked)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    child = pexpect.spawn(sys.executable, words, cwd=tmp_path, env=environment, timeout=120)
    child.expect("passphrase: ")
    child.sendline("wrong")
    child.expect("wrong passphrase, or the file is damaged")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 3
