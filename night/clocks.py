"""Which duties run on the night shown, with who was told and who has answered?"""

from collections.abc import Collection

from expectations.plain import Row
from night.routes import routes
from night.run import Run
from transforms.reconcile.clocks import Duties, clocks


def clocks_of(run: Run, people: Collection[str] = ()) -> list[Row]:
    """Rows person_id, clock, since, due, state, whom of a published night; of some people only, by person_id."""
    children = [row for row in run.rows("reconcile", "child") if not people or row["person_id"] in people]
    duties = Duties(
        as_of=run.as_of,
        site=run.site,
        child=children,
        person=run.rows("link", "person"),
        missing_episode=run.rows("normalise", "missing_episode"),
        sca_referral=run.rows("normalise", "sca_referral"),
        action=run.rows("reconcile", "action"),
        decision=run.rows("normalise", "decision"),
        refusal=run.rows("reconcile", "refusal"),
        informed=routes(run) if run.folder.is_sealed("export") else [],
    )
    return clocks(duties)
