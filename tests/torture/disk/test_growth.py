"""Two hundred runs in one process: no handle more, and no memory."""

import gc
import resource
import shutil
from pathlib import Path

import pytest

from evidencekit.collector import collect
from evidencekit.edges.keys import load_signer
from evidencekit.edges.trust import Trust
from evidencekit.validation import Obtained, Plan
from evidencekit.verifier import verify

NOW = 1_776_902_651 * 1_000_000_000  # 2026-04-23T00:04:11Z
RUNS = [pytest.param(16, id="16"), pytest.param(200, id="200", marks=pytest.mark.slow)]
WARM = 50  # runs after which memory is held to what it is
MOST = 1.02


def _handles():
    return len(list(Path("/proc/self/fd").iterdir()))


def _resident():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.fixture
def grows(figure, request):
    """Run something so many times, and hold handles and memory to what they were."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("SKIPPED: no /proc here, so handles and memory were not counted")

    def run(action, runs):
        action(0)
        handles, memory = _handles(), None
        for number in range(1, runs):
            action(number)
            assert _handles() == handles, f"run {number} left a handle open"
            if number == WARM:
                memory = _resident()
        if memory is None:
            return
        ratio = _resident() / memory
        name = request.node.name
        figure(f"{name}: {handles} handles all along, memory {ratio:.4f} of that of run {WARM}")
        assert ratio <= MOST

    return run


@pytest.mark.parametrize("runs", RUNS)
def test_collecting_again_and_again_takes_no_handle_and_no_memory(made, tmp_path, grows, runs):
    signer = load_signer(made / "first.pem")

    def one(number):
        output = tmp_path / ("b.zip" if number % 2 else "b")
        obtained = Obtained(path=made / "export.json", format="json", received_as="export.json")
        plan = Plan(attachments=(made / "note.txt",))
        made_one = collect(obtained, plan, signer=signer, output=output, now=NOW, jobs=1)
        assert made_one.manifest.facts.events == 40
        output.unlink() if number % 2 else shutil.rmtree(output)

    grows(one, runs)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("runs", RUNS)
def test_verifying_again_and_again_takes_no_handle_and_no_memory(made, grows, runs):
    trust = Trust.from_keys((made / "first.pem.pub",))

    def one(number):
        bundle = made / ("bundle.zip" if number % 2 else "bundle")
        assert verify(bundle, trust=trust, at=2 * NOW, jobs=1).report.exit_code == 0

    grows(one, runs)


@pytest.mark.parametrize("runs", RUNS)
def test_refusing_again_and_again_takes_no_handle_and_no_memory(made, tmp_path, grows, runs):
    """What goes wrong lets go of as much as what goes well."""
    trust = Trust.from_keys((made / "first.pem.pub",))
    shutil.copytree(made / "bundle", tmp_path / "b")
    (tmp_path / "b/data/manifest.json").write_text("{}")
    data = (made / "bundle.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(data[: len(data) // 2])

    def one(number):
        bundle = tmp_path / ("b.zip" if number % 2 else "b")
        assert verify(bundle, trust=trust, at=2 * NOW, jobs=1).report.exit_code == 1

    grows(one, runs)
