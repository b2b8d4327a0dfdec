"""Read a tagged PDF as a screen reader does: its structure, and the text that each element holds.

poppler's ``pdfinfo -struct-text`` gives the same, but draws a page anew for each piece of text.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterator

import pikepdf


class Tagged:
    """``tags`` are the names of all structure elements in order, ``texts`` what each holds itself.

    What figures hold is left out of ``texts``; headers and footers of pages are in no element.
    """

    def __init__(self, data: bytes) -> None:
        self.tags: list[str] = []
        self.texts: list[str] = []
        with pikepdf.open(io.BytesIO(data)) as pdf:
            self._marked = dict(marked(pdf))
            self._walk(pdf.Root.StructTreeRoot.K, None)

    def _walk(self, kids, page, *, shown: bool = True) -> str:
        """Return the text directly among ``kids``, and enter the elements that are among them."""
        text = ""
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                text += self._marked.get((page, kid), "")
            elif "/MCID" in kid:
                text += self._marked.get((kid.get("/Pg", kid).objgen, int(kid.MCID)), "")
            elif "/S" in kid:
                self._enter(kid, page, shown=shown)
        return text

    def _enter(self, element, page, *, shown: bool) -> None:
        self.tags.append(str(element.S))
        at = len(self.texts)
        page = element.Pg.objgen if "/Pg" in element else page
        shown = shown and str(element.S) != "/Figure"
        text = self._walk(element.get("/K", pikepdf.Array()), page, shown=shown)
        if shown and text:
            self.texts.insert(at, text)


def marked(pdf: pikepdf.Pdf) -> Iterator[tuple[tuple, str]]:
    """Yield the text of each piece of marked content: page and number, text."""
    for page in pdf.pages:
        found: dict[int, str] = defaultdict(str)
        fonts = {name: characters(font) for name, font in page.Resources.get("/Font", {}).items()}
        open_marks: list[tuple[int | None, bool]] = []
        font: dict[int, str] = {}
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            number, replaced = open_marks[-1] if open_marks else (None, False)
            if name in ("BDC", "BMC"):
                properties = operands[1] if len(operands) > 1 else {}
                number = int(properties["/MCID"]) if "/MCID" in properties else number
                if "/ActualText" in properties and number is not None and not replaced:
                    found[number] += str(properties["/ActualText"])
                open_marks.append((number, replaced or "/ActualText" in properties))
            elif name == "EMC":
                open_marks.pop()
            elif name == "Tf":
                font = fonts[str(operands[0])]
            elif name in ("Tj", "TJ") and number is not None and not replaced:
                strings = operands[0] if name == "TJ" else operands
                found[number] += "".join(decoded(bytes(s), font) for s in strings if is_text(s))
        yield from (((page.obj.objgen, number), text) for number, text in found.items())


def is_text(value) -> bool:
    return isinstance(value, pikepdf.String)


def decoded(codes: bytes, font: dict[int, str]) -> str:
    return "".join(font[int.from_bytes(codes[at : at + 2])] for at in range(0, len(codes), 2))


def characters(font) -> dict[int, str]:
    """Return what the font's codes of two bytes stand for."""
    cmap = font.ToUnicode.read_bytes().decode("ascii")
    known: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(r"<(\w+)>\s*<(\w+)>", block):
            known[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for code in range(int(first, 16), int(last, 16) + 1):
                known[code] = chr(int(text, 16) + code - int(first, 16))
    return known
