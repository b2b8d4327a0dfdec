"""edges/render.py: three renderings of one model, in which foreign text is never more than text."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, is_dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, nodes
from markdown_it import MarkdownIt

from evidencekit import resources
from evidencekit.core import strict_json
from evidencekit.core.chart import Chart
from evidencekit.core.manifest import Manifest
from evidencekit.core.schema import document_faults
from evidencekit.core.summary import summarize
from evidencekit.core.visible import hidden_to
from evidencekit.core.wording import word
from evidencekit.edges.render import FORMATS, render_pages, render_summary, render_verify_txt

SAMPLE = json.loads((Path(__file__).parent / "summary" / "manifest.json").read_bytes())
CORPORA = Path(__file__).parents[1].parent / "shared" / "corpora"
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NAMED = ("id", "reason_code", "request_id", "escalation_id", "config_version", "model")


@pytest.fixture
def manifest():
    return deepcopy(SAMPLE)


# What a page consists of


class Parsed(HTMLParser):
    """Elements with their attributes, in order, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple]] = []
        self.texts: list[str] = []
        self.others: list[str] = []
        self.within: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, tuple(attrs)))
        self.within.append(tag)

    def handle_endtag(self, tag):
        while self.within.pop() != tag:
            pass

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, tuple(attrs)))

    def handle_data(self, data):
        if "style" not in self.within:
            self.texts.append(data)

    def handle_comment(self, data):
        self.others.append(data)

    def handle_decl(self, decl):
        self.others.append(decl)

    unknown_decl = handle_pi = handle_comment


def blocks(source: str) -> list[tuple[str, str]]:
    """Return the structure of a Markdown page: every token but plain text and code."""
    found = []
    for token in MARKDOWN.parse(source):
        found.append((token.type, token.tag))
        children = token.children or []
        found += [(t.type, t.tag) for t in children if t.type not in ("text", "code_inline")]
    return found


def page_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for entry in value:
            yield from page_texts(entry)
    elif isinstance(value, Chart):
        yield value.title
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in ("anchor", "bars", "kind", "tone"):
                yield from page_texts(getattr(value, field.name))


def words(text: str) -> set[str]:
    return set(text.split())


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,.:-]*\d|\d", text))


# Hostile text, in every place that takes foreign text


def with_foreign(texts: list[str], *, rows: int = 200) -> dict:
    """Return the sample with ``texts``, about 1,300 of them, in every free-text place."""
    manifest, rest = deepcopy(SAMPLE), iter(texts)
    facts, context = manifest["facts"], manifest["context"]
    for name in ("environment", "incident", "purpose", "prepared_by"):
        context[name] = next(rest, "-")
    context["config_versions"] = [next(rest, "-")]
    spans = facts["config_spans"]
    facts["config_spans"] = {"0.1.0": spans["0.1.0"], next(rest, "-"): spans["0.2.0"]}
    context["limitations"] = [next(rest, "-") for _ in range(50)]
    manifest["export"]["received_as"] = next(rest, "-")
    manifest["export"]["header"] = [next(rest, "-") for _ in range(20)]
    manifest["attachments"][0]["original_name"] = next(rest, "-")
    manifest["checks"][0]["message"] = next(rest, "-")
    manifest["window"]["basis"] = next(rest, "-")
    manifest["query"]["api_url"] = next(rest, "-")
    manifest["query"]["job_id"] = next(rest, "-")
    manifest["query"]["request"] = {"filter": next(rest, "-")}
    for name in ("reason_codes", "models", "gateways", "environments", "unknown_verdicts"):
        facts[name] = {f"{next(rest, '-')}": 3 for _ in range(20)}
    facts["request_ids"] = {next(rest, "-"): 1 for _ in range(20)}
    facts["named_events"] = [
        facts["named_events"][0] | {name: next(rest, "-") for name in NAMED} for _ in range(rows)
    ]
    facts["config_versions"] = dict.fromkeys(list(rest)[:5], 4)
    return manifest


def harmless(texts: list[str]) -> list[str]:
    """Return texts of the same number and distinctness that nobody could mind."""
    names = {"-": "-"}
    return [names.setdefault(text, f"name{len(names)}") for text in texts]


