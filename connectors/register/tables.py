"""Which tables does the register have? Each stands in the module that writes it, and all in this one collection."""

import sqlalchemy as sa

metadata = sa.MetaData()
