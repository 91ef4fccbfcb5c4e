"""link: who is who tonight.

Reads the mentions and decisions as known tonight and what the night before made of its own, and seals the people, their
ids, what was merged or split, and the pairs that a person has to decide. Beside what it seals it keeps an index, so
that the next night reads only what is new.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

import pyarrow as pa

from connectors.store import sealed, segments
from connectors.store.paths import RunFolder
from expectations.contracts import contract
from expectations.plain import where
from night.engine import engine
from night.foresight import facts_of, without
from night.may_run import may_run
from night.run import Counts, Run
from transforms import link as linkage
from transforms.link import NOTHING, Earlier, Linked, Segment, link_night
from transforms.link.model.engine import Engine, once
from transforms.normalise.names import NICKNAMES
from transforms.reconcile.consequences import BY_LABELS, NEEDS_CONFIRMATION, held
from transforms.refused import Refused

MADE_BEFORE = {"normalise": ("decision",), "link": ("person", "person_id", "same_person_question")}


@may_run("link")
def link(run: Run) -> Counts:
    """Write who is who; only what is new since the night before is compared.

    Reads `mention` and `decision`, seals `person`, `person_id`, `person_event`, `same_person_question` and `refusal`;
    their columns are in their contracts. EngineError where the engine that is asked for is none.
    """
    night = run.previous("link")
    mention, decision, earlier = run.read("normalise", "mention"), run.read("normalise", "decision"), _earlier(night)
    kept = segments.opened(run.home, night, version()) if night else {}
    before = {one: Segment.of(table) for one, table in kept.items()}
    compare = once(engine())
    waiting = held_links(run, mention, decision, earlier, compare)
    decision = without(decision, waiting)
    made, after = link_night(mention, decision, run.as_of, earlier, list(before.values()), compare)
    counts = _seal(run, made, waiting)
    carried = [one for one, segment in before.items() if any(segment is other for other in after)]
    segments.keep(run.home, run.folder, version(), carried, [segment.table() for segment in after[len(carried) :]])
    return counts


@cache
def version() -> str:
    """By what an index was made: a change of linkage's code or data, of nicknames or of DuckDB's hash makes it another.

    Code counts without its comments and layout.
    """
    import duckdb

    files = sorted(Path(linkage.__file__).parent.rglob("*"))
    code = [ast.dump(ast.parse(path.read_text(encoding="utf-8"))) for path in files if path.suffix == ".py"]
    data = [path.read_text(encoding="utf-8") for path in (*files, Path(NICKNAMES)) if path.suffix in (".json", ".csv")]
    return hashlib.sha256("\0".join([duckdb.__version__, *code, *data]).encode()).hexdigest()


def held_links(run: Run, mention: pa.Table, decision: pa.Table, earlier: Earlier, compare: Engine) -> dict[str, str]:
    """The consequence of each link that waits for a person's confirmation, by decision_id.

    It is foreseen on the people that the night before left, as whoever decided saw them; on the first night, on those
    that there would be without any link.
    """
    links = [row for row in run.rows("normalise", "decision") if row["action"] == "LINK" and row["origin"] != BY_LABELS]
    if not links:
        return {}
    person = earlier.person
    if not person.num_rows:
        others = without(decision, [row["decision_id"] for row in links])
        person = linkage.link(mention, others, run.as_of, engine=compare).person
    return held(facts_of(run, mention, person, decision, run.published_before("reconcile", "child")), ["LINK"])


def _seal(run: Run, made: Linked, waiting: dict[str, str]) -> Counts:
    writer = run.writer("link")
    for name, table in made.__dict__.items():
        writer.table(name, table)
    decisions = [row for row in run.rows("normalise", "decision") if row["decision_id"] in waiting]
    rows = [Refused(row, NEEDS_CONFIRMATION, waiting[row["decision_id"]]).row(run.as_of) for row in decisions]
    writer.table("refusal", pa.concat_tables([made.refusal, contract("refusal").table_of(rows)]))
    counts = {
        "mentions": made.person.num_rows,
        "persons": len(made.person["person_id"].unique()),
        "merged_or_split": made.person_event.num_rows,
        "questions": made.same_person_question.num_rows,
        "refused_decisions": made.refusal.num_rows,
    }
    return writer.seal(counts, replaceable=not run.is_published)


def _earlier(night: RunFolder | None) -> Earlier:
    """What the last night that linked knew and made; nothing on the first night."""
    if night is None:
        return NOTHING
    made = {name: sealed.read(night, stage, name) for stage, names in MADE_BEFORE.items() for name in names}
    held = where(sealed.read(night, "link", "refusal"), "reason_code", [NEEDS_CONFIRMATION])
    return Earlier(**made | {"decision": without(made["decision"], held["decision_id"])})
