"""edges/pdf.py: the same model as every other rendering, tagged, always the same bytes."""

import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from test_render import (
    CORPUS_NAMES,
    SAMPLE,
    batches,
    harmless,
    numbers,
    page_texts,
    with_foreign,
)

from evidencekit import resources
from evidencekit.cli import run
from evidencekit.core.summary import summarize
from evidencekit.core.typeset import drawn, payload
from evidencekit.core.wording import word
from evidencekit.edges.pdf import TEMPLATE, render_pdf, typeset
from evidencekit.errors import UndecidedError

SAMPLES = Path(__file__).parents[1] / "samples"
ROOT = "0123456789abcdef" * 4
NO_TYPST = "SKIPPED LOUDLY: typst is not installed (extra pdf)"
NO_PAGES = "SKIPPED LOUDLY: {} is not installed: pip install --group pages"
pikepdf = pytest.importorskip("pikepdf", reason=NO_PAGES.format("pikepdf"))
pdfreader = pytest.importorskip("pdfreader")


@pytest.fixture(autouse=True)
def _typst(request):
    if "without_typst" not in request.node.name:
        pytest.importorskip("typst", reason=NO_TYPST)


@pytest.fixture
def manifest():
    return deepcopy(SAMPLE)


def read(pdf: bytes) -> list[str]:
    return pdfreader.Tagged(pdf).texts


def tags(pdf: bytes) -> list[str]:
    return pdfreader.Tagged(pdf).tags


# One model


def test_the_pdf_leaves_no_number_out_and_invents_none(manifest):
    for asked in ({}, {"root": ROOT, "status": ["Verified 2026-05-01T00:00:00Z: accepted"]}):
        wanted = numbers(" ".join(page_texts(summarize(manifest, **asked))))
        assert numbers(" ".join(read(render_pdf(manifest, **asked)))) == wanted


def test_every_text_of_the_page_is_in_the_pdf(manifest):
    shown = read(render_pdf(manifest, root=ROOT, status=["Verified: accepted"]))
    page = summarize(manifest, root=ROOT, status=["Verified: accepted"])
    every = " ".join(shown)
    assert [t for t in page_texts(page) if t and t not in every] == []


def test_a_handover_is_in_the_pdf(manifest):
    party = {"fingerprint": "SHA256:" + "b" * 43, "name": "Auditor \u201cq\u201d", "role": None}
    handover = {
        "number": 1, "at": "2026-05-01T00:00:00Z", "by": party, "to": None, "actor": "x" * 1_900,
        "role": "auditor", "action": "received", "purpose": "y " * 900, "note": None,
        "proven_at": None, "existed_by": None,
    }  # fmt: skip
    shown = " ".join(read(render_pdf(manifest, custody=[handover])))
    assert "x" * 1_900 in shown
    assert "y " * 890 in shown


def test_another_reader_finds_the_figures_and_what_is_copied_out_is_whole(manifest, tmp_path):
    if not (extract := shutil.which("pdftotext")):
        pytest.skip("SKIPPED LOUDLY: poppler is not installed: make tools")
    path = tmp_path / "p.pdf"
    path.write_bytes(render_pdf(manifest, root=ROOT))
    done = subprocess.run([extract, path, "-"], capture_output=True, check=True)  # noqa: S603
    lines = done.stdout.decode().splitlines()
    figures = [figure.value for figure in summarize(manifest).figures]
    assert {*figures, ROOT, manifest["signer"]["fingerprint"]} <= set(lines)


# The same bytes


def test_the_same_manifest_gives_the_same_bytes_in_another_process(manifest, tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps(manifest))
    code = (
        "import json, sys; from evidencekit.edges.pdf import render_pdf; "
        "sys.stdout.buffer.write(render_pdf(json.load(open(sys.argv[1]))))"
    )
    asked = [sys.executable, "-c", code, path]
    # No font of a machine is looked at, so none that is missing can be missed either.
    bare = {"PATH": "", "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(asked, capture_output=True, check=True, env=bare, cwd=tmp_path)  # noqa: S603
    assert done.stdout == render_pdf(manifest)


def test_it_is_dated_as_the_manifest_is_and_holds_only_the_fonts_of_typst(manifest):
    with pikepdf.open(io.BytesIO(render_pdf(manifest))) as pdf:
        assert str(pdf.docinfo["/CreationDate"]) == "D:20260423000411Z"
        fonts = {str(one.BaseFont).partition("+")[2] for one in with_key(pdf, "/BaseFont")}
    assert fonts
    assert all(name.startswith(("LibertinusSerif", "DejaVuSansMono")) for name in fonts)


def with_key(pdf, key: str) -> list:
    """Return every dictionary of a PDF that has a key."""
    return [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and key in one]


# Tagged


def test_it_is_tagged_for_archives_and_screen_readers(manifest):
    with pikepdf.open(io.BytesIO(render_pdf(manifest))) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo["/Title"]).startswith("Evidence: production, 2026-04-16")
        with pdf.open_metadata() as metadata:
            assert metadata["pdfaid:part"] + metadata["pdfaid:conformance"] == "2A"
            assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"


