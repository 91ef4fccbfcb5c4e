"""Is this home, with its site, its register and its source, one force's own?

The first night writes the force's code into the home and into the register. From then on nothing of another force comes
near them: children of two forces in one home would be taken for one another.
"""

from collections import Counter
from collections.abc import Iterable

from connectors.register import history
from connectors.register.owner import claim, owner
from connectors.store.forces import force_of
from expectations.plain import Row
from night.failures import MayNotRun
from night.run import Run

FEWEST_REPORTS = 10  # of fewer, nothing is concluded: a night may bring nothing but a report that another force owns
MOST = 0.5


class NotOurs(Exception):
    """A source of another force; the sentence says what belongs to whom. Nothing was taken in."""


def expect_home_of_site(run: Run) -> None:
    """MayNotRun where the home belongs to another force than its site file or the list of homes names."""
    listed = force_of(run.home)
    if listed.refusal:
        raise MayNotRun(listed.refusal)
    if listed.name not in ("", run.site.force_code):
        raise MayNotRun(
            f"The list of homes has {run.home.root} for force {listed.name}, but its site file names force "
            f"{_ours(run)}. Nothing was changed: correct the list, or force_code in site.yml."
        )
    written = run.home.force_code()
    if written not in (None, run.site.force_code):
        raise MayNotRun(
            f"The home {run.home.root} belongs to force {written}, but its site file names force {_ours(run)}. Nothing "
            "was changed: correct force_code in site.yml, or use that force's own home."
        )


def expect_register_of_site(run: Run) -> None:
    """MayNotRun where the register belongs to another force than the site file names, or to another home."""
    registered = owner(run.register)
    if registered not in (None, run.site.force_code):
        raise MayNotRun(
            f"The register belongs to force {registered}, but this home to force {_ours(run)}. Nothing was changed: "
            "correct CLVT_REGISTER."
        )
    if registered and run.named_register != run.home.register and not _knows_the_home(run):
        raise MayNotRun(
            f"The register that CLVT_REGISTER names knows no night of {run.home.root}, but those of another home. "
            "Nothing was changed: to try something out, unset CLVT_REGISTER; put a home that was lost back from its "
            "copy."
        )


def _knows_the_home(run: Run) -> bool:
    last = run.home.last_published()
    if last is None:
        return run.home.force_code() is not None  # its first nights failed
    return bool(history.of_nights(run.register, last.isoformat(), last.isoformat()))


def expect_source_of_site(run: Run, reports: Iterable[Row]) -> None:
    """NotOurs where most of the new reports are another force's."""
    source = force_of(run.home).connection("intelligence_db")
    by_force = Counter(str(row["source_force"]) for row in reports if row.get("source_force"))
    for code, count in by_force.most_common(1):
        if code != run.site.force_code and count >= FEWEST_REPORTS and count > MOST * by_force.total():
            raise NotOurs(
                f"Connection {source}: {count} of {by_force.total()} new reports are of force {code}, but this "
                f"home belongs to force {_ours(run)}. Nothing was taken in: correct the connection, or use that "
                "force's own home."
            )


def _ours(run: Run) -> str:
    return f"{run.site.force_code} ({run.site.force_name})"


def write_down(run: Run) -> None:
    """Keep in the home and in the register which force they belong to."""
    run.home.write_force_code(run.site.force_code)  # first: a home without it has no night in any register
    claim(run.register, run.site.force_code)