def _text(entry: object) -> str:
    """Return the hostile text of one entry; each set has its own form."""
    if isinstance(entry, dict):
        return str(entry.get("markdown") or entry.get("payload") or entry)
    return str(entry)


@cache
def corpus(name: str) -> tuple[str, ...]:
    folder = CORPORA / name
    if not folder.is_dir():
        pytest.skip(f"no test data: {name} is not beside the project")
    texts: list[str] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            found = json.loads(path.read_bytes())
            texts += (_text(entry) for entry in found)
        elif path.suffix in (".txt", ".in") and "LICEN" not in path.name:
            texts += path.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    return tuple(text for text in dict.fromkeys(texts) if text.strip())


def batches(name: str) -> Iterator[list[str]]:
    texts = corpus(name)
    assert len(texts) > 40
    for start in range(0, len(texts), 1_250):
        yield list(texts[start : start + 1_250])


CORPUS_NAMES = ["text-xss", "text-blns", "text-markdown", "text-terminal"]


@pytest.mark.parametrize("name", CORPUS_NAMES)
def test_no_payload_changes_what_the_html_page_consists_of(name):
    """Elements, attributes and their values are those of the page with harmless names."""
    for texts in batches(name):
        hostile = Parsed(render_summary(with_foreign(texts), "html"))
        plain = Parsed(render_summary(with_foreign(harmless(texts)), "html"))
        assert hostile.elements == plain.elements
        assert hostile.others == plain.others == ["doctype html"]


@pytest.mark.parametrize("name", CORPUS_NAMES)
def test_every_payload_can_be_read_on_the_html_page(name):
    for texts in batches(name):
        shown = "".join(Parsed(render_summary(with_foreign(texts), "html")).texts)
        for text in texts[84:]:
            assert word(text, limit=80) in shown or word(text) in shown


@pytest.mark.parametrize("name", CORPUS_NAMES)
def test_no_payload_is_live_in_markdown(name):
    """Blocks, cells and inline elements are those of the page with harmless names."""
    for texts in batches(name):
        hostile = render_summary(with_foreign(texts), "markdown")
        assert blocks(hostile) == blocks(render_summary(with_foreign(harmless(texts)), "markdown"))


@pytest.mark.parametrize("name", CORPUS_NAMES)
def test_no_payload_reaches_a_terminal_alive(name):
    for texts in batches(name):
        shown = render_summary(with_foreign(texts), "text").replace("\n", "")
        assert hidden_to(lambda _char: "!", shown) == shown


def without_places(elements):
    """Leave out where a label stands: that follows from how wide its text is, within its column."""
    return [(tag, tuple(a for a in found if a[0] != "x")) for tag, found in elements]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=30))
@example(["", "", "", "", "", "00\x1f\x1f\x1f000000000\U0003fffe\U000930c3"])
@example(["", "", "", "", "", "\x1f0\x1f\x1f\x1f00\U0003fffe\U0004082a\U000e70c8"])
def test_any_text_at_all_stays_text(texts):
    hostile, plain = with_foreign(texts, rows=2), with_foreign(harmless(texts), rows=2)
    page, expected = (Parsed(render_summary(m, "html")) for m in (hostile, plain))
    assert without_places(page.elements) == without_places(expected.elements)
    assert blocks(render_summary(hostile, "markdown")) == blocks(render_summary(plain, "markdown"))


@pytest.mark.parametrize(
    "text", ["@user", "#1", "a@b.example", "www.example.org", "~~x~~", "`" * 20]
)
def test_github_revives_nothing(manifest, text):
    """What GitHub links after parsing lies in a code span, or is cut by a backslash."""
    manifest["context"]["purpose"] = text
    line = next(x for x in render_summary(manifest, "markdown").splitlines() if "Purpose" in x)
    assert re.fullmatch(r"- Purpose: (`[^`]+`|(\w|\\[^\w\s])+)", line)


# One model


