"""What stood in a record and could not be read, so that a field was left empty?

A date of birth that was a placeholder is not the same as none: whoever has to settle an age, compare two records or
look at a child sees what was written there once, by the sentence of its warning and never by its value.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from transforms.report import wording
from transforms.report.contents import Contents

OF_AN_AGE = ("DOB_", "AGE_")  # the beginnings of the warnings that an age may hang on


@dataclass(frozen=True)
class Unread:
    """One thing that could not be read: what was wrong, in which record, and in how many others."""

    sentence: str
    record: str
    others: int

    def __str__(self) -> str:
        more = f" and {wording.counted(self.others, 'more record')}" if self.others else ""
        return f"{self.sentence} ({self.record}{more})"


def unread(contents: Contents, mention_keys: Iterable[str], beginnings: tuple[str, ...] = ("",)) -> list[Unread]:
    """What could not be read in these mentions, each thing once, by its code; only codes that begin so."""
    found: dict[str, list[str]] = defaultdict(list)
    for key in sorted(mention_keys):
        for code in contents.warnings.get(key, ()):
            if code.startswith(beginnings):
                found[code].append(key)
    return [
        Unread(wording.label(code), wording.source_record(keys[0]), len(keys) - 1)
        for code, keys in sorted(found.items())
    ]
