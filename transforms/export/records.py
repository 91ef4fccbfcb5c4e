"""What is a record that a recipient may hold: by which key, and with which content in its one canonical form?"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

VICTIM = "VICTIM_OR_MAY_BE"
SUSPECT = "SUSPECT"
PREFIX = {VICTIM: "CL", SUSPECT: "SU"}
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
def record_ref(force: str, person_id: str, category: str = VICTIM) -> str:
    """The key by which recipients know a person's record: opaque, the same in every file and for every recipient.

    It names the force, so that it is no other person's anywhere in the country: person ids are each force's own.
    """
    return f"{PREFIX[category]}-{force}-{digest(f'{force}/{category}/{person_id}')[:12].upper()}"


@cache
def former_ref(person_id: str, category: str = VICTIM) -> str:
    """The key of the same record in files of an earlier version, which did not name the force."""
    return f"{PREFIX[category]}-{digest(f'{category}/{person_id}')[:12].upper()}"


def refs_of(force: str, person_id: str, category: str = VICTIM) -> tuple[str, str]:
    """Every key by which a partner may know a person's record, the present one first."""
    return record_ref(force, person_id, category), former_ref(person_id, category)
