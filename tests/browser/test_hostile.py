"""Ten thousand hostile strings in headless Chromium: pages, Markdown, notebooks, and verify.html.

Each page holds as many strings as a bundle has places for. It must consist of the elements of its
harmless twin, ask for nothing, open nothing and say nothing; also where the browser is told to
ignore the page's policy, so that it is the escaping which holds.
"""

import json
from types import SimpleNamespace

import pytest
from chrome import put, wait
from markdown_it import MarkdownIt
from torture import hostile
from torture.doors import call
from torture.entrances import AT, Room
from torture.mouths import MOUTHS

from evidencekit.core.instant import parse_instant
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

STEPS = pytest.mark.parametrize("step", [35, pytest.param(1, marks=pytest.mark.slow)])
# What a script that came alive would do is noted before any of the page's own could run.
HOOKS = """window.__pwned = [];
for (const name of ["alert", "confirm", "prompt", "print", "open", "eval", "fetch"])
  window[name] = () => { window.__pwned.push(name); };
window.addEventListener("error", (event) => window.__pwned.push(String(event.message)));"""
SKELETON = """const same = (one, name) => !["x", "srcdoc", "value"].includes(name)
  && !(name === "d" && one.getAttribute("stroke") === "#000");  // the QR code of its own root
const parts = (root) => [...root.querySelectorAll("*")].map((one) => [one.tagName,
  ...[...one.attributes].filter((a) => same(one, a.name))
    .map((a) => a.name + "=" + a.value)].join(" "));
const inside = [...document.querySelectorAll("iframe")].map((one) => one.srcdoc)
  .map((page) => parts(new DOMParser().parseFromString(page, "text/html")));
return [parts(document), inside, window.__pwned];"""
ALIVE = {
    "Page.javascriptDialogOpening",
    "Page.windowOpen",
    "Page.downloadWillBegin",
    "Page.frameRequestedNavigation",
    "Page.frameScheduledNavigation",
}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("EVIDENCEKIT_TRUST", raising=False)
        patch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")
        patch.setenv("SOURCE_DATE_EPOCH", "1777600000")  # 2026-05-01, before AT
        patch.chdir(folder)
        yield Room(folder)


def made(room, step):
    for pair in hostile.pairs(room, step):
        for one in pair:
            if not one.bundle.exists():
                assert call(*one.arguments).code == 0
        yield pair


@pytest.fixture
def quiet(driver):
    """Return a function that holds that nothing was asked for, opened or complained of since."""
    hooks = {"source": HOOKS}
    script = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", hooks)["identifier"]
    driver.get_log("performance"), driver.get_log("browser")

    def check(*, schemes=("file",)):
        entries = [
            json.loads(entry["message"])["message"] for entry in driver.get_log("performance")
        ]
        sent = [one["params"] for one in entries if one["method"] == "Network.requestWillBeSent"]
        urls = [one["request"]["url"] for one in sent]
        documents = [one for one in sent if one.get("type") == "Document"]
        assert {url.partition(":")[0] for url in urls} <= {*schemes}, urls
        assert all(one["documentURL"] == one["request"]["url"] for one in documents)
        alive = [one for one in entries if one["method"] in ALIVE]
        # verify.html shows the summary in a frame without rights; its text is the frame's source
        assert all(one["params"].get("url") == "about:srcdoc" for one in alive), alive
        assert driver.get_log("browser") == []
        return len(urls)

    yield check
    driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": script})
    driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})


def parts(driver, page):
    driver.get(page.as_uri())
    elements, _inside, pwned = driver.execute_script(SKELETON)
    assert pwned == []
    return elements


def page_of(room, one, name, text):
    path = room.folder / f"{one.name}.{name}.html"
    path.write_text(text, "utf-8")
    return path


def shown(room, one, fmt):
    said = call("show", one.bundle, "--key", room.public[0], "--at", AT, "--format", fmt)
    assert said.code == 0
    return said.out


