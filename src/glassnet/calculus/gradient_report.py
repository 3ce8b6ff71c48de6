"""What a gradient check found: a row for each parameter tensor, the worst, and a verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

import numpy as np

from glassnet._core import notebook

ROUNDING_ALLOWED = 1e-2  # of a float32 gradient, in units of the largest in its tensor


@dataclass(frozen=True)
class Comparison:
    """One parameter: its name, what the backward pass says and what differences say."""

    name: str
    backward: float
    differences: float
    relative_error: float

    def __str__(self) -> str:
        return (
            f"{self.name}: backward {self.backward:.7g}, differences {self.differences:.7g} "
            f"(relative error {self.relative_error:.1e})"
        )


@dataclass
class TensorCheck:
    """The comparison for one parameter tensor, such as "dense/W".

    Attributes:
        checked: numbers compared, of ``size``.
        wrong: of these, how many differ by more than is allowed.
        kinks: how many differ because the loss has a kink there.
        tiny: how many are too close to 0 to be told from rounding.
        worst: the comparison that is furthest off, kinks aside.
        rounding: float32 against float64, in units of the largest gradient of the tensor.
    """

    name: str
    shape: tuple[int, ...]
    checked: int = 0
    wrong: int = 0
    kinks: int = 0
    tiny: int = 0
    worst: Comparison | None = None
    rounding: float | None = None
    ratios: list[float] = field(default_factory=list)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def ratio(self) -> float | None:
        """What all wrong ones are off by, if it is one factor."""
        if len(self.ratios) < 2 or not np.isfinite(self.ratios).all():
            return None
        middle = float(np.median(self.ratios))
        same = np.abs(np.array(self.ratios) - middle) <= 1e-3 * abs(middle)
        return middle if same.all() else None

    def note(
        self,
        index: int,
        backward: float,
        differences: float,
        off: float,
        *,
        wrong: bool,
        kink: bool,
        tiny: bool,
    ) -> None:
        """One more comparison."""
        self.checked += 1
        self.kinks += kink
        self.tiny += tiny
        if wrong:
            self.wrong += 1
            with np.errstate(all="ignore"):
                self.ratios.append(float(np.float64(backward) / np.float64(differences)))
        if not kink and (self.worst is None or off > self.worst.relative_error):
            where = ", ".join(str(int(i)) for i in np.unravel_index(index, self.shape))
            place = f"{self.name}[{where}]" if where else self.name
            self.worst = Comparison(place, backward, differences, off)

    @property
    def rounded_off(self) -> bool:
        """Further from the float64 twin than rounding explains."""
        return self.rounding is not None and not self.rounding <= ROUNDING_ALLOWED

    @property
    def verdict(self) -> str:
        """In a few words."""
        bad = f"{self.wrong} WRONG" if self.wrong else "WRONG" if self.rounded_off else ""
        words = [bad or "ok"]
        words += [f"{self.kinks} at a kink"] if self.kinks else []
        words += [f"{self.tiny} near 0"] if self.tiny else []
        return ", ".join(words)


@dataclass(frozen=True)
class GradientReport:
    """The outcome of ``check_gradient``; prints as a table with a verdict below.

    Attributes:
        rows: one for each parameter tensor.
        loss: of the batch.
        h, tolerance: the step and the relative error allowed.
        computed_in: "float64", or "float32" where there was no float64 copy.
        own_dtype: of the model itself.
        blur: by how much rounding alone may move a difference, for a step h that is very small.
        largest: the largest gradient.
    """

    rows: list[TensorCheck]
    loss: float
    h: float
    tolerance: float
    computed_in: str
    own_dtype: str
    training: bool
    blur: float = 0.0
    largest: float = 0.0

    @property
    def proves_nothing(self) -> bool:
        """With a step so small that rounding hides a hundredth of the largest gradient."""
        return self.blur > 0.01 * self.largest

    @property
    def ok(self) -> bool:
        """No parameter is wrong, and a float32 gradient is its float64 twin's but for rounding.

        Nor is it where the step is so small that nothing was proved.
        """
        return not self.proves_nothing and not any(
            row.wrong or row.rounded_off for row in self.rows
        )

    def __bool__(self) -> bool:
        return self.ok

    @property
    def worst(self) -> Comparison | None:
        """The parameter that is furthest off, kinks aside; None if only kinks were met."""
        found = [row.worst for row in self.rows if row.worst is not None]
        return max(found, key=lambda c: c.relative_error, default=None)

    @property
    def checked(self) -> int:
        """Numbers compared."""
        return sum(row.checked for row in self.rows)

    @property
    def size(self) -> int:
        """Numbers that the model has."""
        return sum(row.size for row in self.rows)

    @property
    def sampled(self) -> bool:
        return self.checked < self.size

    def _table(self) -> list[list[str]]:
        """A head, and a line for each tensor."""
        table = [["parameter", "shape", "checked", "worst error", "verdict"]]
        for row in self.rows:
            error = "-" if row.worst is None else f"{row.worst.relative_error:.1e}"
            shape = "x".join(map(str, row.shape)) or "number"
            table.append([row.name, shape, str(row.checked), error, row.verdict])
        if any(row.rounding is not None for row in self.rows):
            table[0].insert(4, "float32")
            for line, row in zip(table[1:], self.rows):
                line.insert(4, f"{row.rounding or 0.0:.1e}")
        return table

    def _headline(self) -> str:
        share = f"{self.checked} of {self.size} parameters (a sample)"
        share = share if self.sampled else f"all {self.size} parameters"
        where = self.computed_in + (" copy" if self.computed_in != self.own_dtype else "")
        return f"gradient check: {share} against central differences, {where}, h = {self.h:g}"

    def __str__(self) -> str:
        table = self._table()
        widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
        lines = [
            "  " + "  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in table
        ]
        return "\n".join([self._headline(), *lines, *self._verdict()])

    def _repr_html_(self) -> str:
        head, *rows = self._table()
        style = "good" if self.ok else "bad"
        below = "".join(f'<p class="{style}">{escape(line)}</p>' for line in self._verdict())
        table = notebook.table(head, rows, words=(0, 1, len(head) - 1))
        return notebook.block(f"<h3>{escape(self._headline())}</h3>{table}{below}")

    def _verdict(self) -> list[str]:
        lines = []
        wrong = sum(row.wrong for row in self.rows)
        if wrong:
            lines.append(f"NOT ok: {wrong} of {self.checked} are wrong. Worst is {self.worst}.")
            lines += [
                f"  {row.name}: the backward pass gives {row.ratio:.4g} times the true value "
                f"throughout."
                for row in self.rows
                if row.wrong and row.ratio is not None
            ]
        lines += [
            f"NOT ok: {row.name}: the {self.own_dtype} gradient differs from that of the float64 "
            f"copy by {row.rounding:.1e} of the largest; rounding explains {ROUNDING_ALLOWED:g}."
            for row in self.rows
            if row.rounded_off and not row.wrong
        ]
        if self.proves_nothing:
            lines.append(
                f"NO PROOF: with h = {self.h:g} rounding alone moves a difference by "
                f"{self.blur:.1e}, and the largest gradient is {self.largest:.1e}. Leave h out."
            )
        if not lines:
            lines.append(f"ok: the worst is {self.worst}; {self.tolerance:g} is allowed.")
        kinks = sum(row.kinks for row in self.rows)
        if kinks:
            lines.append(
                f"{kinks} parameter{'s lie' if kinks > 1 else ' lies'} at a kink of the loss (as "
                f"ReLU has at 0): no slope there, and the backward pass is right to both sides."
            )
        if self.checked and sum(row.tiny for row in self.rows) == self.checked:
            lines.append("every gradient is too close to 0 to be told from rounding: no proof.")
        if self.computed_in == "float32":
            lines.append("float32 is coarse: only gross mistakes show. A float64 model is better.")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, for JSON (a number that is none becomes null)."""
        rows = [
            {
                **{k: v for k, v in asdict(row).items() if k != "ratios"},
                "shape": list(row.shape),
                "size": row.size,
                "ratio": row.ratio,
                "verdict": row.verdict,
            }
            for row in self.rows
        ]
        plain: dict[str, Any] = _finite(
            {
                "ok": self.ok,
                "worst": None if self.worst is None else asdict(self.worst),
                "checked": self.checked,
                "size": self.size,
                "sampled": self.sampled,
                "loss": self.loss,
                "h": self.h,
                "tolerance": self.tolerance,
                "computed_in": self.computed_in,
                "dtype": self.own_dtype,
                "training": self.training,
                "tensors": rows,
                "text": str(self),
            }
        )
        return plain


def _finite(plain: Any) -> Any:
    """None for NaN and infinity, which JSON does not have."""
    if isinstance(plain, dict):
        return {key: _finite(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_finite(value) for value in plain]
    return None if isinstance(plain, float) and not np.isfinite(plain) else plain
