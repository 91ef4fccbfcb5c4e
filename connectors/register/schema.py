"""Which tables does the register have? All of them together, wherever they are kept."""

from connectors.delivery import full_requests, outbox
from connectors.register import answers, database, history, owner, proof
from connectors.register.tables import metadata

KEPT_IN = (answers, database, full_requests, history, outbox, owner, proof)

__all__ = ["KEPT_IN", "metadata"]
