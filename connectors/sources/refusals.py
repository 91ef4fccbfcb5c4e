"""What is recorded of a record, a value or a file that was refused before it was read?"""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Refusal:
    """A refusal: a key that is safe to show, and a reason code.

    `version` is that of a report; `detail` is added to the reason's sentence and holds no value.
    """

    key: str
    code: str
    version: str = ""
    detail: str = ""
