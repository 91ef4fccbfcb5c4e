"""Which rules of the GOV.UK and the Ministry of Justice design systems do the screens need?

Reads the two packages as their registry gives them, and writes the rules of the classes that the templates use into one
style sheet, without fonts, pictures and anything else that would be loaded. Run it after a template uses a new class:
`npm pack govuk-frontend@6.3.0 @ministryofjustice/frontend@11.1.0`, then `python setup/styles.py FOLDER`.
"""

import re
import sys
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

SCREENS = Path(__file__).parents[1] / "plugins" / "screens"
PACKAGES = {
    "govuk-frontend-6.3.0.tgz": "package/dist/govuk/govuk-frontend.min.css",
    "ministryofjustice-frontend-11.1.0.tgz": "package/moj/moj-frontend.min.css",
}
OURS = re.compile(r"(?:govuk|moj)-[\w-]+")
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
EXCEPT = re.compile(r":not\([^)]*\)")
FONT = re.compile(r"\"?GDS Transport\"?,\s*")
LOADED = re.compile(r"[\w-]+:[^;{}]*url\([^)]*\)[^;{}]*;?")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NESTED = ("@media", "@supports")


def used() -> set[str]:
    """Classes of the two systems that the templates name."""
    pages = (SCREENS / "templates").glob("*.html")
    return {name for page in pages for name in OURS.findall(page.read_text(encoding="utf-8"))}


def rules(css: str) -> Iterator[tuple[str, str]]:
    """Each rule of a style sheet: its selector or condition, and what stands between its braces."""
    start = 0
    while (opened := css.find("{", start)) >= 0:
        depth, end = 1, opened + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[start:opened].rpartition(";")[2].strip(), css[opened + 1 : end - 1]
        start = end


def needed(css: str, classes: set[str]) -> str:
    """The rules for these classes, and those for no class at all."""
    kept = []
    for head, body in rules(css):
        if head.startswith(NESTED):
            inner = needed(body, classes)
            kept.append(f"{head}{{{inner}}}" if inner else "")
        elif not head.startswith("@"):
            heads = [one for one in head.split(",") if set(CLASS.findall(EXCEPT.sub("", one))) <= classes]
            kept.append(f"{','.join(heads)}{{{LOADED.sub('', body)}}}" if heads else "")
    return "\n".join(filter(None, kept))


def main(folder: Path) -> None:
    """Write static/govuk-moj.css, with the hash of each package that it was taken from."""
    parts = []
    for package, path in PACKAGES.items():
        with tarfile.open(folder / package) as opened:
            found = opened.extractfile(path)
            css = COMMENT.sub("", found.read().decode()) if found else ""
        digest = sha256((folder / package).read_bytes()).hexdigest()
        parts.append(f"/* {package}, SHA-256 {digest}: MIT licence, see LICENCES.txt */\n{needed(css, used())}")
    sheet = FONT.sub("", "\n".join(parts))
    (SCREENS / "static" / "govuk-moj.css").write_text(sheet + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
