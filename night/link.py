"""link: who is who tonight.

Reads the mentions and decisions as known tonight and what the night before made of its own, and seals the people, their
ids, what was merged or split, and the pairs that a person has to decide.
"""

from connectors import sealed
from night.engine import engine
from night.run import Counts, Run
from transforms.link import NOTHING, Earlier
from transforms.link import link as linked

MADE_BEFORE = {"normalise": ("mention", "decision"), "link": ("person", "person_id", "pair", "same_person_question")}


def link(run: Run) -> Counts:
    """Write who is who; only what is new since the night before is compared."""
    mention = run.read("normalise", "mention")
    made = linked(mention, run.read("normalise", "decision"), run.as_of, _earlier(run), engine())
    writer = run.writer("link")
    for name, table in made.__dict__.items():
        writer.table(name, table)
    counts = {
        "mentions": mention.num_rows,
        "persons": len(set(made.person["person_id"].to_pylist())),
        "merged_or_split": made.person_event.num_rows,
        "questions": made.same_person_question.num_rows,
        "refused_decisions": made.refusal.num_rows,
    }
    return writer.seal(counts, replaceable=not run.is_published)


def _earlier(run: Run) -> Earlier:
    """What the last night that linked knew and made; nothing on the first night."""
    night = run.previous("link")
    if night is None:
        return NOTHING
    return Earlier(**{name: sealed.read(night, stage, name) for stage, names in MADE_BEFORE.items() for name in names})
