"""How does what came become rows that can be compared and trusted?

Every value is read into one form, ignored by name, or stops its record with a reason code; nothing is guessed.
`fold` folds one night's landed tables into the tables as known (columns: their contracts); `comparable` makes the
fields that people are compared by.
"""

from transforms.normalise.folding import LANDED, MADE, fold
from transforms.normalise.people import comparable

__all__ = ["LANDED", "MADE", "comparable", "fold"]
