"""What does the last file of a night say about the others?

Counts, hashes, agreement, marking, quality and whom to ask. A recipient acts on a night's files only when its manifest
is there; a gap in the sequence is a night that did not arrive.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from expectations.recipients import Recipient
from transforms.export.document import Document, as_json
from transforms.export.entitled import HeldBack
from transforms.export.exporter import Drop
from transforms.export.holdings import Notice
from transforms.export.records import digest

SCHEMA = "manifest"


def manifest(
    drop: Drop, files: Sequence[Mapping[str, Any]], notices: list[Notice], held_back: list[HeldBack]
) -> Document:
    """The manifest of a night's files, each with name, sha256, bytes, records, kind and supersedes."""
    content = {
        "schema": SCHEMA,
        "version": "1.0",
        "schema_version": drop.recipient.version,
        **drop.about(),
        "agreement_valid_to": drop.recipient.agreement.valid_to.isoformat(),
        "contract_sha256": terms(drop.recipient),
        "files": list(files),
        "operations": dict(sorted(Counter(one.operation for one in drop.operations).items())),
        "notices": len(notices),
        "renamed": {one.former_ref: one.record.ref for one in drop.operations if one.former_ref},
        "quality": quality(drop, held_back),
        "not_settled_by_any_source": list(drop.recipient.gaps),
    }
    return Document("manifest", "json", as_json(content), "MANIFEST", ())


def terms(recipient: Recipient) -> str:
    """Hash of a contract without its delivery: what was agreed on the content."""
    agreed = {name: value for name, value in recipient.raw.items() if name != "delivery"}
    return digest(json.dumps(agreed, sort_keys=True, ensure_ascii=False, default=str))


def quality(drop: Drop, held_back: list[HeldBack]) -> dict[str, Any]:
    """How the facts sent are known, how their intelligence is graded, what is not known, and how much is held back."""
    contents = [one.record.content for one in drop.disclosing]
    known_as = Counter(status for content in contents for status in content["accuracy"]["known_as"].values())
    grades = Counter(grade for content in contents for grade in content["accuracy"]["grades"])
    empty = Counter(name for content in contents for name in drop.recipient.fields if content.get(name) in (None, []))
    return {
        "records": len(contents),
        "facts_known_as": dict(sorted(known_as.items())),
        "records_by_grade": dict(sorted(grades.items())),
        "records_without": dict(sorted(empty.items())),
        "facts_held_back": sum(one.field != "*" for one in held_back),
    }
