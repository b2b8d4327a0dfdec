"""core/qrcode.py: fully determined symbols, read back by decoders that know nothing of us."""

import hashlib
import re

import pytest

from evidencekit.core import qrcode, qrsymbol

FINGERPRINT = "SHA256:uX2QfJm3mQvYpE0N0kVb8wTZ1qU6r5mL4hGd7sKcA1I"
ROOT = "0123456789abcdef" * 4
SCALE = 4


def image(rows) -> tuple[int, bytes]:
    """Return side and grey pixels of a symbol that is drawn by its rows of modules."""
    side = (len(rows) + 2 * qrcode.QUIET) * SCALE
    margin = b"\xff" * qrcode.QUIET * SCALE
    lines = [b"\xff" * side] * (qrcode.QUIET * SCALE)
    for row in rows:
        drawn = b"".join((b"\x00" if dark else b"\xff") * SCALE for dark in row)
        lines += [margin + drawn + margin] * SCALE
    lines += [b"\xff" * side] * (qrcode.QUIET * SCALE)
    return side, b"".join(lines)


def drawn(svg: str) -> tuple[bytes, ...]:
    """Return the rows of modules that the path of an SVG element paints."""
    side = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    rows = [bytearray(side) for _ in range(side)]
    x = y = 0
    path = re.search(r'<path stroke="#000"[^>]* d="([^"]*)"', svg)[1]
    for kind, first, second in re.findall(r"([Mmh])(\d+)(?: (\d+)(?:\.5)?)?", path):
        if kind == "M":
            x, y = int(first), int(second)
        elif kind == "m":
            x += int(first)
        else:
            rows[y][x : x + int(first)] = b"\x01" * int(first)
            x += int(first)
    inner = slice(qrcode.QUIET, -qrcode.QUIET)
    return tuple(bytes(row[inner]) for row in rows[inner])


# Whatever draws the symbol, these are its modules: else old pages would not render again.
@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (FINGERPRINT, "86139fb9dac4f9df"),
        (ROOT, "84c2cb96e42e8c0c"),
    ],
)
def test_a_symbol_is_fully_determined(text, digest):
    rows = qrcode.modules(text)
    assert (len(rows), {len(row) for row in rows}) == (37, {37})
    assert hashlib.sha256(b"".join(rows)).hexdigest()[:16] == digest


@pytest.mark.parametrize("text", [FINGERPRINT, ROOT])
def test_the_drawing_holds_the_symbol_and_says_what_it_is(text):
    svg = qrcode.draw(text, name="qr-x", title="QR code of the root")
    assert drawn(svg) == qrcode.modules(text)
    assert f'<desc id="qr-x-desc">Scanning it gives {text}</desc>' in svg
    assert 'role="img" aria-labelledby="qr-x-title qr-x-desc"' in svg


@pytest.mark.parametrize("text", [FINGERPRINT, ROOT])
def test_another_decoder_reads_it(text):
    zxing = pytest.importorskip(
        "zxingcpp", reason="SKIPPED LOUDLY: zxing-cpp is not installed: pip install --group pages"
    )
    side, pixels = image(qrcode.modules(text))
    found = zxing.read_barcodes(memoryview(pixels).cast("B", (side, side)))
    assert [one.text for one in found] == [text]


@pytest.mark.parametrize("text", [FINGERPRINT, ROOT])
def test_what_the_terminal_shows_is_the_symbol_too(text):
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    lines = qrcode.blocks(text).splitlines()
    assert {len(line) for line in lines} == {41}
    rows = [bytes(halves[char][half] for char in line) for line in lines for half in (0, 1)]
    assert tuple(row[2:-2] for row in rows[2:39]) == qrcode.modules(text)
    assert not any(map(any, (rows[0], rows[1], *rows[39:])))


def test_what_does_not_fit_is_refused():
    assert qrcode.modules("a" * 84)
    with pytest.raises(ValueError, match="holds 84 bytes"):
        qrcode.modules("a" * 85)
    with pytest.raises(ValueError, match="latin-1"):
        qrcode.modules("\u4e2d")


def test_another_encoder_makes_the_same_symbols():
    other = pytest.importorskip(
        "qrcode", reason="SKIPPED LOUDLY: qrcode is not installed: pip install --group pages"
    )
    for length in (*range(1, 85), 84):
        data = hashlib.shake_128(bytes([length])).digest(length)
        code = other.QRCode(
            version=5, error_correction=other.constants.ERROR_CORRECT_M, mask_pattern=2
        )
        code.add_data(other.util.QRData(data, mode=other.util.MODE_8BIT_BYTE))
        code.make(fit=False)
        assert qrsymbol.symbol(data) == tuple(bytes(map(int, row)) for row in code.modules), length
