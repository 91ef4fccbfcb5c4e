"""On a real PostgreSQL: the role of the pipeline reads and adds, and can neither change nor take out a row."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from clvt.command import main
from connectors.register import answers, erasures, locks
from connectors.register.database import LogEntry, log, open_register, verify_chain, writing
from connectors.register.erasures import Erasure
from connectors.register.tables import metadata

pytestmark = pytest.mark.postgres
SCRIPT = Path(__file__).parents[2] / "docker" / "postgres" / "databases.sh"
ADDRESSES = {
    "AIRFLOW_FILE": "postgresql+psycopg2://airflow:a1@postgres:5432/airflow",
    "REGISTER_FILE": "postgresql+psycopg://register:r1@postgres:5432/register",
    "REGISTER_OWNER_FILE": "postgresql+psycopg://register_owner:o1@postgres:5432/register",
}


@pytest.fixture(scope="module")
def server(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> sa.URL:
    """The server after the script that compose runs in an empty volume."""
    url, folder = sa.make_url(postgres), tmp_path_factory.mktemp("secrets")
    for name, address in ADDRESSES.items():
        (folder / name).write_text(address)
    there = {"POSTGRES_USER": str(url.username), "POSTGRES_PASSWORD": str(url.password)}
    where = {"PGHOST": str(url.host), "PGPORT": str(url.port)}
    files = {name: str(folder / name) for name in ADDRESSES}
    done = subprocess.run(
        ["sh", str(SCRIPT)], env=os.environ | files | there | where, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return url


def url_of(server: sa.URL, role: str, password: str) -> str:
    return server.set(username=role, password=password, database="register").render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def roles(server: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sa.Engine, sa.Engine]]:
    """The register as the pipeline opens it, with a row in it, and as its owner does."""
    key_file = tmp_path_factory.mktemp("safe") / "register.key"
    owner_url = url_of(server, "register_owner", "o1")
    pipeline = open_register(url_of(server, "register", "r1"), key_file, owner_url)
    owner = open_register(owner_url, key_file)
    row = {"action": "RATIFY", "mention_key": "intel:47/2022/000911#1", "origin": "screen", "person_id": "P-000000000A"}
    answers.record(pipeline, [row], "A sergeant", datetime(2022, 5, 3, tzinfo=UTC))
    with writing(pipeline) as connection:
        log(connection, [LogEntry("CONSULTATION", "ursula", "clvt child", "P-000000000A")])
    yield pipeline, owner
    pipeline.dispose()
    owner.dispose()


@pytest.mark.parametrize("change", ["DELETE FROM {0}", "UPDATE {0} SET {1} = {1}", "TRUNCATE {0}", "DROP TABLE {0}",
                                    "ALTER TABLE {0} ADD COLUMN more integer"])  # fmt: skip
def test_the_pipeline_s_role_changes_no_table(roles: tuple[sa.Engine, sa.Engine], change: str) -> None:
    for name, table in metadata.tables.items():
        statement = change.format(name, next(iter(table.columns)).name)
        with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"), roles[0].begin() as one:
            one.exec_driver_sql(statement)


def test_it_reads_and_adds(roles: tuple[sa.Engine, sa.Engine]) -> None:
    with writing(roles[0]) as connection:
        log(connection, [LogEntry("COLLECTION", "pipeline")])
    assert verify_chain(roles[0]) >= 3


def test_the_owner_alone_erases(roles: tuple[sa.Engine, sa.Engine]) -> None:
    pipeline, owner = roles
    made = Erasure("E-1", "2022-05-04T00:00:00+00:00", "A records manager", "asked for", "2022-05-04", 0, ())
    with pytest.raises(locks.OwnerNeeded, match="CLVT_REGISTER_OWNER"):
        erasures.redact(pipeline, made, lambda text: "P-000000000A" in text)
    assert erasures.redact(owner, made, lambda text: "P-000000000A" in text) == 3
    assert verify_chain(pipeline) >= 3
    with pipeline.connect() as connection:
        assert not connection.execute(sa.select(answers.decision_made)).all()


def test_a_register_that_the_pipeline_owned_is_given_to_an_owner_of_its_own(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE earlier LOGIN PASSWORD 'e1'")
        connection.exec_driver_sql("CREATE DATABASE earlier OWNER earlier")
    url = sa.make_url(postgres).set(username="earlier", password="e1", database="earlier")
    address = url.render_as_string(hide_password=False)
    earlier = open_register(address, tmp_path / "register.key")
    with writing(earlier) as connection:
        log(connection, [LogEntry("COLLECTION", "pipeline")])
    earlier.dispose()
    names = {"pipeline": "earlier", "owner": "earlier_owner", "password": "o2"}
    there = sa.make_url(postgres).set(database="earlier", drivername="postgresql")
    psql = ["psql", "-v", "ON_ERROR_STOP=1", *(part for name in names for part in ("-v", f"{name}={names[name]}"))]
    script = SCRIPT.parent / "later" / "owner.sql"
    subprocess.run([*psql, there.render_as_string(hide_password=False), "-f", script], check=True, capture_output=True)
    monkeypatch.setenv("CLVT_REGISTER", address)
    monkeypatch.setenv("CLVT_REGISTER_KEY", str(tmp_path / "register.key"))
    owner = url.set(username="earlier_owner", password="o2").render_as_string(hide_password=False)
    monkeypatch.setenv("CLVT_REGISTER_OWNER", owner)
    assert main(["upgrade", "--home", str(tmp_path)]) == 0
    pipeline = open_register(address, tmp_path / "register.key")
    with writing(pipeline) as connection:
        log(connection, [LogEntry("COLLECTION", "pipeline")])
    assert verify_chain(pipeline) == 2
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), pipeline.begin() as connection:
        connection.exec_driver_sql("DELETE FROM processing_log")
    pipeline.dispose()
    admin.dispose()
