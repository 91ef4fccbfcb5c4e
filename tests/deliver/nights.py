"""What tests of delivery are made of: recipients, a night's export, partners, and what must hold whatever happened."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.delivery import outbox
from connectors.endpoints import Endpoint, from_environment
from connectors.register.database import processing_log
from connectors.store.paths import Home
from demo.standin.partners import start
from expectations.contracts import contract
from expectations.recipients import Recipient, parse
from night.run import Run

NIGHT = date(2022, 11, 22)
PATIENCE = 20.0  # seconds that a partner may say nothing: enough for a busy machine
IMPATIENT = 1.5  # where the test is that it says nothing
CONTRACT = """
title: Partner {name}
purpose: safeguarding
legal_basis: section 11 Children Act 2004
agreement: {{reference: ISA-1, valid_from: 2020-01-01, valid_to: 2030-01-01}}
delivery: {delivery}
marking: OFFICIAL-SENSITIVE
population: {{where: everywhere}}
"""


def recipient(name: str, **delivery: Any) -> Recipient:
    """A recipient whose delivery block has these values."""
    block = {"connection": f"partner_{name}", "receipts": "receipts", **delivery}
    return parse(name, CONTRACT.format(name=name, delivery=json.dumps(block)))


class Partners(ExitStack):
    """Stand-in partners for recipients, running as long as the context lasts."""

    def __init__(self, home: Home, recipients: Mapping[str, Recipient], *kinds: Any) -> None:
        super().__init__()
        self._home, self._recipients, self._kinds = home, recipients, kinds

    def __enter__(self) -> "Partners":
        self._home.recipients.mkdir(parents=True, exist_ok=True)
        for name, one in self._recipients.items():
            (self._home.recipients / f"{name}.yml").write_text(json.dumps(one.raw, default=str), encoding="utf-8")
        self.enter_context(start(self._home, self._recipients, *self._kinds))
        return self


def endpoint(name: str) -> Endpoint:
    """A connection from the environment."""
    found = from_environment(name)
    extra = {**found.extra, "timeout": PATIENCE}
    return Endpoint(found.name, found.kind, found.host, found.port, found.login, extra=extra)


def run_of(home: Home, night: date = NIGHT) -> Run:
    """The run of a night, with connections from the environment."""
    return Run(night, home, endpoint)


def exported(home: Home, files: Mapping[str, Mapping[str, bytes]], night: date = NIGHT, **more: Any) -> Run:
    """A night whose export made these files by recipient; a file named manifest is the manifest.

    Each file but a manifest tells of child P1. `restricted` are person ids that may not be shared.
    """
    run = run_of(home, night)
    writer = run.writer("reconcile")
    children = [child(person) for person in more.get("restricted", ())]
    writer.table("child", contract("child").table_of(children))
    writer.seal({}, replaceable=True)
    run.writer("validate").seal({}, replaceable=True)
    outgoing, disclosed = [], []
    writer = run.writer("export")
    for name, contents in files.items():
        for file, content in contents.items():
            writer.file(f"{name}/{file}", content)
            kind = "MANIFEST" if "manifest" in file else more.get("kind", "DROP")
            outgoing.append(outgoing_row(name, file, content, kind, more.get("supersedes")))
            if kind != "MANIFEST":
                disclosed.append(disclosure_row(name, file))
    writer.table("outgoing", contract("outgoing").table_of(outgoing))
    writer.table("disclosure", contract("disclosure").table_of(disclosed))
    writer.table("held_back", contract("held_back").table_of([]))
    writer.seal({}, replaceable=True)
    return run


def outgoing_row(name: str, file: str, content: bytes, kind: str, supersedes: str | None = None) -> dict[str, Any]:
    """A row of `outgoing`."""
    return {
        "recipient": name,
        "file": file,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "records": 0 if kind == "MANIFEST" else 1,
        "kind": kind,
        "supersedes": None if kind == "MANIFEST" else supersedes,
    }


def disclosure_row(name: str, file: str) -> dict[str, Any]:
    """A row of `disclosure`: child P1 is in the file."""
    return {
        "recipient": name,
        "file": file,
        "person_id": "P1",
        "record_ref": "R1",
        "operation": "CREATE",
        "agreement": "ISA-1",
        "fields": ["surname"],
        "content_sha256": "0" * 64,
    }


def child(person_id: str) -> dict[str, Any]:
    """A restricted child, as reconcile leaves it."""
    required = {column.name: _sample(column) for column in contract("child").columns if column.required}
    return {**required, "person_id": person_id, "restricted": True}


def _sample(column: Any) -> Any:
    by_type = {"boolean": False, "integer": 0, "strings": [], "date": NIGHT}
    return column.values[0] if column.values else by_type.get(column.type, "x")


def visible(folder: Path) -> dict[str, str]:
    """SHA-256 of what a partner sees in its folder, by name; acknowledgements are its own."""
    found = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def hidden(folder: Path) -> list[str]:
    """Names of what attempts left in a partner's folder."""
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def states(run: Run) -> dict[str, str]:
    """State of each delivery, by the name at the partner."""
    return {row["file"]: row["state"] for row in outbox.deliveries(run.register)}


def of_night(run: Run) -> list[dict[str, Any]]:
    """The night's deliveries."""
    return [row for row in outbox.deliveries(run.register) if row["run"] == run.as_of.isoformat()]


def disclosures(run: Run) -> Counter[tuple[str, str]]:
    """How often each (recipient, SHA-256 of a file) of the night is in the processing log as disclosed."""
    log = processing_log.c
    query = sa.select(log.recipient, log.file_sha256).where(log.run == run.as_of.isoformat())
    with run.register.connect() as connection:
        found = connection.execute(query.where(log.operation == "DISCLOSURE"))
        return Counter((row.recipient, row.file_sha256) for row in found)


def expect_nothing_false(run: Run, folders: Mapping[str, Path]) -> None:
    """Whatever happened: a partner sees whole files of the night alone, and what we call delivered lies there whole."""
    rows = of_night(run)
    for name, folder in folders.items():
        sent = {row["file"]: row["sha256"] for row in rows if row["recipient"] == name}
        seen = visible(folder)
        assert all(sent.get(file) == digest for file, digest in seen.items()), "a partial or unknown file is visible"
        for row in rows:
            if row["recipient"] == name and row["state"] in ("delivered", "acknowledged"):
                assert seen.get(row["file"]) == row["sha256"], "a file is called delivered that does not lie there"


def expect_all_held(run: Run, folders: Mapping[str, Path]) -> None:
    """Every partner holds exactly its files, and every disclosure is in the processing log once."""
    expect_nothing_false(run, folders)
    rows = of_night(run)
    for name, folder in folders.items():
        assert visible(folder) == {row["file"]: row["sha256"] for row in rows if row["recipient"] == name}
        assert hidden(folder) == []
    assert {row["state"] for row in rows} <= {"delivered", "acknowledged"}
    disclosing = {(r["recipient"], r["sha256"]) for r in rows if r["records"]}
    assert disclosures(run) == Counter(disclosing)
