"""What a check gets: the learner's functions and classes, and ways to say what is wrong.

Every call goes through here.  The learner's code is given copies, so that nothing it does to them
reaches the check; what it returned, and which arguments it changed, is written down: two
solutions with the same notes make the same mistake.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.course.judging.calls import Held, argument_names, say_changed
from glassnet.course.judging.source import lines_of, names_around
from glassnet.course.judging.values import FloatArray, numbers, place, shown, snapshot
from glassnet.course.lesson import CourseError

Note = tuple[str, Any, tuple[str, ...]]
Check = Callable[["Trial"], None]


def check(part: str) -> Callable[[Check], Check]:
    """A check of the function or class called ``part``; its title is in the lesson's text."""

    def mark(function: Check) -> Check:
        function.checks_part = part  # type: ignore[attr-defined]
        return function

    return mark


class Trial:
    """One check of one part.

    Attributes:
        rng: random numbers of this check alone.
        notes: what each call returned, and the names of the arguments that it changed.
        spoiled: the first argument that was changed.
        largest: the largest difference that was found and allowed.
    """

    def __init__(self, part: str, written: Any, rng: np.random.Generator) -> None:
        self.part, self.written, self.rng = part, written, rng
        self.notes: list[Note] = []
        self.spoiled: CourseError | None = None
        self.largest = 0.0
        self.tolerance = 0.0

    # ----- calls -----

    def call(self, *args: Any, changes: Sequence[int] = ()) -> Any:
        """What the function returns; ``changes``: places of arguments that it may change."""
        return self.run(self.written, self.part, args, Held(), changes)

    def new(self, *args: Any) -> Thing:
        """An object of the class."""
        if not isinstance(self.written, type):
            raise CourseError("not_a_class", lines_of(self.written), name=self.part)
        held = Held()
        made = self.run(self.written, self.part, args, held)
        return Thing(self, made, held)

    def run(
        self, function: Any, called: str, args: tuple[Any, ...], held: Held,
        changes: Sequence[int] = (),
    ) -> Any:  # fmt: skip
        """One call: given copies, its result written down."""
        names = argument_names(function, called, args)
        given = [arg if i in changes else snapshot(arg) for i, arg in enumerate(args)]
        for i, (name, arg) in enumerate(zip(names, given)):
            if i not in changes:
                held.add(name, arg)
        try:
            with (
                warnings.catch_warnings(),
                np.errstate(over="warn", divide="warn", invalid="warn", under="ignore"),
            ):
                warnings.simplefilter("ignore")
                result = function(*given)
        except CourseError:
            raise
        except BaseException as error:
            self.notes.append((called, type(error).__name__, ()))
            raise
        changed = held.changed()
        if changed and self.spoiled is None:
            self.spoiled = say_changed(called, function, *changed[0])
        outputs = [result if not hasattr(result, "__dict__") else None]
        outputs += [given[i] for i in changes]
        self.notes.append((called, snapshot(outputs), tuple(name for name, _, _ in changed)))
        held.add(f"{called}()", result)
        return result

    @contextmanager
    def among(self, **right: Any) -> Iterator[None]:
        """Right things in the places of the learner's, so that this part is judged by itself."""
        space = names_around(self.written)
        before = {name: space[name] for name in right if name in space}
        space.update({name: right[name] for name in before})
        try:
            yield
        finally:
            space.update(before)

    # ----- random numbers -----

    def normal(self, *shape: int) -> FloatArray:
        """Random numbers around 0."""
        return self.rng.normal(size=shape)

    def shapes(self, count: int, least: int = 1, most: int = 4) -> Iterator[tuple[int, int]]:
        """Random (rows, columns)."""
        for _ in range(count):
            rows, columns = self.rng.integers(least, most + 1, size=2)
            yield int(rows), int(columns)

    # ----- judgements -----

    def close(
        self, got: Any, expected: ArrayLike, call: str, tolerance: float = 1e-7, **given: Any
    ) -> None:
        """The numbers are the expected ones, up to ``tolerance`` (relative above 1).

        Args:
            call: how the call is written: ``"forward(x)"``.
            given: the arguments to show beside the place that is wrong.

        Raises:
            CourseError: they are not; says where and by how much.
        """
        here, there = numbers(got, call), np.asarray(expected, np.float64)
        if here.shape != there.shape:
            raise CourseError("shape", call=call, got=here.shape, expected=there.shape)
        if not here.size:
            return
        with np.errstate(all="ignore"):
            off = np.abs(here - there) / np.maximum(1.0, np.abs(there))
        off = np.where((here == there) | (np.isnan(here) & np.isnan(there)), 0.0, off)
        off = np.where(np.isfinite(off), off, np.inf)
        worst = float(off.max())
        if worst > tolerance:
            index = tuple(map(int, np.unravel_index(int(off.argmax()), off.shape)))
            self._say_wrong(call, here, there, index, given, tolerance)
        self.largest, self.tolerance = max(self.largest, worst), max(self.tolerance, tolerance)

    def _say_wrong(
        self, call: str, got: FloatArray, expected: FloatArray, index: tuple[int, ...],
        given: dict[str, Any], tolerance: float,
    ) -> None:  # fmt: skip
        inputs = []
        for name, value in given.items():
            array = np.asarray(value)
            if array.shape == got.shape and array.ndim:
                inputs.append(f"{name}{place(index)} = {shown(array[index], 5)}")
            else:
                inputs.append(f"{name} = {shown(value, 5)}")
        values = {
            "call": f"{call}{place(index)}", "got": shown(got[index]),
            "expected": shown(expected[index]), "tolerance": f"{tolerance:.0e}",
        }  # fmt: skip
        if inputs:
            raise CourseError("value_for", given=", ".join(inputs), **values)
        raise CourseError("value", **values)

    def that(self, holds: object, detail: str = "") -> None:
        """What the title of the check says holds; ``detail``: numbers that show it."""
        if not holds:
            raise CourseError("claim", detail=detail) if detail else CourseError("bare_claim")

    @contextmanager
    def quiet(self, call: str) -> Iterator[None]:
        """No warning of NumPy inside: ``call`` is how the call is written."""
        with (
            warnings.catch_warnings(record=True) as caught,
            np.errstate(over="warn", divide="warn", invalid="warn", under="ignore"),
        ):
            warnings.simplefilter("always")
            self.run, normal = self._loud_run, self.run  # type: ignore[method-assign]
            try:
                yield
            finally:
                self.run = normal  # type: ignore[method-assign]
        for warning in caught:
            if issubclass(warning.category, RuntimeWarning):
                self.notes.append((call, "warning", ()))
                raise CourseError("warned", call=call, warning=str(warning.message))

    def _loud_run(
        self, function: Any, called: str, args: tuple[Any, ...], held: Held,
        changes: Sequence[int] = (),
    ) -> Any:  # fmt: skip
        result = function(*map(snapshot, args))
        self.notes.append((called, snapshot([result]), ()))
        return result

    def pulled(self, f: Callable[[FloatArray], Any], x: ArrayLike, dout: FloatArray) -> FloatArray:
        """dL/dx of L = Σ dout·f(x), by central differences."""
        return self.slope(lambda at: float((dout * f(at)).sum()), x)

    def slope(self, f: Callable[[FloatArray], Any], x: ArrayLike, h: float = 1e-5) -> FloatArray:
        """∇f at x by central differences, (f(x + h) - f(x - h)) / 2h, in float64."""
        from glassnet.calculus.differences import numerical_gradient
        from glassnet.errors import DataError

        try:
            return numerical_gradient(f, x, h)
        except DataError as error:
            raise CourseError("not_finite", call=self.part) from error


class Thing:
    """An object of the learner's class; its methods are called through the trial."""

    def __init__(self, trial: Trial, made: Any, held: Held) -> None:
        self._trial, self._made, self._held = trial, made, held

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._made, name, None)
        called = f"{self._trial.part}.{name}"
        if not callable(method):
            raise CourseError("no_method", lines_of(type(self._made)), name=called)

        def run(*args: Any, changes: Sequence[int] = ()) -> Any:
            return self._trial.run(method, called, args, self._held, changes)

        return run

    def value(self, name: str) -> Any:
        """The attribute called ``name``."""
        called = f"{self._trial.part}.{name}"
        if not hasattr(self._made, name):
            raise CourseError("no_attribute", lines_of(type(self._made)), name=called)
        value = getattr(self._made, name)
        self._trial.notes.append((called, snapshot([value]), ()))
        self._held.add(called, value)
        return value

    def put(self, name: str, value: Any) -> None:
        """Set the attribute called ``name``."""
        setattr(self._made, name, value)
