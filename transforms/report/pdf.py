"""How does the meeting pack come onto paper where there is only Python?

The pack as PDF, set in DejaVu Sans, which comes with the project (Latin, Greek and Cyrillic). A word in another script
is written in Latin letters in square brackets; the HTML pack has the spelling itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from itertools import chain, zip_longest
from textwrap import wrap

from anyascii import anyascii
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from transforms.report import wording
from transforms.report.pack import FOR_WHOM, Pack, child_line, child_name

MARKING = "OFFICIAL-SENSITIVE"
FONT = "DejaVu"
LINE, PADDING = 4, 0.5  # mm, of a table
WORD = re.compile(r"\s*\S+")
LONGEST = 1000  # letters of a table's cell: in the narrowest column of words they fill a page


class _Paper(FPDF):
    """A4 pages with the marking at the top and the bottom, and the page's number."""

    def __init__(self, made: Pack) -> None:
        super().__init__()
        self._measured: dict[tuple[str, str, float], float] = {}
        fonts = files("transforms.report").joinpath("fonts")
        self.add_font(FONT, "", str(fonts / "DejaVuSans.ttf"))
        self.add_font(FONT, "B", str(fonts / "DejaVuSans-Bold.ttf"))
        font = self.fonts[FONT.lower()]
        has = font.cmap if isinstance(font, TTFFont) else {}
        self.foreign = re.compile(f"[^{re.escape(''.join(map(chr, has)))}\\s]+")
        self.set_title(f"County Lines meeting pack, {wording.weekday(made.meeting)}")
        self.set_lang("en-GB")
        self.set_creation_date(datetime(made.as_of.year, made.as_of.month, made.as_of.day, tzinfo=UTC))
        self.set_margins(16, 16)
        self.set_auto_page_break(True, 18)
        self.add_page()

    def header(self) -> None:
        """The marking, on top of every page."""
        self._out("/Artifact BMC")
        self._mark(6)
        self._out("EMC")
        self.set_y(16)

    def footer(self) -> None:
        """The marking and the page's number, below every page."""
        self._out("/Artifact BMC")
        self._mark(-12)
        self.set_y(-12)
        self.set_font(FONT, size=8)
        self.cell(0, 6, f"{self.page_no()}", align="R")
        self._out("EMC")

    def _mark(self, y: float) -> None:
        self.set_y(y)
        self.set_font(FONT, "B", 9)
        self.cell(0, 6, MARKING, align="C")

    def shown(self, text: str) -> str:
        """Text in characters that the font has."""
        return self.foreign.sub(lambda word: f"[{anyascii(word[0]) or '?'}]", wording.visible(text))

    def heading(self, text: str, size: int = 13) -> None:
        """A heading that keeps some text below it on the page."""
        if self.will_page_break(24):
            self.add_page()
        self.ln(size / 5)
        self.write_line(text, size, "B", kind="H2" if size > 10 else "H3")
        self.ln(1)

    def write_line(self, text: str, size: int = 9, style: str = "", indent: float = 0, kind: str = "P") -> None:
        """A paragraph, or what else of the structure it is, whole on one page."""
        self.set_font(FONT, style, size)
        high, lines = size * 0.5, self._lines(text, self.epw - indent)
        self._keep_together(high * len(lines))
        with self.tagged(kind):
            self._set(lines, self.l_margin + indent, self.epw - indent, high)

    def _set(self, lines: Iterable[str], x: float, width: float, high: float) -> None:
        """Lines below each other, from where the page has come to."""
        for line in lines:
            self.set_x(x)
            self.cell(width, high, line, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)

    def _lines(self, text: str, width: float) -> list[str]:
        """The lines in which a text is set, as fpdf2 would break them: it measures a line anew for each of its letters.

        A word that is wider than a line is broken where the line ends.
        """
        room = width - 2 * self.c_margin
        lines, filled = [""], 0.0
        for word in chain.from_iterable(self._that_fit(one, room) for one in WORD.findall(self.shown(text))):
            if lines[-1] and filled + self._wide(word) > room:
                word, filled = word.lstrip(), 0.0
                lines.append("")
            lines[-1] += word
            filled += self._wide(word)
        return lines

    def _that_fit(self, word: str, room: float) -> Iterator[str]:
        """A word as one, or as several."""
        while self._wide(word) > room:
            end = next(end for end in range(2, len(word) + 1) if self._wide(word[:end]) > room) - 1
            yield word[:end]
            word = word[end:]
        yield word

    def _wide(self, text: str) -> float:
        asked = (text, self.font_style, self.font_size_pt)
        if asked not in self._measured:
            self._measured[asked] = self.get_string_width(text)
        return self._measured[asked]

    def _keep_together(self, height: float) -> None:
        if self.will_page_break(height):
            self.add_page()

    @contextmanager
    def tagged(self, kind: str) -> Iterator[None]:
        """What is drawn is a part of the document's structure, for who has it read aloud (ISO 32000-1, 14.7)."""
        mcid = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{kind}", mcid=mcid)
        self._out(f"/{kind} <</MCID {mcid}>> BDC")
        yield
        self._out("EMC")

    def points(self, lines: Iterable[str]) -> None:
        """A list."""
        for line in lines:
            self.write_line(f"• {line}", 8, indent=3, kind="LI")

    def grid(self, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], shares: tuple[int, ...]) -> None:
        """A table whose head is repeated on every page; `shares` are widths in percent of the page."""
        widths = [self.epw * share / 100 for share in shares]
        self._row(head, widths, "TH")
        for row in (part for whole in rows for part in _parts(whole)):
            if self.will_page_break(self._height(row, widths)):
                self.add_page()
                self._row(head, widths, "TH")
            self._row(row, widths, "TD")

    def _row(self, row: Sequence[str], widths: Sequence[float], kind: str) -> None:
        self.set_font(FONT, "B" if kind == "TH" else "", 8)
        height = self._height(row, widths)
        self._keep_together(height)
        x, y = self.l_margin, self.y
        for text, width in zip(row, widths, strict=True):
            self.set_y(y + PADDING)
            with self.tagged(kind):
                self._set(self._lines(text, width), x, width, LINE)
            x += width
        self.line(self.l_margin, y + height, x, y + height)
        self.set_xy(self.l_margin, y + height)

    def _height(self, row: Sequence[str], widths: Sequence[float]) -> float:
        """How high a row of a table is, by the cell that has most lines."""
        lines = [self._lines(text, width) for text, width in zip(row, widths, strict=True)]
        return LINE * max(map(len, lines)) + 2 * PADDING


