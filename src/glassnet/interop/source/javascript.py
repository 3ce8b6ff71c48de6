"""Python in which kinds say their formulas, as JavaScript: so that each formula is written once.

Only what formulas need is translated: numbers, lists and functions of them. Numbers are float64
in both languages, so the answers are the same to the last digits of the mathematical functions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassnet._core.strict_json import to_json

MATH = {
    name: f"Math.{name}"
    for name in (
        "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "sinh",
        "cosh", "tanh", "asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh", "hypot",
        "floor", "ceil", "trunc", "pow",
    )
} | {"fabs": "Math.abs", "erf": "$erf"}  # fmt: skip
CONSTANTS = {"pi": "Math.PI", "e": "Math.E", "inf": "Infinity", "nan": "NaN"}
CALLS = {"sum": "$sum", "max": "$max", "min": "$min", "zip": "$zip", "range": "$range",
         "abs": "Math.abs", "list": "Array.from", "enumerate": "$enumerate", "float": "Number",
         "exp": "Math.exp"}  # fmt: skip
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Lt: "<",
    ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!==", ast.Is: "===",
    ast.IsNot: "!==", ast.And: "&&", ast.Or: "||", ast.Not: "!", ast.USub: "-", ast.UAdd: "+",
}  # fmt: skip
# Words of the language, and names of it that the translations use.
WORDS = """
arguments await case catch const debugger default delete do enum eval export extends false
function implements instanceof interface let new null package private protected public static
super switch this throw true typeof var void yield Math Number Array Infinity NaN undefined
"""
RESERVED = frozenset(WORDS.split())


class UntranslatableError(Exception):
    """A piece of Python that has no translation here; says which."""


@dataclass
class Translator:
    """Translates functions that may call each other.

    Attributes:
        known: the parameters of each function by its name, in their order.
        names: what may be named in all functions, such as the weights.
    """

    names: set[str] = field(default_factory=set)
    known: dict[str, list[str]] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)

    def functions(self, texts: Iterable[str]) -> str:
        """The functions of these texts, each ``def name(…)``.

        Raises:
            UntranslatableError: one has something that formulas do not need.
        """
        found = [node for text in texts for node in ast.parse(text).body]
        for node in found:
            if isinstance(node, ast.FunctionDef):
                self.known[node.name] = [a.arg for a in node.args.args]
        return "\n\n".join(filter(None, map(self._top, found)))

    def _top(self, node: ast.stmt) -> str:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return ""
        if not isinstance(node, ast.FunctionDef):
            raise refused(node)
        rest, body = [], list(node.body)
        said = ast.get_docstring(node)
        if said is not None:
            body = body[1:]
            rest = [f"  // {line}".rstrip() for line in said.splitlines()]
        arguments = [a.arg for a in node.args.args]
        assigned = dict.fromkeys(_assigned(body))
        self.local = {*arguments, *assigned}
        written = [named(a) for a in arguments]
        for i, default in enumerate(reversed(node.args.defaults), 1):
            written[-i] += f" = {self.value(default)}"
        if node.args.vararg is not None:
            self.local.add(node.args.vararg.arg)
            written.append(f"...{named(node.args.vararg.arg)}")
        fresh = [named(name) for name in assigned if name not in arguments]
        if fresh:
            rest.append(f"  let {', '.join(fresh)};")
        lines = [f"function {named(node.name)}({', '.join(written)}) {{", *rest]
        return "\n".join([*lines, *self._block(body), "}"])

    # ---- statements ------------------------------------------------------------------------

    def _block(self, body: Sequence[ast.stmt]) -> list[str]:
        return [f"  {line}" for node in body for line in self._statement(node)]

    def _statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.Return(value=value):
                return [f"return {self.value(value)};" if value is not None else "return null;"]
            case ast.Assign(targets=targets, value=value):
                left = " = ".join(self._target(target) for target in targets)
                return [f"{left} = {self.value(value)};"]
            case ast.AugAssign(target=target, op=ast.Add(), value=value) if is_list(value):
                return [f"$extend({self._target(target)}, {self.value(value)});"]
            case ast.AugAssign(target=target, op=op, value=value):
                left = self._target(target)
                return [f"{left} = {self._operation(op, left, self.value(value))};"]
            case ast.If(test=test, body=body, orelse=other):
                lines = [f"if ({self.value(test)}) {{", *self._block(body)]
                return [*lines, *(["} else {", *self._block(other)] if other else []), "}"]
            case ast.For(target=target, iter=source, body=body, orelse=[]):
                head, first = self._loop(target, source)
                return [head, *(f"  {line}" for line in first), *self._block(body), "}"]
            case ast.While(test=test, body=body, orelse=[]):
                return [f"while ({self.value(test)}) {{", *self._block(body), "}"]
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                return []
            case ast.Expr(value=value):
                return [f"{self.value(value)};"]
            case ast.Break():
                return ["break;"]
            case ast.Continue():
                return ["continue;"]
        raise refused(node)

    def _loop(self, target: ast.expr, source: ast.expr) -> tuple[str, list[str]]:
        """The head of a loop; over numbers and numbered things without a list of them."""
        match target, source:
            case ast.Name(), ast.Call(func=ast.Name("range"), args=args) if len(args) < 3:
                i = self._target(target)
                first = self.value(args[0]) if len(args) == 2 else "0"
                return f"for ({i} = {first}; {i} < {self.value(args[-1])}; {i}++) {{", []
            case (
                ast.Tuple(elts=[ast.Name() as place, each]),
                ast.Call(func=ast.Name("enumerate"), args=[ast.Name() as row]),
            ):
                i, values = self._target(place), self.value(row)
                first_line = f"{self._target(each)} = {values}[{i}];"
                return f"for ({i} = 0; {i} < {values}.length; {i}++) {{", [first_line]
        return f"for ({self._target(target)} of {self.value(source)}) {{", []

    def _target(self, node: ast.expr) -> str:
        if isinstance(node, ast.Tuple):
            return f"[{', '.join(map(self._target, node.elts))}]"
        if isinstance(node, (ast.Name, ast.Subscript)):
            return self.value(node)
        raise refused(node)

    # ---- expressions -----------------------------------------------------------------------

    def value(self, node: ast.expr) -> str:
        """An expression, in parentheses where it needs them."""
        match node:
            case ast.Constant(value=None):
                return "null"
            case ast.Constant(value=bool() | int() | float() | str() as constant):
                return to_json(constant)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.Attribute(value=ast.Name("math"), attr=name) if name in CONSTANTS:
                return CONSTANTS[name]
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return f"[{self._listed(parts)}]"
            case ast.Starred(value=value):
                return f"...{self.value(value)}"
            case (
                ast.ListComp(elt=each, generators=sources)
                | ast.GeneratorExp(elt=each, generators=sources)
            ):
                return self._each(each, sources)
            case ast.BinOp(left=left, op=ast.Mult(), right=right) if is_list(left):
                return f"$repeat({self.value(left)}, {self.value(right)})"
            case ast.BinOp(left=left, op=ast.Add(), right=right) if is_list(left) or is_list(right):
                return f"[...{self.value(left)}, ...{self.value(right)}]"
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(op, self.value(left), self.value(right))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
                return f"({OPERATORS[type(op)]}{self.value(operand)})"
            case ast.BoolOp(op=op, values=values):
                return f"({f' {OPERATORS[type(op)]} '.join(map(self.value, values))})"
            case ast.IfExp(test=test, body=body, orelse=other):
                return f"({self.value(test)} ? {self.value(body)} : {self.value(other)})"
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison([left, *others], ops)
            case ast.Subscript(value=row, slice=ast.Slice() as part):
                ends = [part.lower, part.upper, part.step]
                written = [self.value(end) if end is not None else "null" for end in ends]
                return f"$slice({self.value(row)}, {', '.join(written)})"
            case ast.Subscript(value=row, slice=ast.UnaryOp(op=ast.USub()) as at):
                return f"{self.value(row)}.at({self.value(at)})"
            case ast.Subscript(value=row, slice=at):
                return f"{self.value(row)}[{self.value(at)}]"
            case ast.Lambda(args=given, body=body):
                before, names = set(self.local), [a.arg for a in given.args]
                self.local |= set(names)
                function = f"(({', '.join(map(named, names))}) => {self.value(body)})"
                self.local = before
                return function
            case ast.Call():
                return self._call(node)
        raise refused(node)

    def _name(self, node: ast.expr, name: str) -> str:
        if name in self.local or name in self.names or name in self.known:
            return named(name)
        raise refused(node)

    def _listed(self, nodes: Sequence[ast.expr]) -> str:
        return ", ".join(map(self.value, nodes))

    def _operation(self, op: ast.operator, left: str, right: str) -> str:
        if isinstance(op, ast.FloorDiv):
            return f"Math.floor({left} / {right})"
        if isinstance(op, ast.Mod):
            return f"$modulo({left}, {right})"
        if type(op) not in OPERATORS:
            raise refused(op)
        return f"({left} {OPERATORS[type(op)]} {right})"

    def _comparison(self, values: Sequence[ast.expr], ops: Sequence[ast.cmpop]) -> str:
        parts = []
        for left, op, right in zip(values, ops, values[1:]):
            if isinstance(op, (ast.In, ast.NotIn)):
                found = f"{self.value(right)}.includes({self.value(left)})"
                parts.append(found if isinstance(op, ast.In) else f"(!{found})")
            elif type(op) in OPERATORS:
                parts.append(f"{self.value(left)} {OPERATORS[type(op)]} {self.value(right)}")
            else:
                raise refused(op)
        return f"({' && '.join(parts)})"

    def _each(self, each: ast.expr, sources: Sequence[ast.comprehension], how: str = "$map") -> str:
        """A list made of others; over zip without a list of pairs."""
        first, *further = sources
        before = set(self.local)
        self.local |= set(_names(first.target))
        lists, parameters = [first.iter], [first.target]
        match first.target, first.iter:
            case ast.Tuple(elts=parts), ast.Call(func=ast.Name("zip"), args=args) if len(
                parts
            ) == len(args) and not any(isinstance(a, ast.Starred) for a in args):
                lists, parameters = list(args), list(parts)
        written = self._listed(lists)
        if first.ifs:
            if len(lists) > 1:
                raise refused(first.ifs[0])
            tests = " && ".join(map(self.value, first.ifs))
            written = f"Array.from({written}).filter(({self._target(parameters[0])}) => {tests})"
        inner = self._each(each, further) if further else self.value(each)
        given = ", ".join(self._target(part) for part in parameters)
        self.local = before
        return f"{'$flat' if further else how}(({given}) => {inner}, {written})"

    def _call(self, node: ast.Call) -> str:
        match node.func:
            case ast.Attribute(value=ast.Name("math"), attr=name) if name in MATH:
                if name == "log" and len(node.args) != 1:
                    raise refused(node)
                called = MATH[name]
            case ast.Attribute(value=row, attr="append"):
                called = f"{self.value(row)}.push"
            case ast.Name(id=name) if name in self.local or name in self.known:
                return f"{named(name)}({', '.join(self._arguments(name, node))})"
            case ast.Name("len") if len(node.args) == 1:
                return f"{self.value(node.args[0])}.length"
            case ast.Name("sum") if len(node.args) == 1 and isinstance(
                node.args[0], ast.GeneratorExp
            ):
                made = node.args[0]
                if len(made.generators) == 1:
                    return self._each(made.elt, made.generators, "$total")
                called = CALLS["sum"]
            case ast.Name(id="max" | "min" as name) if [word.arg for word in node.keywords] == [
                "key"
            ]:
                sign, key = {"max": 1, "min": -1}[name], self.value(node.keywords[0].value)
                return f"$first({key}, {sign}, {self._listed(node.args)})"
            case ast.Name(id=name) if name in CALLS:
                called = CALLS[name]
            case _:
                raise refused(node)
        if node.keywords:
            raise refused(node)
        return f"{called}({self._listed(node.args)})"

    def _arguments(self, name: str, node: ast.Call) -> list[str]:
        """The arguments in the order of the parameters."""
        written = list(map(self.value, node.args))
        if not node.keywords:
            return written
        given = {word.arg: self.value(word.value) for word in node.keywords}
        order = self.known.get(name, [])[len(written) :]
        if not set(given) <= set(order):
            raise refused(node)
        last = max(order.index(str(key)) for key in given)
        return [*written, *(given.get(key, "undefined") for key in order[: last + 1])]


def refused(node: Any) -> UntranslatableError:
    """The error for this piece of Python."""
    text = ast.unparse(node) if isinstance(node, ast.AST) else str(node)
    return UntranslatableError(text.strip().splitlines()[0] if text.strip() else str(type(node)))


def named(name: str) -> str:
    """A name that JavaScript has not taken."""
    return f"{name}_" if name in RESERVED else name


def is_list(node: ast.expr) -> bool:
    """Whether this is a list whatever its names stand for."""
    match node:
        case ast.List() | ast.Tuple() | ast.ListComp() | ast.Subscript(slice=ast.Slice()):
            return True
        case ast.BinOp(left=left, op=ast.Mult() | ast.Add(), right=right):
            return is_list(left) or is_list(right)
        case ast.IfExp(body=body):
            return is_list(body)
        case ast.Call(func=ast.Name("list" | "range" | "zip")):
            return True
    return False


def _names(target: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _assigned(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that these statements give a value."""
    for outer in body:
        for node in ast.walk(outer):
            if isinstance(node, (ast.Assign, ast.AugAssign, ast.For)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    yield from _stored(target)


def _stored(target: ast.expr) -> Iterator[str]:
    return (
        node.id
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
