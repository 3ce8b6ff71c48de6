"""The preprocessing of a table as ONNX operators: one input for each column."""

from __future__ import annotations

import numpy as np

from glassnet.data.features import (
    BooleanColumn,
    CategoryColumn,
    DateColumn,
    FeatureColumn,
    NumberColumn,
)
from glassnet.data.preprocessing import Preprocessor
from glassnet.interop.onnx.dates import write_parts
from glassnet.interop.onnx.graph import Graph


def write_columns(graph: Graph, rows: Preprocessor) -> str:
    """The nodes from the columns to the features; the name of those."""
    lenient = rows.unknown == "zeros"
    parts = [part for column in rows.columns for part in _column(graph, column, lenient)]
    graph.scope = ""
    return graph.add("Concat", *parts, name="features", axis=1)


def _column(graph: Graph, column: FeatureColumn, lenient: bool) -> list[str]:
    graph.scope = ""
    if isinstance(column, NumberColumn):
        x = graph.input(column.name, "DOUBLE", [1])
        return number(graph, column, x, graph.add("IsNaN", x), lenient)
    if isinstance(column, BooleanColumn):
        x = graph.input(column.name, "BOOL", [1])
        graph.scope = f"column {column.name}/"
        return [graph.add("Cast", x, to=graph.onnx.TensorProto.FLOAT)]
    if isinstance(column, DateColumn):
        return _date(graph, column, lenient)
    return [_category(graph, column, lenient)]


def number(graph: Graph, column: NumberColumn, x: str, empty: str, lenient: bool) -> list[str]:
    """(x - mean) / scale in float64: means of many digits would be lost in float32.

    Args:
        x: (n, 1) double; ``empty``: (n, 1) bool, where there is no value.
        lenient: whether a gap, where training had none, counts as the mean; else NaN stays NaN.
    """
    graph.scope = f"column {column.name}/"
    if column.fill is not None or lenient:
        value = column.mean if column.fill is None else column.fill
        x = graph.add("Where", empty, graph.constant("fill", value, np.float64), x)
    centred = graph.add("Sub", x, graph.constant("mean", column.mean, np.float64))
    scaled = graph.add("Div", centred, graph.constant("scale", column.scale, np.float64))
    features = [graph.add("Cast", scaled, to=graph.onnx.TensorProto.FLOAT)]
    if column.gap:
        features.append(graph.add("Cast", empty, to=graph.onnx.TensorProto.FLOAT))
    return features


def _category(graph: Graph, column: CategoryColumn, lenient: bool) -> str:
    """One-hot. The empty text means that there is no value.

    zeros=0 lets the runtime refuse a category that training did not have.
    """
    x = graph.input(column.name, "STRING", [1])
    graph.scope = f"column {column.name}/"
    known = [*column.categories, ""] if column.missing else list(column.categories)
    one_hot = graph.add(
        "OneHotEncoder", x, domain="ai.onnx.ml", cats_strings=known, zeros=int(lenient)
    )
    return graph.add("Flatten", one_hot, axis=1)


def _date(graph: Graph, column: DateColumn, lenient: bool) -> list[str]:
    x = graph.input(column.name, "DOUBLE", [1])
    graph.scope = f"column {column.name}/"
    empty = graph.add("IsNaN", x)
    names = [part.name.removeprefix(f"{column.name}.") for part in column.parts]
    found = write_parts(graph, x, empty, names)
    nan = graph.constant("none", np.nan, np.float64)
    features = []
    for part, name in zip(column.parts, names):
        value = graph.add("Where", empty, nan, found[name])
        features += number(graph, part, value, empty, lenient)
    return features
