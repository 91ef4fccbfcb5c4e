"""How do the register's tables come from an earlier version of the code to today's?

Each step is a file in `versions/`, which Alembic runs in order and in the transaction of whoever opens the register. A
step that has run never changes; a table or column more is a step more. docs/operations.md says how one is made.
"""

from pathlib import Path

import sqlalchemy as sa

FOLDER = Path(__file__).parent
LATEST = max(path.stem for path in (FOLDER / "versions").glob("v*.py"))[1:5]
"""The number of the last step."""


class RegisterNewer(Exception):
    """The register was brought up to date by newer code than this."""


def is_up_to_date(engine: sa.Engine) -> bool:
    """True where every step has run."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == LATEST


def bring_up_to_date(connection: sa.Connection) -> None:
    """Run the steps that have not run yet, in the transaction that is open; RegisterNewer where it is ahead of this."""
    from alembic import command  # nearly every process finds a register that is up to date
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise RegisterNewer(
            "The register was last opened by a newer version of the pipeline. Run that version, or restore the "
            "register from the backup made before the upgrade."
        ) from error