@pytest.mark.parametrize("fmt", FORMATS)
def test_no_rendering_leaves_a_number_out_or_invents_one(manifest, fmt):
    page = summarize(manifest)
    wanted = numbers(" ".join(page_texts(page)))
    rendered = render_summary(manifest, fmt)
    if fmt == "html":
        bare = re.sub(r"<(svg|style)\b.*?</\1>", "", rendered, flags=re.DOTALL)
        shown = numbers(" ".join(Parsed(bare).texts))
    elif fmt == "markdown":
        bare = re.sub(r"```text.*?```", "", rendered, flags=re.DOTALL)
        shown = numbers(html.unescape(re.sub(r"<[^>]+>", " ", MARKDOWN.render(bare))))
    else:
        # Wrapped cells cut long words, so only whole short numbers can be looked for here.
        shown = numbers(rendered)
        wanted = {number for number in wanted if len(number) < 8}
        shown &= wanted
    assert shown == wanted


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_manifest_gives_the_same_page(manifest, fmt):
    again = json.loads(json.dumps(manifest))
    assert render_summary(manifest, fmt) == render_summary(again, fmt)


def test_a_bundle_holds_three_pages(manifest):
    pages = render_pages(manifest)
    assert sorted(pages) == ["data/summary.html", "data/summary.md", "data/verify.txt"]
    assert all(page.endswith(b"\n") and not page.endswith(b"\n\n") for page in pages.values())


def test_the_sample_is_a_manifest(manifest):
    assert document_faults("manifest.v1.schema.json", manifest) == ()


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_status_is_shown_only_where_the_caller_gives_one(manifest, fmt):
    assert "accepted" not in re.sub("accepts", "", render_summary(manifest, fmt))
    shown = render_summary(manifest, fmt, root="ab" * 32, status=["verified accepted"])
    assert "verified accepted" in shown
    assert "ab" * 32 in shown


def test_text_is_never_wider_than_80_columns(manifest):
    assert max(map(len, render_summary(manifest, "text").splitlines())) <= 80


# HTML


def test_the_page_forbids_everything_but_its_own_style(manifest):
    page = render_summary(manifest, "html")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert html.unescape(policy) == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert page.count("<style") == 1


def test_the_page_holds_nothing_that_acts_or_loads(manifest):
    known = words(
        "html head meta title style body header main footer section h1 h2 h3 p dl div dt dd bdi ul "
        "li table thead tbody tr th td span figure figcaption details summary "
        "svg desc defs pattern path text rect"
    )
    known_attributes = words(
        "lang charset http-equiv content name class role id aria-label aria-labelledby aria-hidden "
        "scope tabindex colspan xmlns viewbox preserveaspectratio font-family font-size fill "
        "fill-opacity shape-rendering stroke stroke-opacity stroke-width stroke-dasharray "
        "text-anchor d x y width height patternunits"
    )
    elements = Parsed(render_summary(manifest, "html")).elements
    assert {tag for tag, _ in elements} <= known
    assert {name for _, attributes in elements for name, _ in attributes} <= known_attributes
    outside = re.findall(
        r"[a-z]+://[^\"'< ]+", re.sub(r"<bdi>.*?</bdi>", "", render_summary(manifest, "html"))
    )
    assert set(outside) == {"http://www.w3.org/2000/svg"}


def test_a_time_in_a_text_is_kept_on_one_line_and_what_stands_around_it_stays_text(manifest):
    time = "2026-04-21T00:00:00.5Z"
    manifest["context"]["purpose"] = f'<b>{time}</b> & 2026-04-21 00:00:00 UTC"'
    page = render_summary(manifest, "html")
    assert (
        f'<dd><bdi>&lt;b&gt;<span class="when">{time}</span>&lt;/b&gt; &amp; '
        '<span class="when">2026-04-21 00:00:00 UTC</span>&#34;</bdi></dd>'
    ) in page
    assert ("span", (("class", "when"),)) in Parsed(page).elements


