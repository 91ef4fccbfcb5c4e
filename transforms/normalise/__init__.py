"""How does what came become rows that can be compared and trusted?

Every value is read into one form, ignored by name, or stops its record with a reason code; nothing is guessed.
`tonight` folds one night's landed tables into the tables as known; `comparable` makes the fields that people are
compared by.
"""

from transforms.normalise.people import comparable
from transforms.normalise.tonight import LANDED, MADE, tonight

__all__ = ["LANDED", "MADE", "comparable", "tonight"]
