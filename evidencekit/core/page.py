"""A page as data: sections of fields, tables, lists and one chart, every text final and visible.

A rendering decides how a block looks and escapes what it holds; it never formats a number and never
leaves a block out. That is why HTML, Markdown and plain text cannot disagree.
"""

from dataclasses import dataclass
from typing import ClassVar

from evidencekit.core.chart import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One labelled value; ``code`` marks digests and identifiers that people compare or copy."""

    label: str
    value: str
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Labelled values, one below the other."""

    kind: ClassVar[str] = "fields"
    folded: ClassVar[bool] = False
    rows: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Paragraphs."""

    kind: ClassVar[str] = "prose"
    folded: ClassVar[bool] = False
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list with a heading of its own."""

    kind: ClassVar[str] = "items"
    folded: ClassVar[bool] = False
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A table's column: ``text``, ``short``, ``time``, ``number``, ``code`` or ``outcome``."""

    title: str
    kind: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The drawn share of one row, 0 to 1, and the verdict whose colour it has."""

    fraction: float
    tone: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a caption; ``bars`` has one bar a row, or none.

    ``folded`` puts it out of the way: closed on a screen, at the end of a text.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...] = ()
    note: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart; whatever it shows stands in a table of the same section too."""

    kind: ClassVar[str] = "drawing"
    folded: ClassVar[bool] = False
    chart: Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest that people compare: as it stands, in groups, in words.

    Where a rendering can draw, it adds the QR code of ``value``.
    """

    kind: ClassVar[str] = "digest"
    folded: ClassVar[bool] = False
    label: str
    value: str
    groups: str
    words: str

    @property
    def rows(self) -> tuple[Field, ...]:
        """The same as labelled values."""
        return (
            Field(label=self.label, value=self.value, code=True),
            Field(label="Read aloud", value=self.groups, code=True),
            Field(label="In words", value=self.words, code=True),
        )


Block = Fields | Prose | Items | Table | Drawing | Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part of the page; ``anchor`` is its name in links."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]
    columns: int = 1  # blocks side by side, where there is room


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole summary."""

    title: str
    subtitle: str
    bundle: str
    status: tuple[str, ...]  # what whoever shows the page found out; none inside a bundle
    notice: str
    scope: Fields
    figures: tuple[Field, ...]
    sections: tuple[Section, ...]
    footer: str
