"""Which tables does the register have? Each stands in the module that writes it, and all in this one collection."""

from importlib import import_module

import sqlalchemy as sa

metadata = sa.MetaData()


def every_table() -> sa.MetaData:
    """The tables of all modules; `metadata` has those alone that the process has imported so far."""
    import_module("connectors.register.schema")
    return metadata
