"""What can be typed behind `clvt`?

A wrong argument or a broken input ends in one sentence and exit 2.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from clvt import commands as do
from clvt.adopt import QUESTIONS
from connectors.store.private import keep_private

Arguments = argparse.Namespace


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
        keep_private(do.home_of(given))  # whatever a command writes holds children's data, or leads to it
        return int(given.run(given) or 0)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from night.failures import NightFailed, sentence_of

        sys.stderr.write(f"clvt: {sentence_of(error)}\n")
        return 1 if isinstance(error, NightFailed) else 2


def _parser() -> argparse.ArgumentParser:
    parser = OneSentence(prog="clvt", description="The County Lines Vulnerability Tracker, night by night.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Arguments], int | None], about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(run=run)
        which = "the data home, or the code of its force in CLVT_HOMES (default: CLVT_HOME, else data)"
        made.add_argument("--home", default="", help=which)
        return made

    for group in (_nights, _views, _linkage, _people, _keeping, _homes):
        group(add)
    return parser


Add = Callable[[str, Callable[[Arguments], int | None], str], argparse.ArgumentParser]


def _lists(made: argparse.ArgumentParser, *, dated: bool = True) -> argparse.ArgumentParser:
    if dated:
        made.add_argument("--as-of", type=_day, metavar="D", help="the night (default: the last one)")
    made.add_argument("--json", action="store_true", help="the same as --format json")
    made.add_argument("--format", choices=("csv", "json", "table"), default="table")
    return made


def _nights(add: Add) -> None:
    """What runs nights."""
    made = add("nightly", do.nightly, "run one night through Airflow, on embedded defaults where nothing is configured")
    made.add_argument("--date", type=_day, metavar="D", help="the night (default: today)")
    made.add_argument("--scenario", type=Path, metavar="DIR", help="a folder that holds what a force gives")
    made = add("replay", do.replay, "run the night of every date in order on a scenario folder, without Airflow")
    made.add_argument("--scenario", type=Path, required=True, metavar="DIR")
    made.add_argument("--from", dest="first", type=_day, required=True, metavar="D1")
    made.add_argument("--to", dest="last", type=_day, required=True, metavar="D2")
    made.add_argument("--labels", type=Path, metavar="FILE", help="answers same-person questions as a perfect reviewer")
    made.add_argument("--deliver", action="store_true", help="deliver to the partners, too")
    made.add_argument("--stand-in", action="store_true", help="with --deliver: start stand-in partners where none are")


def _views(add: Add) -> None:
    """What a night says."""
    _lists(add("tracker", do.listing, "every entry ever on the tracker"))
    _lists(add("persons", do.listing, "every mention, and which person it is"))
    made = _lists(add("find", do.find, "everybody ever recorded under a name, date, telephone, postcode or reference"))
    made.add_argument("text")
    made = add("child", do.child, "everything of one person: records, decisions, questions, disclosures")
    made.add_argument("person", help="a person id or a tracker id")
    made.add_argument("--as-of", type=_day, metavar="D", help="the night (default: the last one)")
    made.add_argument("--json", action="store_true", help="for a program")
    _lists(add("reviews", do.listing, "every question ever asked, and its answer"))
    _lists(add("quarantine", do.listing, "records that stand outside, and why"))
    _lists(add("clocks", do.listing, "duties towards each child: running, due today, overdue"))
    _lists(add("routes", do.listing, "every authority and force that has to hear of each child, and whether it has"))
    _lists(add("refusals", do.listing, "decisions without effect, and why"))
    made = _lists(add("expectations", do.expectations, "every rule that the gate asks, and how it ended last"))
    made.add_argument("table", nargs="?", help="of this table only")
    made.add_argument("--suite", action="store_true", help="as a Great Expectations suite, in its own form")
    _lists(add("notices", do.listing, "every correction notice, and when it was sent and acknowledged"))
    _lists(add("profile", do.profile, "the monthly profile: text and tables, or figures"))
    _lists(add("deliveries", do.listing, "every file that was to leave, and how far it came"), dated=False)
    made = _lists(add("audit", do.audit, "the processing log"), dated=False)
    made.add_argument("--verify", action="store_true", help="prove that nothing in it was changed")
    made.add_argument("--person", metavar="ID", help="one person's entries only")


def _linkage(add: Add) -> None:
    """Who is who."""
    made = add("link", do.link, "linkage alone, on a CSV or Parquet of mentions")
    made.add_argument("mentions", type=Path)
    made.add_argument("--out", type=Path, required=True, metavar="FILE")
    made.add_argument("--pairs", type=Path, metavar="FILE")
    made.add_argument("--as-of", type=_day, metavar="D", help="the day that stated ages count from")
    made = _lists(add("explain", do.explain, "why two mentions are, or are not, one person"))
    made.add_argument("key")
    made.add_argument("other_key")
    made = add("rebuild", do.rebuild, "make the tracker again from landed data and decisions, and compare")
    made.add_argument("--as-of", type=_day, metavar="D")


def _people(add: Add) -> None:
    """What people hand in, or are handed."""
    made = add("answers", do.answers, "take in a worklist that came back")
    made.add_argument("file", type=Path)
    made.add_argument("--by", metavar="NAME", help="for whom you hand it in; your own login is kept beside the name")
    made = add("pack", do.pack, "the next meeting's pack as PDF, on any day")
    made.add_argument("--as-of", type=_day, metavar="D")
    made.add_argument("--out", type=Path, default=Path("meeting_pack.pdf"), metavar="FILE")
    made = add("access", do.access, "what is held of a person and who was told: the draft answer to a request")
    made.add_argument("person", help="a person id or a tracker id")
    made.add_argument("--as-of", type=_day, metavar="D")
    made.add_argument("--out", type=Path, default=Path("request_for_access.html"), metavar="FILE")
    made.add_argument("--by", metavar="NAME", help="for whom you look; your own login is kept beside the name")
    for name, about in (("resend", "send one file once more"), ("withdraw", "take one file back")):
        made = add(name, do.recall, about)
        made.add_argument("recipient")
        made.add_argument("file")
        made.add_argument("--as-of", type=_day, metavar="D", help="the night of the file (default: the last one)")
        made.add_argument("--reason", required=True, help="kept in the register: without anybody's name")
        made.add_argument("--by", metavar="NAME", help="who decided; your own login is kept beside the name")


def _keeping(add: Add) -> None:
    """What is kept, sent and let go of."""
    add("upgrade", do.upgrade, "make or upgrade the register's tables, as their owner (CLVT_REGISTER_OWNER)")
    made = _lists(add("retain", do.retain, "who is due for review, and what old nights keep"))
    made.add_argument("--carry-out", action="store_true", help="let go of what the site's settings do not keep")
    made = add("erase", do.erase, "take a person out of every night, file and row that is kept, for good")
    made.add_argument("person", help="a person id or a tracker id")
    made.add_argument("--reason", required=True, help="kept in the processing log: without the person's name")
    made.add_argument("--by", metavar="NAME", help="who decided; your own login is kept beside the name")
    made = add("plain", do.plain, "another person has seen that a recipient's files go unencrypted")
    made.add_argument("recipient")
    made.add_argument("--reason", required=True)
    made = add("full", do.full, "a recipient found a DELTA missing: send everything again")
    made.add_argument("recipient")
    made.add_argument("--reason", required=True)


def _homes(add: Add) -> None:
    """What a force begins with, and how it is."""
    made = add("synth", do.synth, "invent a force in the places of the home's site, with the truth beside it")
    made.add_argument("out", type=_new_folder, help="the folder to make")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--children", type=int, default=19, help="on the tracker at some time (default: 19)")
    made.add_argument("--from", dest="first", type=_day, default=date(2021, 4, 1), metavar="D1")
    made.add_argument("--to", dest="last", type=_day, default=date(2022, 11, 22), metavar="D2")
    made = add("adopt", do.adopt, "set up a force: its site file and recipients, for people to edit")
    for one in QUESTIONS:
        made.add_argument(f"--{one.name}", action="append", help=one.asks)
    _lists(add("status", do.status, "is everything well? exit 1 where it is not: for a monitor"), dated=False)
    _lists(add("rehearse", do.rehearse, "a whole night but for its delivery, and what would leave, by recipient"))
    add("check", do.check, "site, partners and contracts; every connection, without sending anything")


def _new_folder(text: str) -> Path:
    if Path(text).exists():
        raise argparse.ArgumentTypeError(f"{text} is there already: name a folder that is not, it is made")
    return Path(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date of the form 2022-11-23") from None
