"""Which tables does the register have? All of them together, wherever they are kept."""

from connectors.delivery import full_requests, outbox
from connectors.register import answers, database, erasures, handling, history, owner, proof, seals
from connectors.register.tables import metadata

KEPT_IN = (answers, database, erasures, full_requests, handling, history, outbox, owner, proof, seals)

__all__ = ["KEPT_IN", "metadata"]