def test_headings_are_nested_and_ids_unique(manifest):
    parsed = Parsed(render_summary(manifest, "html"))
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [value for _, attributes in parsed.elements for name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_pages_are_small(manifest):
    """A usual page stays under 200 KB, and the largest facts there can be under 1 MB."""
    assert len(render_summary(manifest, "html").encode()) < 200_000
    facts, wide = manifest["facts"], "\u4e00" * 200
    for name in ("reason_codes", "models", "gateways", "environments", "config_versions"):
        facts[name] = {f"{n}{wide}": 3 for n in range(10_000)}
    facts["config_spans"] = {
        name: [facts["first"], facts["last"]] for name in facts["config_versions"]
    }
    for name in ("request_ids", "escalation_ids"):
        facts[name] = {f"{n}{wide}": n % 2 for n in range(5_000)}
    facts["named_events"] = [dict.fromkeys(facts["named_events"][0], wide) | {"position": 1}] * 200
    manifest["context"]["limitations"] = [wide * 20] * 1_000
    manifest["attachments"] *= 4_000
    manifest["export"]["header"] = [wide] * 1_000
    for page in render_pages(manifest).values():
        assert len(page) < 1_000_000


# The templates themselves


def sources(suffix: str) -> list[str]:
    names = ("summary.html.jinja", "summary.md.jinja", "summary.txt.jinja", "verify.txt.jinja")
    return [resources.template(name) for name in names if name.endswith(suffix)]


def test_html_expressions_stand_in_text_or_quoted_attributes():
    """Nothing is declared safe; no expression stands in a URL, script, style or comment."""
    source = sources(".html.jinja")[0]
    assert not re.search(r"\|\s*safe|autoescape|Markup", source)
    assert not re.search(r"=\s*\{\{", source)
    assert not re.search(r"\b(href|src|style|on\w+)\s*=", source)
    assert "<!--" not in source
    assert "<script" not in source


@pytest.mark.parametrize("suffix", [".md.jinja", ".txt.jinja"])
def test_every_expression_goes_through_a_filter(suffix):
    """Nothing reaches Markdown or plain text that was not escaped or laid out."""
    for source in sources(suffix):
        tree = Environment(autoescape=False).parse(source)  # noqa: S701  (parsed, not rendered)
        macros = {macro.name for macro in tree.find_all(nodes.Macro)}
        for output in tree.find_all(nodes.Output):
            for node in output.nodes:
                called = isinstance(node, nodes.Call) and node.node.name in macros
                assert isinstance(node, nodes.TemplateData | nodes.Filter) or called, node
        assert {f.name for f in tree.find_all(nodes.Filter)} <= {
            "literal", "cell", "code", "cell_code", "ascii_chart",
            "paragraph", "fields", "table", "title", "figure", "visible",
        }  # fmt: skip


# verify.txt


def test_verify_txt_begins_with_the_warning_and_names_this_key(manifest):
    page = render_verify_txt(manifest)
    fingerprint = manifest["signer"]["fingerprint"]
    raw = base64.b64decode(fingerprint.removeprefix("SHA256:") + "=")
    assert page.startswith("WARNING: get the key fingerprint from the sender over another channel")
    assert fingerprint in page
    assert manifest["bundle_id"] in page
    for kind in ("sig", "sshsig", "sigstore.json"):
        assert f"signatures/{raw.hex()[:16]}.{kind}" in page


@pytest.mark.parametrize(
    "tool",
    [
        "sha256sum -c --strict",
        "bagit.py --validate .",
        "openssl pkeyutl -verify",
        "ssh-keygen -Y verify",
        "cosign verify-blob-attestation",
        "--type urn:evidencekit:evidence:v1",
        "evidencekit verify",
    ],
)
def test_verify_txt_has_a_command_for_every_tool(manifest, tool):
    commands = [
        line for line in render_verify_txt(manifest).splitlines() if line.startswith("    ")
    ]
    assert any(tool in command for command in commands)


def test_verify_txt_says_when_to_stop_and_what_each_step_prints(manifest):
    page = render_verify_txt(manifest)
    assert "If any step does not print what is shown, stop" in page
    steps = re.split(r"\n(?=[1-8]\. )", page)[1:]
    assert [step[0] for step in steps] == list("12345678")
    assert all("\n  | " in step for step in steps)
    assert page.count("&& echo") == page.count('|| echo "FAILED: ') == 3


def test_verify_txt_is_ascii_and_its_prose_fits(manifest):
    for line in render_verify_txt(manifest).splitlines():
        assert line.isascii()
        assert line.startswith("    ") or len(line) <= 80


def test_collecting_and_verifying_render_the_same_bytes(manifest):
    """One side renders the manifest it made, the other the one it read."""
    read = Manifest.from_bytes(strict_json.dumps(manifest))
    assert render_pages(read.to_json()) == render_pages(manifest)