def test_headings_tables_and_lists_are_told_as_such(manifest):
    pdf = render_pdf(manifest)
    found, page = tags(pdf), summarize(manifest)
    blocks = [block for section in page.sections for block in section.blocks]
    kinds = [block.kind for block in blocks]
    assert found.count("/H1") == 1
    assert found.count("/H2") == 1 + len(page.sections) + sum(block.folded for block in blocks)
    assert found.count("/Table") == kinds.count("table")
    rows = [len(block.rows) for block in blocks if block.kind == "table"]
    assert found.count("/TR") == sum(rows) + len(rows)
    assert found.count("/Figure") == kinds.count("drawing") + kinds.count("digest") == 3


def test_each_figure_says_what_it_shows(manifest):
    with pikepdf.open(io.BytesIO(render_pdf(manifest))) as pdf:
        alts = [str(one.Alt) for one in with_key(pdf, "/Alt")]
    assert sum("stacked by verdict: allow, redact, escalate, block, other" in alt for alt in alts)
    fingerprint, tree = manifest["signer"]["fingerprint"], manifest["facts"]["tree_root"]
    assert f"QR code of the key fingerprint. Scanning it gives {fingerprint}" in alts
    assert f"QR code of the event tree root. Scanning it gives {tree}" in alts


def test_another_decoder_reads_the_codes_off_the_page(manifest, tmp_path):
    zxing = pytest.importorskip("zxingcpp", reason=NO_PAGES.format("zxing-cpp"))
    if not (draw := shutil.which("pdftoppm")):
        pytest.skip("SKIPPED LOUDLY: poppler is not installed: make tools")
    path = tmp_path / "p.pdf"
    path.write_bytes(render_pdf(manifest, root=ROOT))
    asked = [draw, "-r", "150", "-gray", path]
    pages = subprocess.run(asked, capture_output=True, check=True).stdout  # noqa: S603
    found: set[str] = set()
    while pages:
        magic, sides, _, rest = pages.split(b"\n", 3)
        width, height = map(int, sides.split())
        assert magic == b"P5"
        image = memoryview(rest[: width * height]).cast("B", (height, width))
        found |= {one.text for one in zxing.read_barcodes(image)}
        pages = rest[width * height :]
    assert found == {ROOT, manifest["signer"]["fingerprint"]}


# Hostile text

MARKUP = [
    '#panic("x")', "#import \"@preview/x:1.0.0\": *", "*bold* _x_ `raw` $x^2$", "= Heading",
    "/ a: b", "#set page(width: 1cm)", "]#[", "\\#", '"', "@label <label>", "// comment", "https://x.example/",
    "\u202egnp.exe", "a\u0000b\u001b[31m", "\u200b\ufeff", "\U000e0041", "---", "~", "'quoted'",
    "- item", "+ item", "#sys.inputs",
    "\u4e2d\u6587 \u0639\u0631\u0628\u064a \u05e9\u05dc\u05d5\u05dd",
    "e\u0301\u0301\u0301", "\U0001f600", "<b>x</b>", "&amp;", "\ud800", "a" * 400, "\u05d0" * 100,
]  # fmt: skip


def test_markup_of_the_template_is_text():
    texts = [f"{text} {at}" for at, text in enumerate(MARKUP * 20)]
    plain = render_pdf(with_foreign(harmless(texts), rows=20))
    hostile = render_pdf(with_foreign(texts, rows=20))
    assert tags(hostile) == [*tags(plain), "/P"]  # which says that characters were escaped
    shown = "".join(read(hostile))
    assert [t for t in texts[84:300] if not_in(drawn(word(t, limit=80)), shown)] == []
    assert "/URI" not in str(tags(hostile))
    assert b"/URI" not in hostile


def not_in(text: str, shown: str) -> bool:
    """Tell whether ``text`` is not in a page, whose reader turns right-to-left text around."""
    if re.search("[\u0590-\u06ff]", text):
        return False
    return text not in shown


@pytest.mark.parametrize("name", CORPUS_NAMES)
def test_no_payload_changes_what_the_pdf_consists_of(name):
    for texts in batches(name):
        foreign, plain = (with_foreign(t, rows=20) for t in (texts, harmless(texts)))
        hostile = pdfreader.Tagged(render_pdf(foreign))
        escaped = ["/P"] if payload(summarize(foreign))["escaped"] else []
        assert hostile.tags == tags(render_pdf(plain)) + escaped
        shown = "".join(hostile.texts)
        missed = [text for text in texts[84:200] if not_in(drawn(word(text, limit=80)), shown)]
        assert [text for text in missed if not_in(drawn(word(text)), shown)] == []


