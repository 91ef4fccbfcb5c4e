"""A register of any earlier version comes to today's tables, and keeps what it holds."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from connectors.register import migrations
from connectors.register.database import LogEntry, log, open_register, verify_chain, writing
from connectors.register.migrations import LATEST, RegisterNewer
from connectors.register.schema import metadata


def columns(engine: sa.Engine) -> dict[str, list[str]]:
    found = sa.inspect(engine)
    return {table: [column["name"] for column in found.get_columns(table)] for table in found.get_table_names()}


def test_the_steps_make_the_tables_that_the_code_has_and_no_other(register: sa.Engine) -> None:
    with register.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_register_of_before_the_steps_goes_on_with_what_it_holds(url: str) -> None:
    before = sa.create_engine(url)
    kept = [table for table in metadata.sorted_tables if table.name not in ("row_proof", "full_request")]
    metadata.create_all(before, tables=kept)
    with writing(before) as connection:
        connection.execute(
            metadata.tables["stage_run"].insert(),
            {"run": "2022-03-02", "stage": "pull", "ended_at": "", "seconds": 1.0, "counts": "{}", "failure": ""},
        )
    before.dispose()
    register = open_register(url)
    assert {"row_proof", "full_request"} <= set(columns(register))
    with writing(register) as connection:
        log(connection, [LogEntry("COLLECTION", "pipeline", record_ref="landed_report:31/2022/000001")])
        assert connection.execute(sa.select(metadata.tables["stage_run"].c.stage)).scalars().all() == ["pull"]
    assert verify_chain(register) == 1
    with register.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_register_that_is_up_to_date_takes_no_step(register: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert migrations.is_up_to_date(register)
    monkeypatch.setattr("alembic.command.upgrade", lambda *_: pytest.fail("a step was taken"))
    open_register(register.url.render_as_string(hide_password=False)).dispose()


def test_a_register_that_newer_code_opened_is_left_alone(register: sa.Engine) -> None:
    with register.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RegisterNewer, match="newer version of the pipeline"):
        open_register(register.url.render_as_string(hide_password=False))
    with register.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_the_last_step_is_the_one_that_alembic_calls_its_head() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [LATEST]
