"""Whatever is changed in a home, its register, its anchors or its key, `clvt audit --verify` does not call it whole.

With `tests/register/test_proof.py` and `test_chain.py`, whose tables of forgeries count too, these are the kinds of
tampering that are tried: a test counts them.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from clvt.command import main
from connectors.delivery import full_requests
from connectors.register import erasures, proof
from connectors.register.database import LogEntry, log, processing_log, writing
from connectors.register.tables import metadata
from connectors.store import sealed
from connectors.store.paths import Home
from expectations.contracts import contract
from night.erasing import erase
from night.run import Run, register_at
from tests.register.tampering import change
from tests.register.test_chain import TAMPERED
from tests.register.test_proof import ELSEWHERE, FORGERIES
from tests.report.a_home import a_home

ENOUGH = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A home with a published night whose seals are known, after somebody on no list was erased."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("made")
        patch.setenv("CLVT_ANCHORS", str(folder / "second"))
        run = a_home(folder / "home")
        run.write_down_seals(stage for stage in ("normalise", "link", "reconcile", "validate"))
        with writing(run.register) as connection:
            log(connection, [LogEntry("CONSULTATION", "ursula", "clvt tracker", "P-00000000A1")] * 3)
        children = {row["person_id"] for row in run.rows("reconcile", "child")}
        stranger = next(row["person_id"] for row in run.rows("link", "person") if row["person_id"] not in children)
        with writing(run.register) as connection:
            log(connection, [LogEntry("CONSULTATION", "ursula", "clvt persons", stranger)])
        erase(run, stranger, "asked for", "The records manager")
        run.anchor()
    return run


@pytest.fixture
def run(made: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A copy of it, to be tampered with."""
    folder = made.home.root.parent
    shutil.copytree(folder, tmp_path / "copy")
    monkeypatch.setenv("CLVT_ANCHORS", str(tmp_path / "copy" / "second"))
    return Run(made.as_of, Home(tmp_path / "copy" / "home"))


def verify(run: Run) -> int:
    return main(["audit", "--verify", "--home", str(run.home.root)])


def test_what_nobody_changed_is_whole(run: Run) -> None:
    assert verify(run) == 0


def test_a_command_that_begins_with_nothing_imported_looks_at_every_table(run: Run) -> None:
    asked = [sys.executable, "-m", "clvt", "audit", "--verify", "--home", str(run.home.root)]
    full_requests.request(run.register, "mash", run.as_of, "a DELTA is missing")
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 0
    change(run.register, "UPDATE full_request SET recipient = 'pnd'")
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "table full_request was not written by this program" in done.stderr


def _table(run: Run, change_row: Callable[[dict], dict], *, with_its_seal: bool) -> None:
    path = run.folder.stage("reconcile") / "child.parquet"
    rows = [change_row(row) for row in pq.read_table(path).to_pylist()]
    pq.write_table(contract("child").table_of(rows), path)
    if with_its_seal:
        seal_of_everything(run, "reconcile")


def seal_of_everything(run: Run, stage: str, **given: object) -> None:
    path = run.folder.stage(stage) / sealed.SEAL
    seal = json.loads(path.read_text()) | {"files": sealed.hashes(run.folder.stage(stage))} | given
    path.write_text(json.dumps(seal, indent=1, sort_keys=True) + "\n")


def _lines(path: Path, change_lines: Callable[[list[str]], list[str]]) -> None:
    path.write_text("".join(change_lines(path.read_text().splitlines(keepends=True))))


def _anchor_files(run: Run) -> list[Path]:
    return [path for place in (run.home.anchors, run.home.root.parent / "second") for path in place.glob("*.json")]


def _cut(run: Run, *, anchors_too: bool) -> None:
    change(run.register, "DELETE FROM processing_log WHERE seq > 2", "DELETE FROM row_proof")
    if anchors_too:
        for path in run.home.anchors.glob("*.json"):
            path.unlink()


def _everything_anew(run: Run) -> None:
    """All of the register without an entry, proved with a key of one's own."""
    for path in run.home.root.glob("register.*"):
        path.unlink()
    with writing(Run(run.as_of, run.home).register) as connection:
        log(connection, [LogEntry("COLLECTION", "pipeline")] * 20)


def _stranger_s_key(run: Run) -> None:
    run.home.register_key.unlink()
    proof.make_key(run.home.register_key)


