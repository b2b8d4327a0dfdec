"""Eight writers at once: each result is whole and there, or its writer was refused and said so."""

import io
import json
import multiprocessing
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from evidencekit.cli import run
from evidencekit.edges.keys import load_public_key, load_signer, new_key
from evidencekit.edges.trust import Trust
from evidencekit.edges.trustfile import add_signer
from evidencekit.verifier import verify

from evidencekit.core.trusted import TrustedSigner  # isort: skip

WRITERS = 8
ROUNDS = [1, pytest.param(50, marks=pytest.mark.slow)]
LATER = 4_000_000_000 * 1_000_000_000
FORK = multiprocessing.get_context("fork")


def _writer(argv, gate, answers):
    out, err = io.StringIO(), io.StringIO()
    gate.wait()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = run(argv)
        except BaseException as error:
            code, _ = 99, err.write(repr(error))
    answers.send((code, err.getvalue()))


def at_once(commands):
    """Run commands at the same moment, each in a process, and return how each ended."""
    gate = FORK.Barrier(len(commands))
    pipes = [FORK.Pipe(duplex=False) for _ in commands]
    writers = [
        FORK.Process(target=_writer, args=([str(part) for part in argv], gate, answers))
        for argv, (_, answers) in zip(commands, pipes, strict=True)
    ]
    for writer in writers:
        writer.start()
    ended = [reader.recv() for reader, _ in pipes]
    for writer in writers:
        writer.join()
    for pipe in pipes:
        for end in pipe:
            end.close()
    return ended


def won(ended, *refusals):
    """Return which writers succeeded; the others must have been refused in one coded line."""
    for code, err in ended:
        refused = code == 3 and any(f"[{refusal}]" in err for refusal in refusals)
        assert code == 0 or refused, (code, err)
    return [number for number, (code, _) in enumerate(ended) if code == 0]


@pytest.fixture(scope="module")
def writers(tmp_path_factory, made):
    """Eight keys, and the public halves of these and of the preparer."""
    folder = tmp_path_factory.mktemp("writers")
    keys = [folder / f"{number}.pem" for number in range(WRITERS)]
    for key in keys:
        new_key(key, None)
    trusted = Trust.from_keys((made / "first.pem.pub", *(Path(f"{key}.pub") for key in keys)))
    return keys, trusted


@pytest.fixture(autouse=True)
def without_passphrase(monkeypatch):
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")


@pytest.fixture
def collecting(made):
    """What each writer says to collect; its purpose tells whose bundle it is."""
    given = ["collect", "--key", made / "first.pem", "--jobs", 1]

    def commands(output):
        for number in range(WRITERS):
            export = made / f"export-{number}.json"
            if not export.exists():
                shutil.copyfile(made / "export.json", export)
            yield [*given, "--from", export, "--purpose", f"writer {number}", "-o", output]

    return lambda output: list(commands(output))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def purpose(bundle, trusted):
    """Return whose bundle it is; it must be accepted."""
    verified = verify(bundle, trust=trusted, at=LATER, jobs=1)
    assert verified.manifest, verified.report.verdict_line
    return int(verified.manifest.context.purpose.removeprefix("writer "))


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("name", ["b", "b.zip"])
def test_of_eight_bundles_of_one_name_one_is_published(tmp_path, collecting, writers, name, rounds):
    for turn in range(rounds):
        folder = tmp_path / f"{turn}"
        folder.mkdir()
        winners = won(at_once(collecting(folder / name)), "output.exists")
        assert winners == [purpose(folder / name, writers[1])]
        assert names(folder) == [name]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_eight_bundles_of_one_folder_are_all_there(tmp_path, collecting, writers, rounds):
    for turn in range(rounds):
        folder = tmp_path / f"{turn}"
        folder.mkdir()
        winners = won(at_once(collecting(folder)))
        assert sorted(purpose(each, writers[1]) for each in folder.iterdir()) == winners


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("form", ["folder", "zip"])
def test_eight_signatures_at_once_are_all_there(tmp_path, made, writers, form, rounds):
    keys, trusted = writers
    known = ["--trust-key", made / "first.pem.pub"]
    for each in keys:
        known += ["--trust-key", f"{each}.pub"]
    for _ in range(rounds):
        bundle = _copied(made, tmp_path, form)
        commands = [["sign", bundle, "--key", key, *known] for key in keys]
        winners = won(at_once(commands))
        signed = _signers(verify(bundle, trust=trusted, at=LATER, jobs=1))
        wanted = {load_public_key(Path(f"{keys[each]}.pub")).signer_id for each in winners}
        assert wanted <= signed
        assert names(tmp_path) == [bundle.name]


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("form", ["folder", "zip"])
def test_of_eight_receipts_at_once_the_chain_holds_those_that_were_told(
    tmp_path, made, writers, form, rounds
):
    (key, *_), trusted = writers  # of other receivers the chain would say that none was named
    known = ["--trust-key", made / "first.pem.pub", "--trust-key", f"{key}.pub"]
    receive = ["receive", "--outcome", "accepted", "--key", key, *known]
    for _ in range(rounds):
        bundle = _copied(made, tmp_path, form)
        commands = [[*receive, bundle, "--note", f"{number}"] for number in range(WRITERS)]
        winners = won(at_once(commands), "output.exists")
        assert winners
        verified = verify(bundle, trust=trusted, at=LATER, jobs=1)
        assert verified.report.exit_code == 0, verified.report.verdict_line
        records = [name for name in verified.examination.documents if name.startswith("custody/")]
        assert len(records) == len(winners), "a record was lost, or one that was refused is there"
        assert names(tmp_path) == [bundle.name]


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("exists", [True, False])
def test_eight_signers_added_at_once_are_trusted_or_were_refused(
    tmp_path, made, writers, exists, rounds
):
    keys, _ = writers
    path = tmp_path / "trust.toml"
    older = TrustedSigner(name="older", key=load_public_key(made / "first.pem.pub"))
    for _ in range(rounds):
        path.unlink(missing_ok=True)
        if exists:
            add_signer(path, older)
        commands = [
            ["trust", "add", f"{key}.pub", "--name", f"writer {number}", "--trust", path]
            for number, key in enumerate(keys)
        ]
        winners = won(at_once(commands), *([] if exists else ["output.exists"]))
        trusted = sorted(signer.name for signer in Trust.from_file(path).signers)
        assert trusted == ["older"] * exists + [f"writer {number}" for number in winners]
        assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_eight_keys_of_one_name_one_is_made(tmp_path, rounds):
    for turn in range(rounds):
        folder = tmp_path / f"{turn}"
        folder.mkdir()
        path = folder / "key"
        winners = won(at_once([["keys", "new", path]] * WRITERS), "output.exists")
        assert len(winners) == 1
        assert load_signer(path).public_key == load_public_key(folder / "key.pub")
        assert names(folder) == ["key", "key.pub"]


def _copied(made, folder, form):
    bundle = folder / ("b.zip" if form == "zip" else "b")
    if form == "zip":
        shutil.copyfile(made / "bundle.zip", bundle)
    else:
        shutil.rmtree(bundle, ignore_errors=True)
        shutil.copytree(made / "bundle", bundle)
    return bundle


def _signers(verified):
    assert verified.report.exit_code == 0, json.dumps(verified.report.to_json("b"))
    return {file.signer_id for file in verified.examination.signatures}
