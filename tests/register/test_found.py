"""What a night asks of the register is found by an index: after ten years of nights few of the rows are any of its."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.delivery.outbox import receipt_problems
from connectors.register import seals
from connectors.register.database import latest, open_register


@pytest.mark.parametrize(
    "ask",
    [
        lambda register: seals.keep(register, {("2022-03-02", "land"): "1"}),
        lambda register: latest(register, "contract"),
        receipt_problems,
    ],
)
def test_nothing_goes_through_all_rows(tmp_path: Path, ask: Callable[[sa.Engine], object]) -> None:
    register = open_register(tmp_path / "register.sqlite")
    asked: list[tuple[str, object]] = []
    sa.event.listen(register, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    ask(register)
    filtered = [(statement, given) for statement, given in asked if "WHERE" in statement]
    with register.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given).all() for one, given in filtered]
    assert plans
    assert [row[3] for plan in plans for row in plan if row[3].startswith("SCAN")] == []
