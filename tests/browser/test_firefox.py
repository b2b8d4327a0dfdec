"""The page in Firefox, headless, over its own WebDriver BiDi port: no driver to install."""

import itertools
import json
import re
import shutil
import subprocess
import time

import pytest

websocket = pytest.importorskip(
    "websocket", reason="websocket-client is not installed: pip install --group browser"
)

SECONDS = 60
CHECKS = """JSON.stringify([document.getElementById("report").dataset.verdict ?? null,
  [...document.querySelectorAll("[data-check]")].map(
    (row) => [row.dataset.check, row.dataset.outcome, row.dataset.codes])])"""


class Firefox:
    """One tab of one browser, told what to do in JSON."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(f"{address}/session", suppress_origin=True)
        self._numbers = itertools.count(1)
        self.ask("session.new", capabilities={})
        self._tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **params: object) -> dict:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != number:
            pass
        assert answer["type"] == "success", answer
        return answer["result"]

    def go(self, address: str) -> None:
        self.ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def run(self, script: str) -> object:
        target = {"context": self._tab}
        answer = self.ask("script.evaluate", expression=script, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    def pick(self, name: str, files: list[str]) -> None:
        locator = {"type": "css", "value": f"#{name}"}
        (node,) = self.ask("browsingContext.locateNodes", context=self._tab, locator=locator)[
            "nodes"
        ]
        element = {"sharedId": node["sharedId"]}
        self.ask("input.setFiles", context=self._tab, element=element, files=files)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    command = shutil.which("firefox-esr") or shutil.which("firefox")
    if not command:
        pytest.skip("Firefox is not installed: apt-get install firefox-esr")
    profile = tmp_path_factory.mktemp("firefox")
    arguments = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile]
    with subprocess.Popen(  # noqa: S603
        [command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        found = (re.search(r"BiDi listening on (ws://\S+)", line) for line in process.stderr)
        browser = Firefox(next(match[1] for match in found if match))
        yield browser
        browser.close()
        process.terminate()


def judge(firefox, page, case, files, at):
    firefox.go(page.as_uri())
    firefox.run(f"Date.now = () => {at // 1_000_000}; null")
    firefox.pick("zip", [str(case.path)])
    if files:
        firefox.pick("keys", files)
    fingerprint = json.dumps(case.fingerprint)
    firefox.run(f"document.getElementById('fingerprint').value = {fingerprint}")
    firefox.run("document.getElementById('check').click()")
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        verdict, checks = json.loads(firefox.run(CHECKS))
        if verdict:
            return verdict, {name: (o, frozenset(codes.split())) for name, o, codes in checks}
        time.sleep(0.02)
    raise AssertionError(firefox.run("document.getElementById('status').textContent"))


@pytest.mark.parametrize("step", [16, pytest.param(1, marks=pytest.mark.slow)])
def test_firefox_says_of_zips_what_python_says(
    firefox, page, cases, expected, files_of, differences, at, step
):
    found = []
    for case in list(cases.values())[::step]:
        if case.path.is_file():
            verdict, checks = judge(firefox, page, case, files_of(case), at)
            found += differences(case, verdict, checks, expected(case.name))
    assert found == []


def test_firefox_shows_the_summary_in_a_frame_that_can_do_nothing(
    firefox, page, cases, files_of, at
):
    verdict, _ = judge(firefox, page, cases["array"], files_of(cases["array"]), at)
    frame = firefox.run("document.querySelector('iframe').getAttribute('sandbox')")
    assert (verdict, frame) == ("accepted", "")