@STEPS
@pytest.mark.parametrize("bypass", [False, True])
def test_summary_pages_with_and_without_their_policy(driver, quiet, room, step, bypass):
    driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": bypass})
    for pair in made(room, step):
        bad, twin = (
            parts(driver, page_of(room, one, "summary", shown(room, one, "html"))) for one in pair
        )
        assert len(bad) > 400
        assert bad == twin
        assert quiet() == 2


@STEPS
def test_markdown_as_a_renderer_makes_a_page_of_it(driver, quiet, room, step):
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for pair in made(room, step):
        bad, twin = (
            parts(driver, page_of(room, one, "md", "<meta charset=utf-8>" + renderer.render(text)))
            for one, text in ((one, shown(room, one, "markdown")) for one in pair)
        )
        bad, twin = ([one for one in page if one != "CODE"] for page in (bad, twin))
        assert len(bad) > 400
        assert bad == twin
        assert quiet() == 2


@STEPS
def test_what_a_notebook_shows(driver, quiet, room, step):
    """Reports of files that are called so."""
    trust = Trust.from_keys([room.public[0]])
    for pair in made(room, step):
        pages = []
        for one in pair:
            names = [
                room.folder / "none" / text.replace("\0", "")
                for text in one.texts[:: 20 if step > 1 else 2]
            ]
            reports = (verify(name, trust=trust, at=parse_instant(AT), jobs=1) for name in names)
            text = "".join(report._repr_html_() for report in reports)
            pages.append(page_of(room, one, "notebook", "<meta charset=utf-8>" + text))
        bad, twin = (parts(driver, page) for page in pages)
        assert len(bad) > 100
        assert bad == twin
        assert quiet() == 2


def judged(driver, page, case, files, *verdicts):
    put(driver, page, case, files, None)
    assert wait(driver)[0] in verdicts
    elements, inside, pwned = driver.execute_script(SKELETON)
    assert pwned == []
    return elements, inside


@STEPS
def test_the_offline_verifier_on_bundles_of_them(driver, quiet, room, page, step):
    """Report and summary of an accepted bundle; the trust file calls its signer so, too."""
    for pair in made(room, step):
        seen = []
        for one in pair:
            trust = room.folder / f"{one.name}.toml"
            trust.unlink(missing_ok=True)
            name = f"--name={one.texts[-1]}"
            assert call("trust", "add", room.public[0], name, "--trust", trust).code == 0
            case = SimpleNamespace(path=one.bundle, fingerprint="")
            seen.append(judged(driver, page, case, [str(trust)], "accepted"))
        assert seen[0] == seen[1]
        assert len(seen[0][1][0]) > 400
        quiet(schemes=("file", "blob", "about"))


REFUSED = ("rejected", "undecided")  # the page knows no other schema than ours
NAMED = ("file: key twice", "file: manifest", "file: statement", "file: hint",
         "file: checksum line", "file: custody", "file: file of a folder")  # fmt: skip


@pytest.mark.parametrize("step", [4999, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mouth", [one for one in NAMED if one != "file: key twice"])
def test_what_the_offline_verifier_says_of_refused_bundles(driver, quiet, room, page, mouth, step):
    """The string is in a fault's sentence, or is the name of a file."""
    for text in hostile.chosen(step, NAMED.index(mouth) * 7):
        shapes = []
        for said in (text, "n1"):
            command = MOUTHS[mouth](room, said)
            case = SimpleNamespace(path=command[1], fingerprint="")
            elements, inside = judged(driver, page, case, [str(room.public[0])], *REFUSED)
            assert inside == []
            shapes.append({element for element in elements if " data-codes=" not in element})
        tags = [{element.partition(" ")[0] for element in shape} for shape in shapes]
        assert tags[0] <= tags[1] | {"CODE", "LI", "UL", "OL", "P"}, text
        quiet(schemes=("file", "blob", "about"))