def _chain_rewritten_without_the_key(run: Run) -> None:
    """Every hash of the log computed anew with another actor, as whoever reads this code could."""
    with run.register.connect() as connection:
        rows = [dict(row) for row in connection.execute(processing_log.select().order_by("seq")).mappings()]
    previous, statements = "0" * 64, []
    for row in rows:
        row |= {"actor": "somebody else", "previous_hash": previous}
        previous = _plain_digest({key: value for key, value in row.items() if key != "hash"})
        statements.append(
            f"UPDATE processing_log SET actor = 'somebody else', previous_hash = '{row['previous_hash']}', "
            f"hash = '{previous}' WHERE seq = {row['seq']}"
        )
    change(run.register, *statements)


def _plain_digest(row: dict) -> str:
    return hashlib.sha256(json.dumps({k: row[k] for k in sorted(row)}, ensure_ascii=False).encode()).hexdigest()


def _sql(*statements: str) -> Callable[[Run], None]:
    return lambda run: change(run.register, *statements)


def _as_if_there_never_were_proofs(run: Run) -> None:
    """A register of an earlier version is proved as it is when it is first opened."""
    tables = "row_proof", "erased_row", "alembic_version"
    change(run.register, "DELETE FROM erasure", *(f"DROP TABLE {name}" for name in tables))
    register_at.cache_clear()


def _unlocked(run: Run) -> None:
    with run.register.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER no_delete_of_decision_made")


def _weaker_lock(run: Run) -> None:
    with run.register.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER no_update_of_delivery")
        connection.exec_driver_sql("CREATE TRIGGER no_update_of_delivery BEFORE UPDATE ON delivery BEGIN SELECT 1; END")


