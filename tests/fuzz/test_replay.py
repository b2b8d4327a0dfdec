"""Every seed and every case through its target, in seconds and without atheris."""

import random
from importlib import import_module

import pytest

from evidencekit.errors import RejectedError, UndecidedError
from fuzz import TARGETS, envelope, kept, reference, surveys, zip_container
from fuzz.oracle import asked

MUTANTS = 150  # of the seeds of each target
CASES = {target: kept(target) for target in TARGETS}


def run(target, inputs):
    module = import_module(f"fuzz.{target}")
    count = 0
    for name, data in inputs:
        try:
            module.one_input(data)
        except Exception as error:
            error.add_note(f"input: {name}")
            raise
        count += 1
    return count


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_found_once_is_held(target):
    assert run(target, CASES[target]) == len(CASES[target]) > 0


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds(target):
    assert run(target, import_module(f"fuzz.{target}").seeds()) >= 7


@pytest.mark.parametrize("target", TARGETS)
def test_inputs_of_other_projects(target):
    module = import_module(f"fuzz.{target}")
    if not module.CORPUS.is_dir():
        pytest.skip(f"{module.CORPUS.name} is not beside this checkout")
    assert run(target, module.foreign()) >= 4


@pytest.mark.parametrize("target", TARGETS)
def test_mutants_of_the_seeds(target):
    """What make fuzz does for hours by coverage, by chance for a moment."""
    module, rng = import_module(f"fuzz.{target}"), random.Random(20260423)  # noqa: S311
    seeds = [data for _, data in module.seeds()]
    mutants = []
    for number in range(MUTANTS):
        data = rng.choice(seeds)
        for _ in range(rng.choice((1, 1, 2, 4))):
            data = module.mutate(data, module.MAX_LEN, rng, lambda part, _: changed(part, rng))
        mutants.append((f"mutant {number}", bytes(data)))
    assert run(target, mutants) == MUTANTS


def changed(data, rng):
    """Return some bytes with one of them changed, as libFuzzer would among other things."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice((b"", rng.randbytes(1), b"0", b'"')) + data[at + 1 :]


def failing(error):
    raise error


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"),
        UndecidedError("zip.wrong", "of the wrong kind"),
        RejectedError("zip.wrong", "of another family"),
        RejectedError("Container", "no code"),
        RejectedError("container.name", "two\nlines"),
        RejectedError("container.name", "\x1b[2J"),
        RejectedError("container.name", ""),
    ],
)
def test_only_a_coded_refusal_in_one_visible_line_is_one(error):
    with pytest.raises((AssertionError, KeyError)):
        asked(lambda: failing(error), RejectedError, ("container",))


def test_the_other_readers_of_a_zip_notice_a_difference():
    data = dict(zip_container.seeds())["four"]
    found = zip_container.by_central_directory(data)
    assert found == zip_container.from_front_to_back(data)
    other = data.replace(b"bagit.txtbagit.txt", b"bagit.txtbagit.tx_", 1)
    assert zip_container.from_front_to_back(other) != found
    entries = zip_container.Zip(zip_container.BytesArchive(data)).entries
    zip_container.check_rebuilt(entries, data)
    with pytest.raises(AssertionError, match="rebuilt"):
        zip_container.check_rebuilt(entries, data.replace(b"PK\3\4\x14", b"PK\3\4\x15", 1))


def test_the_naive_survey_notices_a_difference():
    data = b'[{"id":"a"},{"id":"b"}]'
    found = surveys.surveyed(data, "json")
    surveys.check_facts(found, "json", ['{"id":"a"}', '{"id":"b"}'], [{"id": "a"}, {"id": "b"}])
    with pytest.raises(AssertionError, match="tree_root"):
        surveys.check_facts(found, "json", ['{"id":"a"}', '{"id": "b"}'], [{"id": "a"}] * 2)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[",
        b"[1]",
        b"[{}",
        b"[{}]x",
        b"[{},]",
        b'[{"a":1,"a":2}]',
        b'[{"a":1e999}]',
        b'[{"a":NaN}]',
        b'[{"a":18446744073709551616}]',
        b'[{"a":"\\ud800"}]',
        b'{"events":1}',
        b'{"events":[{}]}{}',
        b"{}\n[]",
        b'[{"a":' + b"[" * 64 + b"]" * 64 + b"}]",
    ],
)
def test_the_reference_is_strict(text):
    with pytest.raises(reference.RefusedError):
        reference.json_records(text)


def test_the_reference_of_dsse_notices_a_difference():
    data = dict(envelope.seeds())["ecdsa"]
    signed = envelope.open_signed(data, *envelope.KEYS)
    envelope.check_with_the_reference(signed, data)
    with pytest.raises(AssertionError):
        envelope.check_with_the_reference(signed, dict(envelope.seeds())["stamped"])
