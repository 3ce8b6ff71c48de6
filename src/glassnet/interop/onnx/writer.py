"""A network as ONNX: opset 17, IR 8, any number of rows.

Each layer becomes one to eight standard operators; none is of glassnet's own making.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet._core.storage import PathLike, atomic_write
from glassnet._core.strict_json import to_json
from glassnet.interop import about
from glassnet.interop.onnx.graph import Graph
from glassnet.interop.onnx.table import write_columns
from glassnet.model import Sequential

OPSET, ML_OPSET, IR = 17, 3, 8


def to_onnx(
    model: Sequential,
    path: PathLike,
    *,
    class_names: Sequence[str] | None = None,
    preprocessing: bool = True,
    notes: about.Notes | None = None,
) -> None:
    """Write ``model`` as an ONNX file that computes in float32.

    Inputs: ``x`` (n, …); or, of a network that learned from a table, the columns of the table
    by name, each (n, 1): numbers as double, NaN for none; categories as text, "" for none; yes
    and no as bool; dates as double, the seconds since 1970-01-01 00:00 (times of a day: since
    midnight), NaN for none. Categories are compared as they are: white space around them is not
    dropped, as glassnet does.

    Outputs: ``output`` (n, outputs), and where it is known ``label`` (n), the name of the most
    likely class; of a table's numbers ``value`` (n, 1), in the units of the table.

    Args:
        class_names: the labels, if the model does not know them.
        preprocessing: False leaves the columns of the table out and takes features.
        notes: plain JSON to keep in the file.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer that cannot be written (named, with those that can).
        MissingDependencyError: the package onnx is not installed.
    """
    model.need_built("to_onnx")
    labels = about.labels_of(model, class_names)
    graph = Graph()
    said = about.describe(model, notes)
    rows = model.table if preprocessing else None
    if rows is None:
        assert model.input_shape is not None
        x = graph.input("x", "FLOAT", model.input_shape)
    else:
        x = said["features"] = write_columns(graph, rows)
    for layer in model.layers:
        x = graph.write(layer, x)
    shape = model.layers[-1].output_shape
    assert shape is not None
    x = graph.channels_last(x, shape)
    said["output"] = graph.output(x, "output", "FLOAT", shape)
    if labels is not None:
        graph.output(_label(graph, x, model.outputs, labels), "label", "STRING", ())
    elif rows is not None and (rows.target.scale, rows.target.mean) != (1.0, 0.0):
        graph.scope = "target/"
        scaled = graph.add("Mul", x, graph.constant("scale", rows.target.scale))
        value = graph.add("Add", scaled, graph.constant("mean", rows.target.mean))
        graph.output(value, "value", "FLOAT", shape)
    _save(graph, model.name, said, labels, path)


def _save(
    graph: Graph, name: str, said: about.Notes, labels: about.Labels | None, path: PathLike
) -> None:
    helper = graph.onnx.helper
    made = helper.make_model(
        helper.make_graph(graph.nodes, name, graph.inputs, graph.outputs, graph.constants),
        opset_imports=[
            helper.make_opsetid("", OPSET),
            helper.make_opsetid("ai.onnx.ml", ML_OPSET),
        ],
        ir_version=IR,
        producer_name="glassnet",
    )
    texts = {about.KEY: to_json(said)}
    if labels is not None:
        texts["classes"] = to_json(labels.names)
    helper.set_model_props(made, texts)
    graph.onnx.checker.check_model(made)
    with atomic_write(path) as file:
        file.write(made.SerializeToString())


def _label(graph: Graph, x: str, outputs: int, labels: about.Labels) -> str:
    """The label of the largest output; of a single output, by its threshold."""
    graph.scope = "label/"
    names = graph.constant("names", np.array(labels.names, object), object)
    if outputs == 1:
        flat = graph.add("Reshape", x, graph.constant("rows", [-1], np.int64))
        above = graph.add("Greater", flat, graph.constant("threshold", labels.threshold))
        number = graph.add("Cast", above, to=graph.onnx.TensorProto.INT64)
    else:
        number = graph.add("ArgMax", x, axis=-1, keepdims=0)
    return graph.add("Gather", names, number, axis=0)