KINDS: dict[str, Callable[[Run], object]] = {
    "a child is off a sealed table": lambda run: _table(
        run, lambda row: row | {"state": "REMOVED"}, with_its_seal=False
    ),
    "a child is off a sealed table and its seal": lambda run: _table(
        run, lambda row: row | {"state": "REMOVED"}, with_its_seal=True
    ),
    "a name in a sealed table and its seal": lambda run: _table(
        run, lambda row: row | {"surname": "Another"}, with_its_seal=True
    ),
    "a table is gone": lambda run: (run.folder.stage("reconcile") / "review.parquet").unlink(),
    "a table is gone, from the seal too": lambda run: (
        (run.folder.stage("reconcile") / "review.parquet").unlink(), seal_of_everything(run, "reconcile"),
    ),
    "a table more": lambda run: shutil.copy(
        run.folder.stage("reconcile") / "child.parquet", run.folder.stage("link") / "child.parquet"
    ),
    "counts in a seal": lambda run: seal_of_everything(run, "reconcile", counts={"closing": 0}),
    "that something was erased, in a seal": lambda run: seal_of_everything(run, "normalise", erasures=[]),
    "a stage is gone": lambda run: shutil.rmtree(run.folder.stage("link")),
    "the gate's own seal is gone": lambda run: shutil.rmtree(run.folder.stage("validate")),
    "a night is gone": lambda run: shutil.rmtree(run.folder.root),
    "a night is said to be thinned out": lambda run: (
        run.folder.thinned.write_text("{}"), shutil.rmtree(run.folder.stage("reconcile")),
    ),
    "a stage of before the erasure": lambda run: (
        shutil.rmtree(run.folder.stage("link")),
        shutil.copytree(run.folder.stage("normalise"), run.folder.stage("link")),
    ),
    "the anchors are gone": lambda run: [path.unlink() for path in run.home.anchors.glob("*.json")],
    "the second place is gone": lambda run: shutil.rmtree(run.home.root.parent / "second"),
    "the log is cut": lambda run: _cut(run, anchors_too=False),
    "the log and the home's anchors are cut": lambda run: _cut(run, anchors_too=True),
    "an anchor's hash": lambda run: [
        _lines(path, lambda lines: [json.dumps(json.loads(line) | {"hash": "f" * 64}) + "\n" for line in lines])
        for path in _anchor_files(run)[-1:]
    ],
    "an anchor further than the log": lambda run: [
        _lines(path, lambda lines: [json.dumps(json.loads(line) | {"seq": 10_000}) + "\n" for line in lines])
        for path in _anchor_files(run)[:1]
    ],
    "an anchor's proofs": lambda run: [
        _lines(path, lambda lines: [json.dumps(json.loads(line) | {"proof_hash": "f" * 64}) + "\n" for line in lines])
        for path in _anchor_files(run)[-1:]
    ],
    "the key is gone": lambda run: run.home.register_key.unlink(),
    "the key is another": _stranger_s_key,
    "the register is new": _everything_anew,
    "the register is gone": lambda run: [path.unlink() for path in run.home.root.glob("register.sqlite*")],
    "the whole chain with every hash anew": _chain_rewritten_without_the_key,
    "all proofs are gone, with the version of the tables": _as_if_there_never_were_proofs,
    "a lock is gone": _unlocked,
    "a lock that holds nothing": _weaker_lock,
    "the reason of an erasure": _sql("UPDATE erasure SET reason = 'none'"),
    "who erased": _sql("UPDATE erasure SET by = 'Another'"),
    "the marks of an erasure": _sql("UPDATE erasure SET marks = '[]'"),
    "an erasure is gone": _sql("DELETE FROM erasure"),
    "an erasure of one's own, to hide a row": _sql(
        "INSERT INTO erased_row VALUES (900, 'E-1', 'processing_log', '2', '')",
        "UPDATE processing_log SET actor = 'nobody' WHERE seq = 2",
    ),
    "what an erasure left of a row": _sql("UPDATE erased_row SET digest = 'f'"),
    "an erasure forgets its rows": _sql("DELETE FROM erased_row"),
    "a row that was erased says something again": _sql(
        "UPDATE processing_log SET person_id = 'P-000000000A' WHERE person_id = '(erased)'"
    ),
    "the erasure is not in the log": _sql("DELETE FROM processing_log WHERE operation = 'ERASURE'"),
    "a line of the ledger of erasures": lambda run: _lines(
        run.home.erasures, lambda lines: [line.replace("asked for", "no reason") for line in lines]
    ),
    "the ledger of erasures is empty": lambda run: _lines(run.home.erasures, lambda _: []),
    "the second ledger is gone": lambda run: (run.home.root.parent / "second" / erasures.FILE).unlink(),
    "a seal's row": _sql("UPDATE stage_seal SET sha256 = 'f' WHERE number = 2"),
    "a seal's row is gone": _sql("DELETE FROM stage_seal WHERE number = 1"),
    "a seal's row more": _sql("INSERT INTO stage_seal SELECT 900, run, stage, '' FROM stage_seal WHERE number = 1"),
    "two rows of the log changed places": _sql(
        "UPDATE processing_log SET seq = 900 WHERE seq = 1",
        "UPDATE processing_log SET seq = 1 WHERE seq = 2",
        "UPDATE processing_log SET seq = 2 WHERE seq = 900",
    ),
    "a proof of another table": _sql("UPDATE row_proof SET table_name = 'delivery' WHERE seq = 1"),
    "two proofs changed places": _sql(
        "UPDATE row_proof SET seq = 900 WHERE seq = 1",
        "UPDATE row_proof SET seq = 1 WHERE seq = 2",
        "UPDATE row_proof SET seq = 2 WHERE seq = 900",
    ),
    "a proof more": _sql(
        "INSERT INTO row_proof SELECT 900, table_name, 'x', digest, hash FROM row_proof WHERE seq = 1",
    ),
    "when somebody looked": _sql("UPDATE processing_log SET at = '2020-01-01T00:00:00+00:00' WHERE actor = 'ursula'"),
    "that somebody looked": _sql("DELETE FROM processing_log WHERE actor = 'ursula'"),
    "of whom somebody looked": _sql("UPDATE processing_log SET person_id = 'P-0' WHERE actor = 'ursula'"),
    "the home is no home": lambda run: shutil.rmtree(run.home.runs),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_found(run: Run, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    KINDS[kind](run)
    assert verify(run) == 1
    assert "is whole" not in capsys.readouterr().out


def test_there_are_enough_kinds() -> None:
    assert len(KINDS) + len(FORGERIES) + len(ELSEWHERE) + len(TAMPERED) >= ENOUGH


def test_the_register_refuses_every_change_of_a_row_that_is_there(run: Run) -> None:
    for name in metadata.tables:
        for statement in (
            f"DELETE FROM {name}",
            f"UPDATE {name} SET {next(iter(metadata.tables[name].columns)).name} = 1",
        ):
            with run.register.connect() as connection:
                if connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar():
                    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
                        connection.exec_driver_sql(statement)
