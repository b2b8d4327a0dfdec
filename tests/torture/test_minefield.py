"""The JSON minefield through every door of the command line: the same verdict everywhere.

Of what is no JSON nothing may come of it: no bundle, no record, no trust file. What is JSON is
taken for what it is.
"""

import re

import pytest
from torture import doors, minefield
from torture.entrances import DOORS, Room
from torture.faultyapi import BODY, FaultyApi, answer

from evidencekit.edges.partial import Places

ONE_DOCUMENT = r"1 json\."  # doors that say themselves which rule of JSON was broken
BLANK = {"n_single_space.json", "n_structure_no_data.json"}  # no line of an export, nor an event


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("KEEPTRUSTS_API_URL", "KEEPTRUSTS_API_TOKEN", "EVIDENCEKIT_TRUST"):
            patch.delenv(name, raising=False)
        patch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")
        patch.chdir(folder)
        yield Room(folder)


@pytest.fixture(scope="module")
def measured():
    measured = doors.Measured({"EVIDENCEKIT_KEY_PASSPHRASE": ""})
    yield measured
    measured.close()


def judged(door, room, file, said):
    """Hold one run to the door's patterns, and hold that only what is taken leaves a trace."""
    said.check()
    told, refused = f"{said.code} {said.reason}", minefield.is_refused(file.name)
    if door.name == "event, lines" and file.name in BLANK:
        assert told == "0 None"
    else:
        assert re.match(door.no_json if refused else door.json, told), (file.name, told)
    if door.no_json == ONE_DOCUMENT:
        code = said.reason if refused else None
        assert minefield.is_right(file.name, code), (file.name, told)
    assert room.output.exists() <= (said.code == 0), file.name
    room.clear()


def files_for(door, step):
    chosen = doors.every(step, minefield.files(), list(DOORS).index(door.name))
    if "lines" not in door.name:
        return chosen
    return [file for file in chosen if b"\n" not in file.read_bytes()]


