"""Who holds a bundle, and to whom it was released, as its custody records say one by one.

The preparer holds it first. A release names who may receive it next; who receives and does not
accept leaves it with whom it was with, and may look again later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from evidencekit.core.custody import RELEASED, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Where a bundle is after some records; fingerprints."""

    holder: str | None  # None: not known
    named: str | None = None  # to whom it was released and who has not received it yet
    is_first: bool = True  # nobody acted yet: the first receiver needs no release

    def against(self, record: Record) -> str | None:
        """Return why this one could not act next, as the end of a sentence about the record."""
        who = record.signer
        if record.action == RELEASED:
            if self.holder not in {None, who}:
                return f"is released by {who}, and {self.holder} holds it"
            return None
        if self.named not in {None, who}:
            return f"is received by {who}, it was released to {self.named}"
        if self.named is None and not self.is_first and self.holder != who:
            return f"is received by {who}, and {self.holder} released it to nobody"
        return None

    def after(self, record: Record) -> Self:
        """Return where it is after this record, too."""
        holder, named = self.holder, self.named
        if record.action == RELEASED:
            holder, named = record.signer, record.next_holder
        elif record.action == "accepted":
            holder, named = record.signer, None
        else:
            named = record.signer
        return type(self)(holder=holder, named=named, is_first=False)


def holding(records: Iterable[Record], prepared_by: str | None) -> Holding:
    """Return where a bundle is after these records."""
    now = Holding(holder=prepared_by)
    for record in records:
        now = now.after(record)
    return now
