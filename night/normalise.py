"""normalise: what do tonight's rows say, in one form?

Reads what landed and the tables as the night before knew them, and seals the tables as known tonight.
"""

from connectors.store import sealed
from night.may_run import may_run
from night.run import Counts, Run
from transforms.export.records import refs_of
from transforms.normalise import LANDED, MADE, fold


@may_run("normalise")
def normalise(run: Run) -> Counts:
    """Fold what landed since the last night that came this far into the tables as known.

    Reads the tables LANDED, and of the last night those it seals anew: MADE; their columns are in their contracts.
    Counts: `taken`, `ignored`, `overtaken`, `stopped`, `released`, `mentions`, `mentions_changed`, `warnings`,
    `decisions`, `refused`.
    """
    last = run.previous("normalise")
    landed = {table: run.since(last, "land", table) for table in LANDED}
    known = {table: sealed.read(last, "normalise", table) for table in MADE} if last else {}
    people = run.before("link", "person_id")
    ids = people["person_id"].to_pylist() if people is not None else []
    refs = frozenset(ref for one in ids for ref in refs_of(run.site.force_code, str(one)))
    made, counts = fold(landed, known, run.site, run.as_of, refs)
    writer = run.writer("normalise")
    for table, rows in made.items():
        writer.table(table, rows)
    return writer.seal(counts, replaceable=not run.is_published)
