"""The page as it is put together: one file, its own hashes, nothing that could ask for anything."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from evidencekit.cli import run
from evidencekit.edges.verifierpage import MODULES, module, render_verifier
from evidencekit.resources import template

PAGE = render_verifier().decode()


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.texts = {}

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.lasttag in {"script", "style"}:
            self.texts.setdefault(len(self.found) - 1, data)


@pytest.fixture(scope="module")
def elements():
    parser = Elements()
    parser.feed(PAGE)
    return parser


def policy(elements):
    metas = [attrs for tag, attrs in elements.found if tag == "meta"]
    (found,) = [meta["content"] for meta in metas if "http-equiv" in meta]
    return dict(rule.split(" ", 1) for rule in found.split("; "))


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_the_pages_own_script_and_styles_and_nothing_else(elements):
    rules = policy(elements)
    texts = [(elements.found[at], text) for at, text in elements.texts.items()]
    scripts = [text for (tag, attrs), text in texts if tag == "script" and "type" not in attrs]
    styles = [text for (tag, _), text in texts if tag == "style"]
    assert rules == {
        "default-src": "'none'",
        "script-src": digest(scripts[0]),
        "style-src": f"{digest(styles[0])} {digest(template('summary.css'))}",
        "worker-src": "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert (len(scripts), len(styles)) == (1, 1)


def test_the_page_names_no_other_file(elements):
    loading = {"src", "href", "action", "data", "poster", "srcset", "background", "style"}
    for tag, attrs in elements.found:
        assert not loading & set(attrs), tag
        assert not any(name.startswith("on") for name in attrs), tag
    addresses = set(re.findall(r"https?:[^\s\"'`)]+", PAGE))
    names = {"https://in-toto.io/Statement/v1", "https://json-schema.org/draft/2020-12/schema"}
    assert addresses == names  # what things are called, never where they are fetched


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_and_does_nothing_that_a_hostile_bundle_could_use(name):
    source = template(f"verifier/{name}.js")
    code = re.sub(r"//.*", "", source)
    assert source.count("\n") <= 300
    assert max(map(len, source.splitlines())) <= 110
    words = r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|fetch\(|XMLHttp|"
    words += (
        r"WebSocket|EventSource|sendBeacon|importScripts|import\(|localStorage|indexedDB|cookie"
    )
    assert not re.search(words, code)
    assert ("outerHTML" in code) == (name == "show")  # of the copy that goes into the frame


def test_modules_import_only_from_those_before_them_and_only_what_is_there():
    exported = {}
    for name in MODULES:
        _, exports, imports = module(name)
        for source, word in imports:
            assert word in exported[source], f"{name}.js: {word} from {source}.js"
            assert re.search(rf"\b{word}\b", module(name)[0]), f"{name}.js does not use {word}"
        assert not set(exports) & {word for words in exported.values() for word in words}
        exported[name] = exports


def test_the_same_version_gives_the_same_bytes_and_a_size_to_mail():
    assert render_verifier() == PAGE.encode()
    assert len(PAGE) < 260_000


def test_the_command_writes_the_page_and_never_over_another_file(tmp_path, capsys):
    path = tmp_path / "verify.html"
    assert run(["verifier", "-o", str(path)]) == 0
    assert path.read_bytes() == PAGE.encode()
    path.write_bytes(b"mine")
    assert run(["verifier", "-o", str(path)]) == 3
    assert path.read_bytes() == b"mine"
    assert run(["verifier", "-o", str(path), "--force"]) == 0
    assert path.read_bytes() == PAGE.encode()
    capsys.readouterr()
    assert run(["verifier", "-o", "-"]) == 0
    assert capsys.readouterr().out == PAGE
