"""What is asked of the gates."""

from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check

X1, X2 = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
GATES = {"AND": [0, 0, 0, 1], "NAND": [1, 1, 1, 0], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def _rows(t: Trial) -> None:
    for x1, x2, expected in zip(X1, X2, GATES[t.part]):
        t.close(t.call(int(x1), int(x2)), expected, f"{t.part}({x1}, {x2})")


def _arrays(t: Trial) -> None:
    rows = t.rng.integers(4, size=9)
    expected = np.array(GATES[t.part])[rows]
    t.close(t.call(X1[rows], X2[rows]), expected, f"{t.part}(x1, x2)", x1=X1[rows], x2=X2[rows])


@check("AND")
def and_rows(t: Trial) -> None:
    _rows(t)


@check("AND")
def and_arrays(t: Trial) -> None:
    _arrays(t)


@check("NAND")
def nand_rows(t: Trial) -> None:
    _rows(t)


@check("NAND")
def nand_arrays(t: Trial) -> None:
    _arrays(t)


@check("OR")
def or_rows(t: Trial) -> None:
    _rows(t)


@check("OR")
def or_arrays(t: Trial) -> None:
    _arrays(t)


def _right(name: str, calls: list[str]) -> Any:
    """A right gate in the place of the learner's, counted: XOR is judged by itself."""

    def gate(x1: Any, x2: Any) -> Any:
        calls.append(name)
        return np.array(GATES[name])[2 * np.asarray(x1) + np.asarray(x2)]

    return gate


def _gates(calls: list[str]) -> dict[str, Any]:
    return {name: _right(name, calls) for name in ("AND", "NAND", "OR")}


@check("XOR")
def xor_rows(t: Trial) -> None:
    with t.among(**_gates([])):
        _rows(t)


@check("XOR")
def xor_arrays(t: Trial) -> None:
    with t.among(**_gates([])):
        _arrays(t)


@check("XOR")
def xor_of_gates(t: Trial) -> None:
    calls: list[str] = []
    with t.among(**_gates(calls)):
        t.call(0, 1)
    t.notes.append(("calls", len(calls), ()))
    t.that(len(calls) >= 3, f"{len(calls)}: {', '.join(calls)}" if calls else "0")
