"""Which small changes can be made to a module?

The operators of cosmic-ray that change what a rule says, and two of our own for what it has none for: our rules are
tables, so a row or an item is left out, and a code becomes another word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Name, PythonNode, String

PROJECT = Path(__file__).resolve().parents[2]

KEPT = (
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "NumberReplacer", "ZeroIterationForLoop"),
    *("ReplaceUnaryOperator_Delete_Not", "ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add"),
    *("ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq"),
    *("ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_LtE_Lt"),
    *("ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_GtE_Gt"),
    *("ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"),
)


class LeaveOut(Operator):
    """Leave out one item of a tuple, list, set or table, or one part of what a data class is made of."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """One position for each item of a display of two items or more."""
        for first, _ in _items(node):
            yield first.start_pos, first.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """The display without that item and its comma."""
        _, span = _items(node)[index]
        del node.children[span]
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: the tests of this folder are the examples."""
        return ()


def _items(node: Any) -> list[tuple[Any, slice]]:
    """The items of a display, each with its place among the children, the comma after it included."""
    if not isinstance(node, PythonNode) or not (node.type in ("testlist_comp", "dictorsetmaker") or _is_made(node)):
        return []
    children = node.children
    if any(child.type in ("sync_comp_for", "comp_for") for child in children):
        return []
    commas = [-1, *(place for place, child in enumerate(children) if child == ",")]
    ends = [*commas[1:], len(children)]
    spans = [slice(before + 1, end + 1) for before, end in zip(commas, ends, strict=True) if before + 1 < len(children)]
    return [(children[span.start], span) for span in spans] if len(spans) > 1 else []


def _is_made(node: PythonNode) -> bool:
    """True of the parts in `Kind("label", section=CASES)`: what is called has the name of a class."""
    if node.type != "arglist":
        return False
    called = node.parent.get_previous_sibling()
    return isinstance(called, Name) and called.value[:1].isupper()


class OtherWord(Operator):
    """Make another word of a code, which is a text without a space."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """The place of a code."""
        if isinstance(node, String) and node.value[1:-1] and " " not in node.value and not _is_subscript(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, _index: int) -> Any:
        """The code with a letter more."""
        quote = node.value[-1]
        node.value = f"{node.value[:-1]}X{quote}"
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: the tests of this folder are the examples."""
        return ()


def _is_subscript(node: Any) -> bool:
    """True of the column in `row["column"]`: another one is found by every run, whatever the tests say."""
    return node.parent.type == "trailer" and node.parent.children[0] == "["


@dataclass(frozen=True)
class Change:
    """One change of a module: the module's source as it would be, and the line that differs before and after."""

    path: str
    operator: str
    source: str
    before: str
    after: str

    @property
    def name(self) -> str:
        """The change in one line, the same as long as its line is."""
        return f"{self.path}: {self.before}  ->  {self.after}"


@dataclass(frozen=True)
class Place:
    """Where an operator can change a module: the number of the place among those of this operator."""

    path: str
    operator: str
    number: int

    @property
    def draw(self) -> str:
        """Its turn in a sample: by chance, but the same on every day and machine."""
        return sha256(f"{self.path}/{self.operator}/{self.number}".encode()).hexdigest()

    def change(self) -> Change | None:
        """The change; None where nothing comes of it, or only whether a data class is frozen."""
        code = code_of(self.path)
        source = mutate_code(code, OPERATORS[self.operator](), self.number)
        if source is None or source == code or "@dataclass" in (difference := _difference(code, source))[0]:
            return None
        return Change(self.path, self.operator, source, *difference)


CORE = OperatorProvider()
OPERATORS: dict[str, Any] = {name: CORE[name] for name in KEPT} | {"LeaveOut": LeaveOut, "OtherWord": OtherWord}


@cache
def code_of(path: str) -> str:
    """The source of a module of the project."""
    return (PROJECT / path).read_text(encoding="utf-8")


def places(path: str) -> Iterator[Place]:
    """Every place where a module can be changed."""
    nodes = list(ast_nodes(get_ast(code_of(path))))
    for name, operator in OPERATORS.items():
        found = sum(len(list(operator().mutation_positions(node))) for node in nodes)
        yield from (Place(path, name, number) for number in range(found))


def changes(path: str) -> Iterator[Change]:
    """Every change of a module."""
    return (change for place in places(path) if (change := place.change()) is not None)


def changed(code: str, operator: Operator) -> Iterator[str]:
    """The code after each change that an operator can make to it."""
    places = sum(len(list(operator.mutation_positions(node))) for node in ast_nodes(get_ast(code)))
    made = (mutate_code(code, operator, number) for number in range(places))
    return (source for source in made if source is not None and source != code)


def _difference(code: str, source: str) -> tuple[str, str]:
    """What differs, without the lines before and after that do not."""
    before, after = code.splitlines(), source.splitlines()
    first = next(place for place, (one, other) in enumerate(zip_longest(before, after)) if one != other)
    rest_before, rest_after = before[first:], after[first:]
    while rest_before and rest_after and rest_before[-1] == rest_after[-1]:
        rest_before.pop()
        rest_after.pop()
    return " ".join(map(str.strip, rest_before)), " ".join(map(str.strip, rest_after))
