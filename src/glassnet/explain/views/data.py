"""A training step as plain data: what becomes JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.explain.data import Quantity
from glassnet.explain.equations import derive
from glassnet.explain.trace import StepTrace

LINES = 64  # lines with numbers for each array; a larger array is cut, and says so
ELEMENTS = 50_000  # numbers of one array


def render(trace: StepTrace, lines: int = LINES) -> dict[str, Any]:
    """The whole step; ``lines`` formulas with numbers for each array."""

    def quantities(layer: str, named: Mapping[str, Quantity]) -> dict[str, Any]:
        return {name: _quantity(trace, layer, q, lines) for name, q in named.items()}

    loss, optimizer = trace.loss, trace.optimizer
    return {
        **_attributes(trace, "model", "dtype", "samples", "h", "ok"),
        "mistakes": list(trace.mistakes),
        "notes": list(trace.notes),
        "loss": {
            **_attributes(
                loss, "name", "display_name", "fused", "formula", "latex", "gradient_formula",
                "value", "penalty",
            ),
            "by_sample": loss["l"].tolist(),
            "sample_weight": loss.sample_weight,
            "quantities": quantities("loss", loss.quantities),
        },
        "layers": [
            {
                **_attributes(step, "name", "kind", "title", "describes", "inside", "activation"),
                "notes": list(step.notes),
                "quantities": quantities(step.name, step.quantities),
            }
            for step in trace.layers
        ],
        "optimizer": {
            **_attributes(optimizer, "name", "step", "learning_rate", "formula"),
            "settings": dict(optimizer.settings),
            "clipped": optimizer.clipped,
        },
        "checks": [check.to_dict() for check in trace.checks],
    }  # fmt: skip


def _attributes(of: object, *names: str) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def _quantity(trace: StepTrace, layer: str, q: Quantity, lines: int) -> dict[str, Any]:
    plain = q.to_dict()
    if q.value.size > ELEMENTS:
        plain["value"], plain["numerical"] = None, None
        plain["cut"] = f"{q.value.size:,} numbers are too many to write out; ask value()"
    plain["lines"] = []
    for index in list(np.ndindex(q.shape))[:lines] if lines else []:
        equation = derive(trace, layer, q.name, index).equation
        plain["lines"].append({"index": list(index), "with_numbers": equation.with_numbers,
                               "formula": equation.formula})  # fmt: skip
    if len(plain["lines"]) < q.value.size:
        plain["lines_cut"] = f"the first {len(plain['lines'])} of {q.value.size:,}"
    return plain
