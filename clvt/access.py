"""What can be answered to a person who asks what is held of them, and who had it?"""

from clvt.views import audit
from connectors.register.database import LogEntry, log, writing
from night.person import NobodyOfThatId, ids_of
from night.run import Run
from transforms.export.access import Person, answer


def draft(run: Run, person: str, by: str) -> bytes:
    """The draft answer as a page, for a person or tracker id, else NobodyOfThatId; that somebody looked is logged."""
    ids = ids_of(run, person)
    keys = {row["mention_key"] for row in run.rows("link", "person") if row["person_id"] in ids}
    mentions = [row for row in run.rows("normalise", "mention") if row["mention_key"] in keys]
    if not mentions:
        raise NobodyOfThatId(
            f"No record names {person}: give a person id or a tracker id, as `clvt tracker` lists them."
        )
    found = Person(
        ids[0],
        mentions,
        [row for row in run.rows("reconcile", "spell") if row["person_id"] in ids],
        [row for row in audit(run, person) if row["operation"] == "DISCLOSURE"],
    )
    looked = LogEntry("CONSULTATION", by, "request for access", ids[0], run=run.as_of.isoformat())
    with writing(run.register) as connection:
        log(connection, [looked])
    return answer(found, run.contracts(), run.site, run.as_of)