def test_what_has_no_glyph_is_written_as_its_number(manifest):
    assert (
        drawn("\u4e2d e\u0301 \U0001f600 \xe9\u03b1\u0436")
        == "\\u4e2d e\\u0301 \\U0001f600 \xe9\u03b1\u0436"
    )
    assert not payload(summarize(manifest))["escaped"]
    manifest["context"]["purpose"] = "\u4e2d\u6587"
    assert payload(summarize(manifest))["escaped"]
    shown = " ".join(read(render_pdf(manifest)))
    assert "\\u4e2d\\u6587" in shown
    assert "are written as their Unicode numbers" in shown


def test_every_character_that_is_not_escaped_has_a_glyph():
    """Nothing that a manifest may hold makes the PDF fail for want of a glyph."""
    every = [chr(code) for code in range(0x20, 0x11000) if not 0xD800 <= code < 0xE000]
    kept = [char for char in every if drawn(char) == char]
    assert len(kept) > 1_600
    template = (
        '#set document(title: "x")\n#set text(lang: "en", font: ("Libertinus Serif", "DejaVu Sans '
        'Mono"))\n#for one in json(bytes(sys.inputs.summary)).rows [\n#par(one)\n#strong(one) '
        '#text(font: "DejaVu Sans Mono", one)\n#text(weight: "semibold", one)]'
    )
    lines = ["".join(kept[at : at + 64]) for at in range(0, len(kept), 64)]
    assert typeset(template, {"rows": lines}, 0).startswith(b"%PDF-1.7")


def test_the_template_is_given_data_and_asks_for_nothing_else():
    source = resources.template(TEMPLATE)
    assert re.findall(r"sys\.inputs\.?\w*", source) == ["sys.inputs.summary"]
    bare = re.sub(r"//.*", "", source)
    assert not re.search(
        r"#?\b(import|include|eval|read|plugin|link|datetime\.today)\b\s*[(\"]", bare
    )
    assert "@preview" not in source


def test_the_largest_page_there_can_be_is_drawn(manifest):
    wide = "\u0416" * 200
    facts = manifest["facts"]
    for name in ("reason_codes", "models", "gateways", "environments", "config_versions"):
        facts[name] = {f"{n}{wide}": 3 for n in range(1_000)}
    facts["config_spans"] = {n: [facts["first"], facts["last"]] for n in facts["config_versions"]}
    facts["request_ids"] = {f"{n}{wide}": n % 2 for n in range(1_000)}
    facts["named_events"] = [dict.fromkeys(facts["named_events"][0], wide) | {"position": 1}] * 200
    manifest["context"]["limitations"] = [wide * 20] * 60
    assert len(render_pdf(manifest)) < 3_000_000


# The command


@pytest.fixture
def call(monkeypatch, capsysbinary):
    def command(*words):
        monkeypatch.chdir(SAMPLES)
        code = run(list(map(str, words)))
        out, err = capsysbinary.readouterr()
        return code, out, err.decode()

    return command


def test_show_writes_the_pdf(call, tmp_path):
    path = tmp_path / "s.pdf"
    asked = ("show", "bundle.zip", "--key", "signer.pub", "--format", "pdf")
    assert call(*asked, "-o", path)[0] == 0
    shown = " ".join(read(path.read_bytes()))
    assert "accepted" in shown
    assert call(*asked)[1].startswith(b"%PDF-1.7")


def test_a_terminal_gets_no_pdf():
    master, terminal = pty.openpty()
    asked = [sys.executable, "-m", "evidencekit", "show", "bundle.zip", "--key", "signer.pub"]
    done = subprocess.run(  # noqa: S603
        [*asked, "--format", "pdf"], stdout=terminal, stderr=subprocess.PIPE, cwd=SAMPLES,
        env=os.environ | {"PYTHONPATH": str(SAMPLES.parent)}, check=False,
    )  # fmt: skip
    os.close(terminal)
    os.close(master)
    assert done.returncode == 2
    assert b"a PDF is not for a terminal: name a file with --output" in done.stderr


def test_a_bundle_that_is_not_accepted_gives_no_pdf(call, tmp_path):
    path = tmp_path / "s.pdf"
    code, out, _ = call("show", "bundle.zip", "--format", "pdf", "-o", path)
    assert (code, out, path.exists()) == (3, b"", False)


def test_without_typst_the_command_says_what_to_install(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    asked = ("show", "bundle.zip", "--key", "signer.pub", "--format", "pdf")
    code, out, err = call(*asked)
    assert (code, out) == (3, b"")
    assert "a PDF needs the typst package [show.needs-typst]\n" in err
    assert "pip install 'evidencekit[pdf]'" in err


def test_what_typst_refuses_is_one_line_with_a_code():
    with pytest.raises(UndecidedError) as caught:
        typeset("#panic(json(bytes(sys.inputs.summary)).x)", {"x": "a\nb"}, 0)
    assert caught.value.code == "show.pdf"
    assert "\n" not in str(caught.value)
