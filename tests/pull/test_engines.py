"""pull: the types that each engine has for a text, a day, a moment and a number; each of them running, or its SQL."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, oracle

from connectors.endpoints import Endpoint
from connectors.sources import intelligence
from connectors.sources.database import SNAPSHOT, SourceDown, SourceError, snapshot
from connectors.sources.intelligence import Earlier, Sought, Wanted
from night.pull import source_columns
from tests.mariadb import cluster as mariadb
from tests.postgres import cluster as postgres
from tests.pull.force import LINE, REPORT, SUBJECT

WANTED = Wanted(
    "COUNTY LINES", ("OFFICIAL", "OFFICIAL-SENSITIVE"), datetime(2022, 3, 2, tzinfo=UTC), timezone="Europe/London"
)
NUMBERS, DAYS, MOMENTS = ("version", "subject_no"), ("intelligence_date", "date_of_birth"), ("created_at", "updated_at")
TYPED = {  # the type of numbers, days, moments, padded codes and all other columns
    "postgresql": ("NUMERIC(10,2)", "DATE", "TIMESTAMPTZ", "CHAR(24)", "VARCHAR(200)"),
    "postgresql, local time": ("BIGINT", "TIMESTAMP", "TIMESTAMP", "CHAR(24)", "TEXT"),
    "mariadb": ("DECIMAL(10,2)", "DATE", "DATETIME(6)", "CHAR(24)", "VARCHAR(200)"),
    "mariadb, binary": ("INTEGER", "DATETIME", "DATETIME", "CHAR(24)", "VARBINARY(200)"),
}
PADDED = ("report_ref", "status", "protective_marking", "flags", "grade", "role")


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    with postgres() as one, mariadb() as other:
        yield {"postgresql": one, "mariadb": other}


@pytest.fixture(params=TYPED)
def source(request: pytest.FixtureRequest, servers: dict[str, str]) -> Iterator[tuple[sa.Engine, Endpoint]]:
    """The source's tables with one engine's types, holding one report, and the connection to them."""
    kind = request.param.split(",")[0]
    url = sa.make_url(servers[kind])
    engine = sa.create_engine(url)
    number, day, moment, padded, other = TYPED[request.param]
    with engine.begin() as connection:
        rows = {"intelligence_report": REPORT, "report_subject": SUBJECT, "county_line": LINE}
        for name, columns in source_columns().items():
            kinds = dict.fromkeys(columns, other) | dict.fromkeys(set(columns) & set(PADDED), padded)
            kinds |= dict.fromkeys(set(columns) & set(NUMBERS), number) | dict.fromkeys(set(columns) & set(DAYS), day)
            kinds |= dict.fromkeys(set(columns) & set(MOMENTS), moment)
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
            connection.exec_driver_sql(f"CREATE TABLE {name} ({', '.join(f'{c} {k}' for c, k in kinds.items())})")
            row: dict[str, Any] = dict(rows[name])
            row |= {c: datetime.fromisoformat(row[c]).replace(tzinfo=None) for c in MOMENTS if c in row}
            connection.execute(sa.table(name, *map(sa.column, row)).insert(), row)
    login = (url.host or "", url.port, url.username or "", str(url.password or ""), url.database or "")
    yield engine, Endpoint("intelligence_db", {"postgresql": "postgres", "mariadb": "mysql"}[kind], *login)
    engine.dispose()


@pytest.mark.postgres
def test_every_type_that_an_engine_has_becomes_the_text_that_is_agreed(source: tuple[sa.Engine, Endpoint]) -> None:
    found = intelligence.read(source[1], WANTED, Earlier(), source_columns())
    (report,), (subject,) = found.reports, found.subjects
    assert (report["report_ref"], report["version"]) == (REPORT["report_ref"], "1")
    assert (subject["subject_no"], subject["surname"]) == ("1", "Canarywharf")
    assert report["intelligence_date"][:10] == "2022-03-01"
    assert subject["date_of_birth"][:10] == "2008-05-05"
    assert intelligence.stamp(report["updated_at"], "UTC") == datetime(2022, 3, 1, 10, tzinfo=UTC)
    assert found.refused == []
    again = Earlier(found.landed)
    assert intelligence.read(source[1], WANTED, again, source_columns()).reports == []


@pytest.mark.postgres
def test_what_changed_of_a_report_landed_before_is_read_again(source: tuple[sa.Engine, Endpoint]) -> None:
    first = intelligence.read(source[1], WANTED, Earlier(), source_columns())
    with source[0].begin() as connection:
        person = sa.table("report_subject", *map(sa.column, (*SUBJECT,)))
        connection.execute(person.insert(), {**SUBJECT, "subject_no": 2, "given_names": "Ash"})
    second = intelligence.read(source[1], WANTED, Earlier(first.landed), source_columns())
    assert sorted(row["given_names"] for row in second.subjects) == ["Ash", "Robin"]
    with source[0].begin() as connection:
        moments = {name: datetime.fromisoformat(REPORT[name]).replace(tzinfo=None) for name in MOMENTS}
        report = sa.table("intelligence_report", *map(sa.column, (*REPORT,)))
        connection.execute(report.insert(), {**REPORT, **moments, "version": 2, "flags": "MISSING"})
    landed = Earlier(first.landed | second.landed)
    assert [row["version"] for row in intelligence.read(source[1], WANTED, landed, source_columns()).reports] == ["2"]
    with source[0].begin() as connection:
        connection.exec_driver_sql("DELETE FROM intelligence_report")
    accepted = replace(WANTED, may_shrink=True)
    gone = intelligence.read(source[1], accepted, landed, source_columns())
    assert {one.code for one in gone.refused} == {"KEY_VANISHED"}


@pytest.mark.postgres
def test_a_value_that_no_type_can_hold_costs_that_value(source: tuple[sa.Engine, Endpoint]) -> None:
    odd = {"postgresql": "'infinity'", "mariadb": "'0000-00-00'"}[source[0].dialect.name]
    with source[0].begin() as connection:
        if source[0].dialect.name == "mariadb":
            connection.exec_driver_sql("SET sql_mode = ''")
        connection.exec_driver_sql(f"UPDATE report_subject SET date_of_birth = {odd}")
    (subject,) = intelligence.read(source[1], WANTED, Earlier(), source_columns()).subjects
    assert subject["surname"] == "Canarywharf"


@pytest.mark.postgres
def test_bytes_that_are_no_text_cost_that_value(source: tuple[sa.Engine, Endpoint]) -> None:
    kind = "BYTEA" if source[0].dialect.name == "postgresql" else "BLOB"
    with source[0].begin() as connection:
        connection.exec_driver_sql("ALTER TABLE report_subject DROP COLUMN surname")
        connection.exec_driver_sql(f"ALTER TABLE report_subject ADD COLUMN surname {kind}")
        connection.execute(sa.text("UPDATE report_subject SET surname = :bytes"), {"bytes": b"M\xf6nch"})
    found = intelligence.read(source[1], WANTED, Earlier(), source_columns())
    assert found.subjects[0]["surname"] is None
    assert [(one.code, one.detail) for one in found.refused] == [("VALUE_NOT_UTF8", "Column surname.")]


@pytest.mark.postgres
def test_what_is_asked_can_change_nothing_and_sees_one_state(source: tuple[sa.Engine, Endpoint]) -> None:
    count = sa.select(sa.func.count()).select_from(sa.table("report_subject"))
    with snapshot(source[1]) as connection:
        before = connection.scalar(count)
        with source[0].begin() as other:
            other.exec_driver_sql("INSERT INTO report_subject (report_ref) VALUES ('31/2022/000002')")
        assert connection.scalar(count) == before
    with pytest.raises(SourceError), snapshot(source[1]) as connection:
        connection.exec_driver_sql("DELETE FROM report_subject")


@pytest.mark.postgres
def test_a_source_that_answers_too_late_or_not_at_all_is_given_up_and_asked_again_later(
    servers: dict[str, str],
) -> None:
    url = sa.make_url(servers["postgresql"])
    login = (url.host or "", url.port, url.username or "", str(url.password or ""), url.database or "")
    began = time.monotonic()
    slow = Endpoint("intelligence_db", "postgres", *login, extra={"answer_seconds": 1})
    with pytest.raises(SourceDown, match="does not answer, or not in time"), snapshot(slow) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = Endpoint("intelligence_db", "postgres", "127.0.0.1", silent.getsockname()[1], "u", "p", "intel")
        with pytest.raises(SourceDown), snapshot(replace(nobody, extra={"connect_seconds": 2})):
            pass
    assert time.monotonic() - began < 30


@pytest.mark.postgres
def test_text_of_a_database_without_an_encoding_costs_the_value_that_is_none(servers: dict[str, str]) -> None:
    url = sa.make_url(servers["postgresql"])
    with sa.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0")
    engine = sa.create_engine(url.set(database="bytes"), connect_args={"client_encoding": "utf8"})
    with engine.begin() as connection:
        for name, columns in source_columns().items():
            connection.exec_driver_sql(f"CREATE TABLE {name} ({', '.join(f'{one} TEXT' for one in columns)})")
        for name, row in (("intelligence_report", REPORT), ("report_subject", SUBJECT)):
            connection.execute(sa.table(name, *map(sa.column, row)).insert(), row)
        connection.exec_driver_sql("UPDATE report_subject SET surname = convert_from('\\x4dfc', 'SQL_ASCII')")
    engine.dispose()
    login = (url.host or "", url.port, url.username or "", str(url.password or ""), "bytes")
    found = intelligence.read(Endpoint("intelligence_db", "postgres", *login), WANTED, Earlier(), source_columns())
    assert [row["surname"] for row in found.subjects] == [None]
    assert [one.code for one in found.refused] == ["VALUE_NOT_UTF8"]


@pytest.mark.parametrize(("dialect", "name"), [(oracle.dialect(), "oracle"), (mssql.dialect(), "mssql")])
def test_what_other_engines_are_asked_is_of_their_own_sql(dialect: sa.Dialect, name: str) -> None:
    report = sa.table("intelligence_report", *map(sa.column, source_columns()["intelligence_report"]))
    asked = Sought(report, WANTED, name, is_text=False)
    ended = sa.select(report.c.report_ref).where(asked.is_ended())
    for query in (asked.flagged(False, []), asked.flagged(True, ["31/2022/000001"]), asked.not_flagged(), ended):
        text = str(query.compile(dialect=dialect))
        assert "lower(intelligence_report.flags)" in text
        assert "ILIKE" not in text
    assert SNAPSHOT[name]
