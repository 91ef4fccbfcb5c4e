"""The words of the code are plain ones that the field uses: a name says what the thing is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePath

import pytest

from expectations.contracts import contract, tables

PROJECT = Path(__file__).resolve().parent.parent
FOLDERS = ("clvt", "connectors", "dags", "demo", "expectations", "night", "plugins", "transforms")

# What is kept out of names, with what is said instead.
BANNED = {
    "errand": "visit",
    "letter": "outgoing file",
    "picture": "shareable",
    "said": "what it is: an answer, a decision, a receipt",
    "standing": "current, open, not withdrawn",
    "stirred": "reweighed",
    "tears": "ambiguous",
    "told": "what it is: informed, disclosed, reported",
    "tonight": "the night",
}
# Where a word is meant as it is in everyday English, with the reason.
MEANT = {
    "letter": ("transforms", "expectations", "demo", "connectors/sources"),  # a letter of the alphabet
}
ALONE = {"known": "what it is: the tables, the contents, what earlier nights landed"}  # says nothing as a whole name
JARGON = {"errand", "picture", "stirred", "tears"}  # said nowhere, in a sentence for people or for engineers neither
LOCAL = {"tonight"}  # the night at work, as a value within a function; not the name of what is defined
PROSE = {".py", ".html", ".yml", ".md"}
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(name: str) -> set[str]:
    """The words of a name, in small letters, each in the singular too."""
    found = {part.lower() for part in PARTS.findall(name)}
    return found | {word.removesuffix("s") for word in found}


def defined(tree: ast.AST) -> Iterator[str]:
    """Names of classes, functions and what classes hold."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            held = (one.target for one in node.body if isinstance(one, ast.AnnAssign))
            yield from (target.id for target in held if isinstance(target, ast.Name))


def used(tree: ast.AST) -> Iterator[str]:
    """Every name that occurs: of a value, an attribute, an argument, a module."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.alias(name=name, asname=other):
                yield from (name, other or "")
            case ast.ImportFrom(module=str(name)):
                yield name


def unplain(path: str, tree: ast.AST) -> list[str]:
    """The banned words in the names of a source, and in its own name."""
    meant = {word for word, folders in MEANT.items() if path.startswith(folders)}
    names = [PurePath(path).stem, *defined(tree)]
    alone = {name for name in names if name.strip("_").lower() in ALONE}
    of_definitions = {word for name in (path, *names) for word in words(name)}
    others = {word for name in used(tree) for word in words(name)} - LOCAL
    return sorted(alone | (of_definitions | others) & BANNED.keys() - meant)


def sources() -> list[str]:
    return sorted(str(path.relative_to(PROJECT)) for folder in FOLDERS for path in (PROJECT / folder).rglob("*.py"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_names_are_plain_words(folder: str) -> None:
    found = {
        path: wrong
        for path in sources()
        if path.startswith(f"{folder}/")
        if (wrong := unplain(path, ast.parse((PROJECT / path).read_text(encoding="utf-8"))))
    }
    assert found == {}, {word: (BANNED | ALONE).get(word.lower()) for wrong in found.values() for word in wrong}


def test_templates_are_named_in_plain_words() -> None:
    pages = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.html")]
    assert pages
    assert [path.name for path in pages if words(path.stem) & BANNED.keys()] == []


def test_tables_and_columns_are_named_in_plain_words() -> None:
    names = {name for table in tables() for name in (table, *contract(table).names)}
    assert [name for name in sorted(names) if words(name) & BANNED.keys() or name in ALONE] == []


def test_sentences_are_free_of_our_own_jargon() -> None:
    texts = [path for folder in (*FOLDERS, "docs") for path in (PROJECT / folder).rglob("*") if path.suffix in PROSE]
    texts += PROJECT.glob("*.md")
    found = {str(path.relative_to(PROJECT)): used for path in texts if (used := in_sentences(path) & JARGON)}
    assert found == {}


def in_sentences(path: Path) -> set[str]:
    return set(re.findall("[a-z]+", path.read_text(encoding="utf-8").lower()))


def test_a_folder_where_a_word_is_meant_has_it() -> None:
    for word, folders in MEANT.items():
        for folder in folders:
            texts = [path for path in sources() if path.startswith(f"{folder}/")]
            names = {name for path in texts for name in used(ast.parse((PROJECT / path).read_text(encoding="utf-8")))}
            assert any(word in words(name) for name in names), (word, folder)


@pytest.mark.parametrize(
    ("path", "code", "wrong"),
    [
        ("night/letters.py", "", ["letter"]),
        ("night/run.py", "class Standing: ...", ["standing"]),
        ("night/run.py", "def _is_told_every_night(): ...", ["told"]),
        ("night/run.py", "from night.letters import stored", ["letter"]),
        ("night/run.py", "f'{one.letter}'", ["letter"]),
        ("night/run.py", "send(picture=1)", ["picture"]),
        ("night/run.py", "class Night:\n    errands: int", ["errand"]),
        ("night/run.py", "NOT_TOLD = 1", ["told"]),
        ("night/run.py", "class NotTold: ...", ["told"]),
        ("night/run.py", "class Known: ...", ["Known"]),
        ("night/known.py", "", ["known"]),
        ("night/run.py", "def is_known_name(): ...", []),
        ("night/run.py", "known = 1", []),
        ("night/run.py", "tonight = 1", []),
        ("night/run.py", "def tonight(): ...", ["tonight"]),
        ("night/run.py", "understanding = 1", []),
        ("night/run.py", "'it is told'", []),
        ("transforms/names.py", "check_letter = 1", []),
    ],
)
def test_a_word_is_found_in_a_name_and_nowhere_else(path: str, code: str, wrong: list[str]) -> None:
    assert unplain(path, ast.parse(code)) == wrong