def _parts(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A row as one, or as several where a text is too long for a page, which fpdf2 would refuse."""
    return zip_longest(*(wrap(text, LONGEST) or [""] for text in row), fillvalue="")


def pdf(made: Pack) -> bytes:
    """The pack as PDF, the same bytes for the same pack."""
    paper = _Paper(made)
    paper.write_line(made.force, 9)
    paper.write_line(f"County Lines meeting, {wording.weekday(made.meeting)}", 16, "B", kind="H1")
    paper.write_line(f"As known on {wording.weekday(made.as_of)}; changes since {wording.weekday(made.since)}", 9)
    paper.write_line(FOR_WHOM, 9)
    _agenda(paper, made)
    _open_matters(paper, made)
    _changes(paper, made)
    _profile(paper, made)
    return bytes(paper.output())


def _agenda(paper: _Paper, made: Pack) -> None:
    paper.heading(f"1. Cases to ratify ({len(made.items)})")
    if not made.items:
        paper.write_line("No case is proposed.")
    for number, item in enumerate(made.items, 1):
        if paper.will_page_break(24):
            paper.add_page()
        paper.write_line(f"{number}. {child_line(item.child)}", 9, "B", kind="H3")
        paper.write_line(" ".join(filter(None, [wording.reason(item.why), *item.summary])), 8, indent=3)
        paper.write_line("Decision:  □ Open   □ Vulnerable   □ Not for the tracker     Reason: " + "." * 44, indent=3)
        paper.ln(1)


def _open_matters(paper: _Paper, made: Pack) -> None:
    paper.heading("2. Questions and actions that stand")
    ages = [f"{child_name(question.child)}: {question.review['why']}" for question in made.ages]
    birthdays = [
        f"{wording.day(b.forecast['attains_18_on'])}: {child_name(b.child)}. {b.forecast['meaning']}"
        for b in made.birthdays
    ]
    actions = [
        f"{wording.day(due.action['due_on']) or 'no date'}{', OVERDUE' if due.overdue else ''}: "
        f"{due.action['what'] or wording.label(due.action['kind'])}, {due.action['owner'] or 'nobody named'}. "
        f"{child_name(due.child)}"
        for due in made.actions
    ]
    for title, lines in (
        ("Same person, or two people?", made.pairs),
        ("Ages to settle", ages),
        ("18th birthdays ahead", birthdays),
        ("Actions not done", actions),
        ("Panel actions overdue, by agency", made.late),
    ):
        if lines:
            paper.heading(f"{title} ({len(lines)})", 10)
            paper.points(lines)
    if not (made.pairs or ages or birthdays or actions or made.late):
        paper.write_line("Nothing stands.")


def _changes(paper: _Paper, made: Pack) -> None:
    paper.heading("3. Changes since the last meeting")
    moved = [(wording.day(m.on), wording.label(m.kind), child_name(m.child), m.why) for m in made.moves]
    if moved:
        paper.grid(("Day", "Change", "Child", "Why"), moved, (13, 12, 43, 32))
    else:
        paper.write_line("Nobody was added or removed.")
    others = [
        (
            wording.day(row["noticed_on"]),
            wording.label(row["kind"]),
            child_name(child) if child else row["person_id"],
            ", ".join(wording.field_label(name).lower() for name in row["fields"] or []) or row["reason"] or "",
        )
        for row, child in made.changes
    ]
    if others:
        paper.ln(3)
        paper.grid(("Noticed", "Change", "Child", "What"), others, (13, 19, 32, 36))


def _profile(paper: _Paper, made: Pack) -> None:
    paper.heading("4. Demand, and victim & offender profile")
    if not made.profile:
        paper.write_line("No tracker was published yet.")
        return
    paper.heading("Demand", 10)
    paper.write_line(made.demand)
    paper.heading("Victim & Offender Profile", 10)
    for text in made.profile:
        paper.write_line(text)
        paper.ln(1)
    for title, rows in (("Current ages of those on the CLVT", made.ages_table), ("The year's movement", made.movement)):
        paper.heading(title, 10)
        paper.grid(("", "Children"), [(name, str(count)) for name, count in rows], (40, 15))
    paper.heading("Children who share lines and places", 10)
    paper.write_line(made.links.text)
    pairs = [
        (f"{child_name(pair.child)} and {child_name(pair.other)}", "; ".join(pair.lines), "; ".join(pair.places))
        for pair in made.links.pairs
    ]
    if pairs:
        paper.ln(1)
        paper.grid(("Children", "Lines", "Places"), pairs, (36, 22, 42))
