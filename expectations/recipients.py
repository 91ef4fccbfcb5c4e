"""Who receives what, why, and in what form?

A recipient is a YAML file in `recipients/`, or in a data home's `recipients/` folder, where a file of the same name
replaces the one given here. Adding a partner is adding a file.
"""

from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

import yaml

RECIPIENTS = Path(__file__).parent / "recipients"


@dataclass(frozen=True)
class Agreement:
    """The information sharing agreement that a drop rests on: no valid agreement, no file."""

    reference: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Delivery:
    """How files reach the recipient. `connection` is an Airflow Connection id."""

    connection: str
    directory: str = "."
    encryption: str = "openpgp"  # or "plain", where the agreement says so
    fingerprint: str = ""  # of the recipient's OpenPGP key, 40 hexadecimal digits
    window_from: time | None = None
    window_to: time | None = None
    receipts: str = ""  # the directory that acknowledgements appear in; empty: none are given
    receipt_days: int = 1
    read_back: bool = True  # False only where the partner's server lets nobody read; receipts are then the only proof
    limit_mb: float | None = None  # the largest file that the partner takes


@dataclass(frozen=True)
class Recipient:
    """One recipient's contract."""

    name: str  # the file's name: mash_city
    title: str
    purpose: str
    legal_basis: str
    agreement: Agreement
    delivery: Delivery
    marking: str
    raw: dict[str, Any] = field(repr=False, default_factory=dict)


def load(extra: Path | None = None) -> dict[str, Recipient]:
    """All recipients by name; files in `extra` are added, or replace those of the same name."""
    found = {path.stem: path for path in sorted(RECIPIENTS.glob("*.yml"))}
    if extra is not None and extra.is_dir():
        found |= {path.stem: path for path in sorted(extra.glob("*.yml"))}
    return {name: parse(name, path.read_text(encoding="utf-8")) for name, path in sorted(found.items())}


def parse(name: str, text: str) -> Recipient:
    """A recipient from its YAML text."""
    raw = yaml.safe_load(text)
    return Recipient(
        name=name,
        title=raw["title"],
        purpose=raw["purpose"],
        legal_basis=raw["legal_basis"],
        agreement=Agreement(**raw["agreement"]),
        delivery=Delivery(**raw["delivery"]),
        marking=raw["marking"],
        raw=raw,
    )
