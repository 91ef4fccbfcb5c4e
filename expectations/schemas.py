"""Which form has a file that leaves the force?

Reads the XML and JSON schemas in `schemas/`. They are ours and versioned; the one for the Police National Database is
PND-style, because the national load format is not public.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def xsd(name: str) -> bytes:
    """An XML schema, as its bytes."""
    return (SCHEMAS / f"{name}.xsd").read_bytes()


@cache
def json_schema(name: str) -> dict[str, Any]:
    """A JSON schema."""
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found
