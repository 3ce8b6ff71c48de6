"""A function given as text: ``Formula.parse("x0**2/20 + x1**2")``.

The text may come from a stranger.  ``grammar`` lets nothing but arithmetic reach Python's
parser; the tree that comes back is walked node by node, and what is not in the tables is
refused.  Nothing is ever compiled or evaluated as code, and all numbers are float64, so that
no power can grow beyond ``inf``.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.calculus.differences import DEFAULT_STEP, numerical_gradient, usual_step
from glassnet.calculus.grammar import CONSTANTS, FUNCTIONS, VARIABLES, Source
from glassnet.calculus.latex import to_latex
from glassnet.errors import ConfigError, DataError, ShapeError

MAX_DEPTH = 100  # operations inside each other
MAX_EXPONENT = 1000.0  # of an exponent that is a constant

# From a point of the plane: the steps forward and back along each axis.
AROUND = DEFAULT_STEP * np.hstack([np.eye(2), -np.eye(2)])

OPERATORS: dict[type[ast.AST], np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.UAdd: np.positive,
    ast.USub: np.negative,
}


@dataclass(frozen=True)
class Formula:
    """A function of one variable x, or of two, x0 and x1.

    One variable: ``f(x)``, a number or an array, element by element.  Two: ``f(x0, x1)``, or
    ``f(point)`` with the coordinates along the first axis, as the functions of this package
    call it (``point`` of shape (2,) gives a number, (2, …) an array).

    ``^`` is read as ``**``, the power: ``-x^2`` is ``-(x**2)``, ``2^3^2`` is ``2**(3**2)``.
    Multiplication is always written: ``2*x``.

    Attributes:
        text: as it was given.
        variables: ("x",) or ("x0", "x1").

    >>> f = Formula.parse("0.01*x^2 + 0.1*x")
    >>> f(5), f.variables, f.latex
    (0.75, ('x',), '0.01 x^{2} + 0.1 x')
    >>> Formula.parse("x0**2 + x1**2")([3, 4])
    25.0
    """

    text: str
    variables: tuple[str, ...]
    tree: ast.expr = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str, n_variables: int | None = None) -> Formula:
        """Read ``text``.

        Args:
            n_variables: 1 or 2, where it matters: "x**2" is a parabola over a line, or a
                gutter over the plane. None: two if the text speaks of x1 or y or x0.

        Raises:
            UnknownNameError: a name that is neither variable, constant nor function.
            ConfigError: anything else that is not a formula, with its position.
        """
        if not isinstance(text, str):
            raise ConfigError(f"a formula is text such as 'x**2', not {type(text).__name__}.")
        if n_variables not in (None, 1, 2):
            raise ConfigError(f"n_variables = {n_variables!r}: a formula has 1 or 2 variables.")
        source = Source(text)
        tree = source.parse()
        _check(source, tree, 1)
        return cls(text, source.variables(n_variables), tree)

    @property
    def latex(self) -> str:
        """The formula as LaTeX, in the subset that matplotlib and KaTeX read."""
        if len(self.variables) == 1:
            return to_latex(self.tree, {"x": "x", "x0": "x"})
        return to_latex(self.tree, {"x": "x_0", "x0": "x_0", "y": "x_1", "x1": "x_1"})

    def __call__(self, *x: ArrayLike) -> Any:
        """The value: float64, of the shape of the input.

        Raises:
            ShapeError: not as many coordinates as variables.
            DataError: not numbers.
        """
        coordinates = self._coordinates(x)
        with np.errstate(all="ignore"):  # log(-1) is nan, 1/0 is inf; the caller looks
            value = np.broadcast_to(_value(self.tree, coordinates), coordinates[0].shape)
        return float(value) if value.ndim == 0 else value.copy()

    def gradient(self, x: ArrayLike) -> NDArray[np.float64]:
        """∇f at a point of the plane: what ``numerical_gradient`` gives, from one evaluation.

        >>> Formula.parse("x0**2 + x1**2").gradient([3, 4])
        array([6., 8.])

        Raises:
            ConfigError, ShapeError: as ``numerical_gradient``.
        """
        point = np.asarray(x, dtype=np.float64)
        if point.shape != (2,) or np.max(usual_step(point)) > DEFAULT_STEP:
            return numerical_gradient(self, x)
        values = self(point[:, np.newaxis] + AROUND)
        if not np.isfinite(values).all():
            return numerical_gradient(self, x)  # it names the place
        slope: NDArray[np.float64] = (values[:2] - values[2:]) / (2 * DEFAULT_STEP)
        return slope

    def __str__(self) -> str:
        return f"f({', '.join(self.variables)}) = {self.text}"

    def _coordinates(self, x: tuple[ArrayLike, ...]) -> list[NDArray[np.float64]]:
        wanted = len(self.variables)
        point = x[0] if len(x) == 1 else None
        if (
            wanted == 2
            and isinstance(point, np.ndarray)
            and (point.dtype, point.shape[:1]) == (np.float64, (2,))
        ):
            return list(point)  # as a descent asks, thousands of times
        try:
            given = [np.asarray(a) for a in x]
        except ValueError as error:  # rows of different lengths
            raise DataError(f"{self}: the input is not made of numbers: {error}") from None
        for array in given:
            if array.dtype.kind not in "biuf":
                raise DataError(f"{self}: the input is {array.dtype}, not made of numbers.")
        arrays = [a.astype(np.float64) for a in given]
        if len(arrays) == 1 and wanted == 2 and arrays[0].ndim > 0:
            arrays = list(arrays[0])
        if len(arrays) != wanted:
            raise ShapeError(
                f"{self}: got {len(arrays)} coordinates, expected {wanted} "
                f"({', '.join(self.variables)})."
            )
        try:
            return list(np.broadcast_arrays(*arrays))
        except ValueError:
            shapes = " and ".join(str(a.shape) for a in arrays)
            raise ShapeError(f"{self}: the shapes {shapes} do not fit each other.") from None


def _check(source: Source, node: ast.expr, depth: int) -> None:
    """Refuse whatever is not arithmetic on numbers, variables and the known functions.

    Raises:
        ConfigError: names what was refused, and where.
    """
    place = source.at(node)
    if depth > MAX_DEPTH:
        words = f"more than {MAX_DEPTH} operations inside each other"
        raise source.error(place, words, "deep")
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            if value > sys.float_info.max:
                raise source.error(place, "this number is beyond 1.8e308", "number")
        case ast.Name(id=name):
            if name in FUNCTIONS:
                words = f"{name} needs an argument, such as {name}(x)"
                raise source.error(place, words, "argument", name=name)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            _check(source, operand, depth + 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            _check(source, left, depth + 1)
            _check(source, right, depth + 1)
            if isinstance(op, ast.Pow):
                _check_exponent(source, right)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            wanted = FUNCTIONS[name].nin
            if len(arguments) != wanted:
                words = f"{name} takes {wanted}, not {len(arguments)} arguments"
                raise source.error(place, words, "arguments", name=name, wanted=wanted)
            for argument in arguments:
                _check(source, argument, depth + 1)
        case _:
            words = f"{_WORDS.get(type(node), type(node).__name__)} not allowed"
            raise source.error(place, words, "form")


_WORDS: dict[type[ast.AST], str] = {
    ast.Tuple: "a row of values (,) is",
    ast.Starred: "* before an argument is",
    ast.Call: "a call like this is",
}


def _check_exponent(source: Source, exponent: ast.expr) -> None:
    if any(isinstance(n, ast.Name) and n.id in VARIABLES for n in ast.walk(exponent)):
        return
    with np.errstate(all="ignore"):
        value = float(_value(exponent, []))
    if not abs(value) <= MAX_EXPONENT:
        words = f"the exponent {value:.6g} is too large (at most {MAX_EXPONENT:g})"
        raise source.error(source.at(exponent), words, "exponent", most=MAX_EXPONENT)


def _value(node: ast.expr, coordinates: list[NDArray[np.float64]]) -> Any:
    """The value of a checked tree."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return np.float64(value)
        case ast.Name(id=name):
            if name in CONSTANTS:
                return np.float64(CONSTANTS[name])
            return coordinates[VARIABLES[name]]
        case ast.UnaryOp(op=op, operand=operand):
            return OPERATORS[type(op)](_value(operand, coordinates))
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_value(left, coordinates), _value(right, coordinates))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return FUNCTIONS[name](*(_value(a, coordinates) for a in arguments))
    raise AssertionError(node)  # _check let nothing else through
