"""What is a record that a recipient may hold: by which key, and with which content in its one canonical form?"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

VICTIM = "VICTIM_OR_MAY_BE"
SUSPECT = "SUSPECT"
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Record:
    """What a recipient may hold of one person: `content` is the contract's fields with the accuracy block."""

    ref: str
    person_id: str
    content: Mapping[str, Any]

    @cached_property
    def text(self) -> str:
        """The content in its one canonical form."""
        return canonical(self.content)

    @cached_property
    def sha256(self) -> str:
        """Hash of the content."""
        return digest(self.text)


def canonical(content: Mapping[str, Any]) -> str:
    """Content as JSON in its one form."""
    return _CANONICAL.encode(content)


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def record_ref(person_id: str, category: str = VICTIM) -> str:
    """The key by which recipients know a person's record: opaque, the same in every file and for every recipient."""
    prefix = "CL" if category == VICTIM else "SU"
    return f"{prefix}-{digest(f'{category}/{person_id}')[:12].upper()}"
