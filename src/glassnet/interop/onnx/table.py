"""The preprocessing of a table as ONNX operators: one input for each column."""

from __future__ import annotations

import numpy as np

from glassnet.data.features import BooleanColumn, CategoryColumn, FeatureColumn, NumberColumn
from glassnet.data.preprocessing import Preprocessor
from glassnet.interop.onnx.graph import Graph


def write_columns(graph: Graph, rows: Preprocessor) -> str:
    """The nodes from the columns to the features; the name of those."""
    parts = [_column(graph, column, rows.unknown == "zeros") for column in rows.columns]
    graph.scope = ""
    return graph.add("Concat", *parts, name="features", axis=1)


def _column(graph: Graph, column: FeatureColumn, ignore_unknown: bool) -> str:
    graph.scope = ""
    if isinstance(column, NumberColumn):
        return _number(graph, column)
    if isinstance(column, BooleanColumn):
        x = graph.input(column.name, "BOOL", [1])
        graph.scope = f"column {column.name}/"
        return graph.add("Cast", x, to=graph.onnx.TensorProto.FLOAT)
    return _category(graph, column, ignore_unknown)


def _number(graph: Graph, column: NumberColumn) -> str:
    """(x - mean) / scale in float64: means of many digits would be lost in float32."""
    x = graph.input(column.name, "DOUBLE", [1])
    graph.scope = f"column {column.name}/"
    if column.fill is not None:  # NaN means that there is no value
        fill = graph.constant("fill", column.fill, np.float64)
        x = graph.add("Where", graph.add("IsNaN", x), fill, x)
    centred = graph.add("Sub", x, graph.constant("mean", column.mean, np.float64))
    scaled = graph.add("Div", centred, graph.constant("scale", column.scale, np.float64))
    return graph.add("Cast", scaled, to=graph.onnx.TensorProto.FLOAT)


def _category(graph: Graph, column: CategoryColumn, ignore_unknown: bool) -> str:
    """One-hot. The empty text means that there is no value.

    zeros=0 lets the runtime refuse a category that training did not have.
    """
    x = graph.input(column.name, "STRING", [1])
    graph.scope = f"column {column.name}/"
    known = [*column.categories, ""] if column.missing else list(column.categories)
    one_hot = graph.add(
        "OneHotEncoder", x, domain="ai.onnx.ml", cats_strings=known, zeros=int(ignore_unknown)
    )
    return graph.add("Flatten", one_hot, axis=1)
