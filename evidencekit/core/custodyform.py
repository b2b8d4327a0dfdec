"""The custody form: who had the bundle, since when and from whom, as one part of the summary.

It is drawn from the report of whoever verified the bundle, never from a page inside it: that page
is older than the first hand-over.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from evidencekit.core.page import Column, Section, Table
from evidencekit.core.wording import moment, word

ANCHOR, TITLE = "custody", "Hand-overs"
_CHARS = 2_000  # of a foreign text: as much as a record can hold
_COLUMNS = (
    Column(title="No.", kind="number"),
    Column(title="When", kind="time"),
    Column(title="Who"),
    Column(title="Role"),
    Column(title="What", kind="short"),
    Column(title="To whom"),
    Column(title="Purpose and note"),
    Column(title="Proven time", kind="time"),
)
_KEY_COLUMNS = (Column(title="Name"), Column(title="Key fingerprint", kind="code"))
_NOTE = (
    "The time under When is the word of whoever acted. A proven time is an authority's; where it "
    "says by, it is the time-stamp of a later record, which covers all before it. Names are those "
    "of the verifier's trust file; what people say of themselves stands in quotation marks."
)


def custody_form(handovers: Sequence[Mapping[str, Any]]) -> Section:
    """Return the hand-overs of a verified report (``subject.custody``) as a timeline, with keys."""
    table = Table(
        caption="Every hand-over that is recorded, in order",
        columns=_COLUMNS,
        rows=tuple(map(_row, handovers)),
        note=_NOTE,
    )
    parties = [one[side] for one in handovers for side in ("by", "to") if one[side] is not None]
    keys = {party["fingerprint"]: _name(party) for party in parties}
    who = Table(
        caption="Their keys",
        columns=_KEY_COLUMNS,
        rows=tuple((name, word(fingerprint)) for fingerprint, name in keys.items()),
    )
    return Section(anchor=ANCHOR, title=TITLE, blocks=(table, who))


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    actor = "" if one["actor"] is None else f" ({_quoted(one['actor'])})"
    texts = (("purpose", one["purpose"]), ("note", one["note"]))
    said = "; ".join(f"{name}: {_quoted(text)}" for name, text in texts if text is not None)
    return (
        str(one["number"]),
        moment(one["at"]),
        f"{_name(one['by'])}{actor}",
        "-" if one["role"] is None else _quoted(one["role"]),
        word(one["action"]),
        "-" if one["to"] is None else _name(one["to"]),
        said or "-",
        _proven(one),
    )


def _proven(one: Mapping[str, Any]) -> str:
    if one["proven_at"] is not None:
        return moment(one["proven_at"])
    return "-" if one["existed_by"] is None else f"by {moment(one['existed_by'])}"


def _name(party: Mapping[str, Any]) -> str:
    return word(party["fingerprint"] if party["name"] is None else party["name"], limit=_CHARS)


def _quoted(text: str) -> str:
    return f"\u201c{word(text, limit=_CHARS)}\u201d"
