"""What does `clvt` do with what was typed?

Each command is one function here; a wrong argument or a broken input ends in one sentence and exit 2.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from connectors.paths import Home

Arguments = argparse.Namespace
LONDON = ZoneInfo("Europe/London")


class OneSentence(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong, and exit 2."""
        sys.stderr.write(f"{self.prog}: {message}. See `{self.prog} --help`.\n")
        sys.exit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given) or 0)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from night.night import NightFailed, told

        sys.stderr.write(f"clvt: {told(error)}\n")
        return 1 if isinstance(error, NightFailed) else 2


def replay(given: Arguments) -> None:
    """Run every night of a period on a scenario folder."""
    from clvt.replay import ScenarioError
    from clvt.replay import replay as run_all

    if given.last < given.first:
        raise ScenarioError("--to is before --from: there is no night to run.")
    if given.labels and not given.labels.is_file():
        raise ScenarioError(f"There is no file {given.labels}.")
    done = run_all(_home(given), given.scenario, given.first, given.last, given.labels, given.deliver)
    rate = f", {done.nights / done.seconds:.2f} nights a second" if done.nights else ""
    print(f"{done.nights} nights run, {done.passed_over} done before, {done.seconds:.1f} s{rate}")
    print("  ".join(f"{stage} {seconds:.1f} s" for stage, seconds in done.by_stage.items()))


def nightly(given: Arguments) -> int:
    """Run one night through Airflow."""
    from clvt.nightly import nightly as run_one

    home = given.home
    if given.scenario:
        home = home / "scenarios" / given.scenario.resolve().name
    return run_one(Home(home.resolve()), given.date or datetime.now(LONDON).date(), given.scenario)


def listing(given: Arguments) -> None:
    """Print a view of a night."""
    from clvt.listing import show
    from clvt.views import VIEWS, night_of

    view = VIEWS[given.command]
    show(view.rows(night_of(_home(given), getattr(given, "as_of", None))), view.columns, _format(given))


def profile(given: Arguments) -> None:
    """Print the monthly profile."""
    from clvt.views import figures, night_of
    from transforms.reconcile.profile import demand_text, profile_text

    run = night_of(_home(given), given.as_of)
    found = figures(run)
    if given.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    print("Demand\n\n" + demand_text(found, run.as_of) + "\n\nVictim & Offender Profile\n")
    print("\n\n".join(profile_text(found, run.as_of)) + "\n")
    for title, counts in (("Age", found["ages"]), ("Removed", found["removed_by_reason"])):
        print(f"{title:<20}Children\n" + "".join(f"{name:<20}{count}\n" for name, count in counts.items()))


def audit(given: Arguments) -> int:
    """Print or verify the processing log."""
    from clvt.listing import show
    from clvt.views import AUDIT_COLUMNS, night_of
    from clvt.views import audit as entries
    from connectors.register import ChainBroken, open_register, verify_chain

    home = _home(given)
    if given.verify:
        try:
            print(f"The processing log is whole: {verify_chain(open_register(_register(home)))} entries.")
        except ChainBroken as broken:
            sys.stderr.write(f"{broken}\n")
            return 1
        return 0
    show(entries(night_of(home, None), given.person), AUDIT_COLUMNS, _format(given))
    return 0


def _home(given: Arguments) -> Home:
    return Home(given.home.resolve())


def _register(home: Home) -> str | Path:
    return os.environ.get("CLVT_REGISTER") or home.register


def _format(given: Arguments) -> str:
    return "json" if given.json else str(given.format)


def _parser() -> argparse.ArgumentParser:
    parser = OneSentence(prog="clvt", description="The County Lines Vulnerability Tracker, night by night.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, function: Callable[[Arguments], int | None], about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(run=function)
        made.add_argument("--home", type=Path, default=Path("data"), help="the data home (default: data)")
        return made

    def lists(made: argparse.ArgumentParser, *, dated: bool = True) -> argparse.ArgumentParser:
        if dated:
            made.add_argument("--as-of", type=_day, metavar="D", help="the night (default: the last one)")
        made.add_argument("--json", action="store_true", help="the same as --format json")
        made.add_argument("--format", choices=("csv", "json", "table"), default="table")
        return made

    made = command(
        "nightly", nightly, "run one night through Airflow, on embedded defaults where nothing is configured"
    )
    made.add_argument("--date", type=_day, metavar="D", help="the night (default: today)")
    made.add_argument("--scenario", type=Path, metavar="DIR", help="a folder that holds what a force gives")
    made = command("replay", replay, "run the night of every date in order on a scenario folder, without Airflow")
    made.add_argument("--scenario", type=Path, required=True, metavar="DIR")
    made.add_argument("--from", dest="first", type=_day, required=True, metavar="D1")
    made.add_argument("--to", dest="last", type=_day, required=True, metavar="D2")
    made.add_argument("--labels", type=Path, metavar="FILE", help="answers same-person questions as a perfect reviewer")
    made.add_argument("--deliver", action="store_true", help="deliver to the partners, too")
    lists(command("tracker", listing, "every entry ever on the tracker"))
    lists(command("persons", listing, "every mention, and which person it is"))
    lists(command("reviews", listing, "every question ever asked, and its answer"))
    lists(command("quarantine", listing, "records that stand outside, and why"))
    lists(command("refusals", listing, "decisions without effect, and why"))
    lists(command("profile", profile, "the monthly profile: text and tables, or figures"))
    lists(command("deliveries", listing, "every file that was to leave, and how far it came"), dated=False)
    made = lists(command("audit", audit, "the processing log"), dated=False)
    made.add_argument("--verify", action="store_true", help="prove that nothing in it was changed")
    made.add_argument("--person", metavar="ID", help="one person's entries only")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date of the form 2022-11-23") from None