@pytest.mark.parametrize("step", [79, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", DOORS)
def test_every_document_has_its_one_verdict(room, name, step):
    door = DOORS[name]
    for file in files_for(door, step):
        data = file.read_bytes()
        arguments = door.come(room, data)
        before = doors.left(room.folder)
        said = doors.call(*arguments, stdin=data if door.stdin else b"")
        judged(door, room, file, said)
        assert doors.left(room.folder) == before


@pytest.mark.parametrize(
    ("names", "step"),
    [(29, 318), pytest.param(1, 45, marks=pytest.mark.slow)],
)
def test_time_and_memory_of_processes(room, measured, names, step):
    """What would take the most is always among them: 100,000 brackets."""
    deep = [file for file in minefield.files() if "100000" in file.name]
    assert deep
    for name in list(DOORS)[::names]:
        for file in dict.fromkeys([*deep, *files_for(DOORS[name], step)]):
            path = room.put("document", file.read_bytes())
            arguments = DOORS[name].come(room, file.read_bytes())
            said = measured.call(*arguments, stdin=path if DOORS[name].stdin else None)
            judged(DOORS[name], room, file, said)


# What servers say


@pytest.fixture
def api(authority, monkeypatch):
    """Return a function that runs a command against an API which answers a phase with ``said``."""
    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", "canary-token")
    server = FaultyApi(lambda *_: None)

    def run(command, phase, said, *more):
        server.script = lambda at, _request, _n: said if at == phase else None
        place = ["--api-url", server.url, "--ca-file", authority, "--window", "24h"]
        return doors.call(command, *place, *more)

    run.url = server.url
    yield run
    server.close()


OBJECT = re.compile(rb"\s*\{")
ANSWERS = {  # command and phase: what comes of an object that says nothing to us, and of no object
    ("preview", "preview"): ("0 None", "3 api.bad-answer"),
    ("pull", "preview"): ("0 None", "0 None"),  # it promises nothing: a pull goes on without
    ("pull", "create"): ("3 api.bad-answer", "3 api.bad-answer"),
    ("pull", "status"): ("3 api.job-late", "3 api.bad-answer"),
}


@pytest.mark.parametrize("step", [97, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("command", "phase"), ANSWERS)
def test_answers_of_the_api(api, room, command, phase, step):
    for file in doors.every(step, minefield.files()):
        data = file.read_bytes()
        taken = not minefield.is_refused(file.name) and OBJECT.match(data)
        if taken and phase == "status" and step == 1 and file.name != "y_object.json":
            continue  # each would wait for its deadline
        more = ["--timeout", 2, "-o", room.output] if command == "pull" else []
        said = api(command, phase, answer(data), *more).check()
        expected = ANSWERS[command, phase][0 if taken else 1]
        assert f"{said.code} {said.reason}" == expected, file.name
        assert room.output.exists() is (command == "pull" and not said.code)
        if room.output.exists():
            assert room.output.read_bytes() == BODY
            room.output.unlink()
            room.output.with_name("made.receipt.json").unlink()


@pytest.mark.parametrize("step", [97, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("phase", ["preview", "create", "status", "download"])
def test_bodies_of_the_apis_errors(api, room, phase, step):
    command = "preview" if phase == "preview" else "pull"
    more = ["--timeout", 2, "-o", room.output] if command == "pull" else []
    for file in doors.every(step, minefield.files()):
        said = api(command, phase, answer(file.read_bytes(), "400 Bad Request"), *more).check()
        assert f"{said.code} {said.reason}" == "3 api.refused", file.name
        assert not room.output.exists()


@pytest.mark.parametrize("step", [97, pytest.param(1, marks=pytest.mark.slow)])
def test_what_is_delivered_as_the_export(api, room, step):
    """A pull stores what came, byte for byte, or nothing; a bundle of it is never made."""
    for file in doors.every(step, minefield.files()):
        data = file.read_bytes()
        said = api("pull", "download", answer(data), "--timeout", 2, "-o", room.output).check()
        assert said.code == 0 or said.reason.startswith("api."), file.name
        assert room.output.exists() is (said.code == 0)
        if room.output.exists():
            assert room.output.read_bytes() == data
            room.output.unlink()
            room.output.with_name("made.receipt.json").unlink()
        more = ["--timeout", 2, "--key", room.key, "-o", room.output]
        said = api("collect", "download", answer(data), *more).check()
        assert said.code in {1, 3}, file.name
        assert not room.output.exists()


@pytest.mark.parametrize("step", [97, pytest.param(1, marks=pytest.mark.slow)])
def test_the_journal_of_an_earlier_pull(api, room, step):
    """A journal that is not ours is none: the pull begins anew and has the right export."""
    places = Places.of(room.folder, api.url, "job_1")
    for file in doors.every(step, minefield.files()):
        places.journal.write_bytes(file.read_bytes())
        places.part.write_bytes(b"[{")
        said = api("pull", None, None, "--job", "job_1", "--timeout", 5, "-o", room.output).check()
        assert (said.code, room.output.read_bytes()) == (0, BODY), file.name
        assert not places.journal.exists()
        room.output.unlink()
        room.output.with_name("made.receipt.json").unlink()


@pytest.mark.parametrize("step", [97, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("status", ["200 OK", "403 Forbidden"])
def test_answers_of_a_vault(room, authority, monkeypatch, status, step):
    server = FaultyApi(lambda *_: answer(data, status))
    monkeypatch.setenv("VAULT_ADDR", server.url)
    monkeypatch.setenv("VAULT_TOKEN", "canary-token")
    monkeypatch.setenv("VAULT_CACERT", str(authority))
    for file in doors.every(step, minefield.files()):
        data = file.read_bytes()
        asked = ("collect", "--from", room.export, "--key", "vault:evidence", "-o", room.output)
        said = doors.call(*asked).check()
        assert said.code == 3, file.name
        assert said.reason.startswith("signer."), file.name
        assert not room.output.exists()
    server.close()
