"""A library that cannot write what it was given says what that was; and so does whatever fails over it."""

import pyarrow as pa

from connectors.store import sealed
from night import outcome


def spoil(*stages: str) -> None:
    """In this process nothing of these stages can be written, and nobody can say which stages failed."""
    table, file = sealed.StageWriter.table, sealed.StageWriter.file

    def spoilt_table(writer: sealed.StageWriter, name: str, content: pa.Table) -> None:
        return _fail_over(content.to_pylist()) if writer.stage in stages else table(writer, name, content)

    def spoilt_file(writer: sealed.StageWriter, name: str, content: bytes) -> object:
        return _fail_over(content) if writer.stage in stages else file(writer, name, content)

    sealed.StageWriter.table, sealed.StageWriter.file = spoilt_table, spoilt_file  # type: ignore[method-assign,assignment]
    outcome.failed_stages = lambda run: _fail_over(run.rows("normalise", "mention"))


def _fail_over(held: object) -> None:
    try:
        raise pa.ArrowInvalid(f"Could not convert {held}")
    except pa.ArrowInvalid as error:
        raise KeyError(held) from error
