"""ONNX out and in: the same answers in ONNX Runtime, and in the network that comes back."""

import json

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, data, interop, layers
from glassnet.activations import ACTIVATIONS
from glassnet.data import Preprocessor, Target
from glassnet.data.features import BooleanColumn, CategoryColumn, DateColumn, NumberColumn
from glassnet.errors import ConfigError, FileFormatError, NotBuiltError

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

CLOSE = {"rtol": 1e-5, "atol": 1e-5}


def run(path, **inputs):
    """The outputs by name."""
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, inputs)))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_layer_with_every_activation(nets, tmp_path, name):
    model, x = nets.network(name), nets.images()
    path = tmp_path / "model.onnx"
    interop.to_onnx(model, path)
    found = run(path, x=x)
    np.testing.assert_allclose(found["output"], model.predict(x), **CLOSE)
    assert found["label"].tolist() == model.predict_classes(x).tolist()
    back = interop.from_onnx(path)
    np.testing.assert_array_equal(back.predict(x), model.predict(x))
    assert back.predict_classes(x).tolist() == found["label"].tolist()
    assert [layer.name for layer in back.layers if layer.kind == "dense"] == ["dense", "dense_1"]


@settings(max_examples=25)
@given(data=st.data())
def test_any_chain_of_layers(nets, folder, data):
    model = data.draw(nets.networks())
    x = nets.rows_for(model)
    interop.to_onnx(model, folder / "any.onnx")
    np.testing.assert_allclose(run(folder / "any.onnx", x=x)["output"], model.predict(x), **CLOSE)
    back = interop.from_onnx(folder / "any.onnx")
    np.testing.assert_allclose(back.predict(x), model.predict(x), rtol=1e-6, atol=1e-6)


def test_what_the_file_says_of_itself(model, tmp_path):
    interop.to_onnx(model, tmp_path / "model.onnx", class_names=["null", "eins", "zwei"])
    made = onnx.load(tmp_path / "model.onnx")
    onnx.checker.check_model(made, full_check=True)
    assert made.ir_version == 8
    assert {(o.domain, o.version) for o in made.opset_import} == {("", 17), ("ai.onnx.ml", 3)}
    batch = made.graph.input[0].type.tensor_type.shape.dim[0]
    assert batch.dim_param == "n"
    texts = {p.key: p.value for p in made.metadata_props}
    assert json.loads(texts["classes"]) == ["null", "eins", "zwei"]
    x = np.zeros((1, 2, 3), np.float32)
    assert run(tmp_path / "model.onnx", x=x)["label"][0] in ("null", "eins", "zwei")


def test_float64_is_written_as_float32(nets, tmp_path):
    model, x = nets.network("gelu", dtype="float64"), nets.images(dtype="float64")
    interop.to_onnx(model, tmp_path / "model.onnx")
    found = run(tmp_path / "model.onnx", x=x.astype(np.float32))["output"]
    np.testing.assert_allclose(found, model.predict(x), **CLOSE)


def test_one_output_has_a_threshold(tmp_path):
    x = np.random.default_rng(0).normal(size=(50, 2))
    y = np.where(x[:, 0] > 0, "yes", "no")
    for last, loss in ((["sigmoid"], "binary_crossentropy"),
                       ([None], {"name": "binary_crossentropy", "from_logits": True})):  # fmt: skip
        model = Sequential([layers.Dense(4, "tanh"), layers.Dense(1, *last)], seed=0)
        model.compile("adam", loss)
        model.fit(x, y, epochs=20, verbose=0)
        interop.to_onnx(model, tmp_path / "model.onnx")
        found = run(tmp_path / "model.onnx", x=x.astype(np.float32))
        assert found["label"].tolist() == model.predict_classes(x).tolist()
        back = interop.from_onnx(tmp_path / "model.onnx")
        assert back.predict_classes(x).tolist() == found["label"].tolist()
        assert back.loss == model.loss
        assert back.evaluate(x, y)["loss"] == pytest.approx(model.evaluate(x, y)["loss"], rel=1e-6)


# ---- tables ------------------------------------------------------------------------------

COLUMNS = (
    NumberColumn("year", 1_700_000_000.0, 25.0, fill=1_700_000_010.0),
    NumberColumn("output", 1.0, 2.0),  # a name that the file needs itself
    CategoryColumn("colour", ("blue", "red", "7"), missing=True),
    BooleanColumn("new"),
)


def table(n=30):
    rng = np.random.default_rng(0)
    return {
        "year": 1_700_000_000.0 + rng.integers(0, 100, n),
        "output": rng.normal(size=n),
        "colour": rng.choice(["blue", "red", "7", ""], n).tolist(),
        "new": rng.choice([True, False], n).tolist(),
    }


def of_table(target, outputs, last, unknown="error"):
    model = Sequential([layers.Dense(5, "tanh"), layers.Dense(outputs, last)], seed=0)
    model.build((7,))
    model.preprocessing = Preprocessor(COLUMNS, target, unknown)
    return model


def columns_of(raw):
    return {
        "year": np.array(raw["year"], np.float64)[:, None],
        "output": np.array(raw["output"], np.float64)[:, None],
        "colour": np.array(raw["colour"], object)[:, None],
        "new": np.array(raw["new"], bool)[:, None],
    }


def test_the_columns_of_a_table(tmp_path):
    model = of_table(Target("kind", "classification", ("big", "small")), 2, "softmax")
    raw = table()
    x = model.preprocessing.transform({**raw, "colour": [c or None for c in raw["colour"]]})
    path = tmp_path / "model.onnx"
    interop.to_onnx(model, path)
    found = run(path, **columns_of(raw))
    np.testing.assert_allclose(found["output_"], model.predict(x), **CLOSE)
    assert set(found["label"]) <= {"big", "small"}
    one = columns_of({k: v[:1] for k, v in raw.items()})
    one["year"][:] = np.nan  # no value: as if it were the median
    filled = model.preprocessing.transform({
        "year": [None], "output": raw["output"][:1], "new": raw["new"][:1],
        "colour": [raw["colour"][0] or None],
    })  # fmt: skip
    np.testing.assert_allclose(run(path, **one)["output_"], model.predict(filled), **CLOSE)
    back = interop.from_onnx(path)
    assert back.preprocessing == model.preprocessing
    np.testing.assert_array_equal(back.predict(x), model.predict(x))


def test_a_category_that_training_did_not_have(tmp_path):
    target = Target("kind", "classification", ("big", "small"))
    raw = columns_of(table(1))
    raw["colour"][:] = "green"
    interop.to_onnx(of_table(target, 2, "softmax"), tmp_path / "strict.onnx")
    with pytest.raises(Exception, match=r"(?i)unknown|category"):
        run(tmp_path / "strict.onnx", **raw)
    free = of_table(target, 2, "softmax", unknown="zeros")
    interop.to_onnx(free, tmp_path / "free.onnx")
    x = free.preprocessing.transform({k: v[0] for k, v in raw.items()})
    assert x[0, 2:6].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(
        run(tmp_path / "free.onnx", **raw)["output_"], free.predict(x), **CLOSE
    )


DATES = tuple(
    NumberColumn(f"on.{name}", 3.0, 7.0, 2.0, gap=True)
    for name in ("days", "year", "month", "day", "weekday", "hour")
)


def test_gaps_and_dates(tmp_path):
    """Every day of the leap years' corners, and gaps with and without a feature of their own."""
    days = np.concatenate([
        np.arange("1899-12-30", "1900-03-05", dtype="datetime64[D]"),
        np.arange("1999-12-25", "2000-03-05", dtype="datetime64[D]"),
        np.arange("2023-12-25", "2025-01-05", dtype="datetime64[D]"),
    ])  # fmt: skip
    rng = np.random.default_rng(0)
    when = days.astype("datetime64[s]") + rng.integers(0, 86400, len(days))
    when[::50] = np.datetime64("NaT")
    clock = pyarrow.array(rng.integers(0, 86400, len(days)).astype(np.int32), pyarrow.time32("s"))
    size = rng.normal(size=len(days))
    size[::7] = np.nan
    columns = (
        DateColumn("on", DATES),
        DateColumn("at", (NumberColumn("at.hour", 12.0, 6.0),)),
        NumberColumn("size", 1.0, 2.0, 0.5, gap=True),
        NumberColumn("mass", 1.0, 2.0),  # training had no gap
    )
    rows = Preprocessor(columns, Target("price", "regression"), "zeros")
    model = Sequential([layers.Dense(1)], seed=0)
    model.build((len(rows.feature_names),))
    model.preprocessing = rows
    interop.to_onnx(model, tmp_path / "model.onnx")
    mass = np.roll(size, 3)
    table = pyarrow.table({"on": when, "at": clock, "size": size, "mass": mass})
    seconds = when.astype("int64").astype(np.float64)
    seconds[np.isnat(when)] = np.nan
    raw = {"on": seconds, "at": np.array(clock.cast("int32"), float), "size": size, "mass": mass}
    feed = {name: values[:, None] for name, values in raw.items()}
    x = rows.transform(table)
    found = between(tmp_path / "model.onnx", "features", feed)
    np.testing.assert_allclose(found, x, rtol=1e-6, atol=1e-6)


def between(path, name, feed):
    """What flows inside the graph under a name."""
    whole = onnx.load(path)
    info = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
    whole.graph.output.append(info)
    session = runtime.InferenceSession(whole.SerializeToString())
    return session.run([name], feed)[0]


def test_numbers_come_in_the_units_of_the_table(tmp_path):
    model = of_table(Target("price", "regression", mean=200.0, scale=50.0), 1, None)
    raw = table()
    x = model.preprocessing.transform({**raw, "colour": [c or None for c in raw["colour"]]})
    interop.to_onnx(model, tmp_path / "model.onnx")
    found = run(tmp_path / "model.onnx", **columns_of(raw))["value"]
    expected = model.preprocessing.decode_target(model.predict(x))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_features_instead_of_columns(tmp_path):
    model = of_table(Target("price", "regression"), 1, None)
    interop.to_onnx(model, tmp_path / "model.onnx", preprocessing=False)
    x = np.ones((3, 7), np.float32)
    found = run(tmp_path / "model.onnx", x=x)
    np.testing.assert_allclose(found["output"], model.predict(x), **CLOSE)
    assert interop.from_onnx(tmp_path / "model.onnx").preprocessing == model.preprocessing


# ---- files of other programs ---------------------------------------------------------------


def foreign(nodes, inputs=(("x", 1, ["n", 2]),), outputs=("y",), constants=(), opset=17):
    """A file that some other program could have written."""
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node(op, ins, outs, **settings) for op, ins, outs, settings in nodes],
        "g",
        [helper.make_tensor_value_info(*i) for i in inputs],
        [helper.make_tensor_value_info(name, 1, None) for name in outputs],
        [onnx.numpy_helper.from_array(np.asarray(a), name) for name, a in constants],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def read(tmp_path, made):
    (tmp_path / "foreign.onnx").write_bytes(made.SerializeToString())
    return interop.from_onnx(tmp_path / "foreign.onnx")


W = np.array([[1.0, -2.0, 0.5], [0.25, 1.0, 3.0]], np.float32)
B = np.array([0.1, 0.2, 0.3], np.float32)
X = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32)


def test_dense_layers_as_others_write_them(tmp_path):
    expected = X @ W + B
    matmul = [("MatMul", ["x", "W"], ["z"], {}), ("Add", ["b", "z"], ["y"], {})]
    model = read(tmp_path, foreign(matmul, constants=[("W", W), ("b", B[None])]))
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-6, atol=1e-6)
    gemm = [("Gemm", ["x", "W", "b"], ["y"], {"transB": 1, "alpha": 2.0, "beta": 0.5})]
    model = read(tmp_path, foreign(gemm, constants=[("W", W.T.copy()), ("b", B)]))
    np.testing.assert_allclose(model.predict(X), 2 * (X @ W) + B / 2, rtol=1e-5, atol=1e-6)
    half = [("Gemm", ["x", "W"], ["y"], {})]
    model = read(tmp_path, foreign(half, constants=[("W", W.astype(np.float16))]))
    assert model.dtype == np.float32
    np.testing.assert_allclose(model.predict(X), X @ W, rtol=1e-5, atol=1e-5)
    double = [("Gemm", ["x", "W"], ["y"], {})]
    assert read(tmp_path, foreign(double, constants=[("W", W.astype(float))])).dtype == np.float64


FORMULAS = {
    # GELU as PyTorch writes it below opset 20
    "gelu": [
        ("Div", ["z", "root2"], ["a"], {}), ("Erf", ["a"], ["e"], {}),
        ("Add", ["e", "one"], ["s"], {}), ("Mul", ["z", "s"], ["m"], {}),
        ("Mul", ["m", "half"], ["y"], {}),
    ],
    "gelu_tanh": [
        ("Pow", ["z", "three"], ["p"], {}), ("Mul", ["p", "c"], ["q"], {}),
        ("Add", ["z", "q"], ["r"], {}), ("Mul", ["r", "k"], ["t"], {}),
        ("Tanh", ["t"], ["u"], {}), ("Add", ["one", "u"], ["v"], {}),
        ("Mul", ["half", "z"], ["w"], {}), ("Mul", ["w", "v"], ["y"], {}),
    ],
    "silu": [("Sigmoid", ["z"], ["s"], {}), ("Mul", ["s", "z"], ["y"], {})],
    "relu": [("Max", ["z", "zero"], ["y"], {})],
    "step": [("Greater", ["z", "zero"], ["g"], {}), ("Cast", ["g"], ["y"], {"to": 1})],
}  # fmt: skip
NUMBERS = [
    (name, np.float32(value))
    for name, value in {
        "root2": 2**0.5, "one": 1, "half": 0.5, "three": 3, "c": 0.044715, "zero": 0,
        "k": (2 / np.pi) ** 0.5,
    }.items()
]  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_activations_that_are_written_as_many_operators(tmp_path, name):
    nodes = [("Gemm", ["x", "W", "b"], ["z"], {}), *FORMULAS[name]]
    model = read(tmp_path, foreign(nodes, constants=[("W", W), ("b", B), *NUMBERS]))
    assert [layer.activation.name for layer in model.layers] == [name]
    np.testing.assert_allclose(model.predict(X), ACTIVATIONS[name](X @ W + B), atol=1e-6)


def test_scaling_is_one_layer_however_it_is_written(tmp_path):
    nodes = [("Sub", ["x", "one"], ["a"], {}), ("Div", ["a", "half"], ["b1"], {}),
             ("Mul", ["three", "b1"], ["c1"], {}), ("Gemm", ["c1", "W"], ["y"], {})]  # fmt: skip
    model = read(tmp_path, foreign(nodes, constants=[("W", W), *NUMBERS]))
    assert [layer.kind for layer in model.layers] == ["rescaling", "dense"]
    np.testing.assert_allclose(model.predict(X), ((X - 1) / 0.5 * 3) @ W, rtol=1e-5, atol=1e-5)


def test_blocks_after_images(tmp_path):
    """BatchNormalization inside a block: its axis 1 is the last one, because rows come in."""
    block = layers.Residual([layers.BatchNormalization(), layers.Dense(5)])
    model = Sequential([layers.Flatten(), layers.Dense(5), block, layers.Dense(2)], seed=0)
    model.build((2, 3))
    interop.to_onnx(model, tmp_path / "model.onnx")
    x = np.random.default_rng(0).normal(size=(4, 2, 3)).astype(np.float32)
    back = interop.from_onnx(tmp_path / "model.onnx")
    np.testing.assert_array_equal(back.predict(x), model.predict(x))


LOOKS_ALIKE = {
    "a bias for each row": (
        [("MatMul", ["x", "W"], ["z"], {}), ("Add", ["z", "column"], ["y"], {})], "operator Add",
    ),
    "a number divided by each": ([("Div", ["c2", "x"], ["y"], {})], "operator Div"),
    "rounding": (
        [("Cast", ["x"], ["i"], {"to": 7}), ("Cast", ["i"], ["y"], {"to": 1})], "operator Cast",
    ),
    "rows torn apart": ([("Reshape", ["x", "one_column"], ["y"], {})], "do not fill"),
    "rows that are counted anew": (
        [("Reshape", ["x", "same"], ["y"], {"allowzero": 1})], "allowzero",
    ),
    "dropout that goes on": (
        [("Dropout", ["x", "half", "yes"], ["y"], {})], "operator Dropout",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS_ALIKE)
def test_what_looks_like_a_layer_and_is_none(tmp_path, name):
    nodes, words = LOOKS_ALIKE[name]
    constants = [
        ("W", W), ("column", B[:, None]), ("c2", W[:, 0]), ("half", np.float32(0.5)),
        ("one_column", np.array([-1, 1])), ("same", np.array([0, 2])), ("yes", np.array(True)),
    ]  # fmt: skip
    with pytest.raises(FileFormatError, match=words):
        read(tmp_path, foreign(nodes, constants=constants))


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([("Sin", ["x"], ["y"], {})], "operator Sin.*Supported are .*Gemm"),
        ([("Conv", ["x", "W"], ["y"], {})], r"Conv.*kernel of shape \(2, 3\)"),
        ([("ThresholdedRelu", ["x"], ["y"], {})], "operator ThresholdedRelu"),
        ([("Gemm", ["x", "W"], ["z"], {}), ("Sin", ["z"], ["y"], {})], "operator Sin"),
        ([("Mul", ["x", "x"], ["y"], {})], "operator Mul"),
        ([("Gemm", ["x", "x"], ["y"], {})], "not a constant"),
        ([("Gemm", ["x", "W"], ["y"], {"transA": 1})], "transA"),
        ([("Gemm", ["W", "x"], ["y"], {})], "operator Gemm"),
        ([("Softmax", ["x"], ["y"], {"axis": 0})], "axis 0"),
        ([("Flatten", ["x"], ["y"], {"axis": 2})], "axis"),
        ([("Relu", ["W"], ["y"], {})], "made of none of its inputs"),
        ([("Relu", ["y"], ["z"], {}), ("Relu", ["z"], ["y"], {})], "made of none of its inputs"),
        ([("Selu", ["x"], ["y"], {"alpha": 3.0})], "Selu"),
        ([("Gemm", ["x", "W"], ["y"], {"beta": 1.0}), ("Relu", ["y"], ["y2"], {})], None),
    ],
)
def test_what_is_no_chain_of_layers_is_refused_by_name(tmp_path, nodes, words):
    made = foreign(nodes, constants=[("W", W)])
    if words is None:  # nodes that nobody reads do not matter
        assert read(tmp_path, made).outputs == 3
        return
    with pytest.raises(FileFormatError, match=words) as told:
        read(tmp_path, made)
    assert "foreign.onnx" in str(told.value)


def test_inputs_outputs_and_opsets_that_do_not_fit(tmp_path):
    relu = [("Relu", ["x"], ["y"], {})]
    for made, words in [
        (foreign(relu, inputs=[("x", 1, ["n", "k"])]), "fixed numbers"),
        (foreign(relu, inputs=[("x", 1, ["n"])]), "fixed numbers"),
        (
            foreign(
                [("Add", ["x", "u"], ["y"], {})], inputs=[("x", 1, ["n", 2]), ("u", 1, ["n", 2])]
            ),
            "2 inputs",
        ),
        (foreign([*relu, ("Tanh", ["x"], ["t"], {})], outputs=("y", "t")), "2 outputs"),
        (foreign(relu, opset=6), "opset 6"),
    ]:
        with pytest.raises(FileFormatError, match=words):
            read(tmp_path, made)


@pytest.mark.parity
def test_a_file_that_pytorch_wrote(tmp_path):
    torch = pytest.importorskip("torch")
    nn = torch.nn
    module = nn.Sequential(
        nn.Flatten(), nn.Linear(6, 5), nn.GELU(), nn.BatchNorm1d(5), nn.Linear(5, 4), nn.SiLU(),
        nn.LayerNorm(4), nn.Dropout(0.5), nn.Linear(4, 3), nn.LogSoftmax(1),
    ).eval()  # fmt: skip
    x = torch.randn(8, 2, 3)
    path = tmp_path / "torch.onnx"
    with pytest.warns() as _:  # the exporter that needs no further package is called old
        torch.onnx.export(
            module, (x,), str(path), opset_version=17, dynamo=False, input_names=["x"],
            output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
        )  # fmt: skip
    with torch.no_grad():
        expected = module(x).numpy()
    np.testing.assert_allclose(interop.from_onnx(path).predict(x.numpy()), expected, **CLOSE)


class Doubled(layers.Activation):
    """A user's layer that says nothing of ONNX."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)


# ---- the writer refuses ----------------------------------------------------------------------


def test_what_cannot_be_written_is_named_and_nothing_is_left(nothing_left, nets):
    with pytest.raises(NotBuiltError):
        interop.to_onnx(Sequential([layers.Dense(2)]), nothing_left / "out.onnx")
    own = Sequential([Doubled("relu"), layers.Dense(2)])
    own.build((4,))
    with pytest.raises(ConfigError, match=r"'Doubled'.*ONNX has no such layer.*conv2d, .*dense"):
        interop.to_onnx(own, nothing_left / "out.onnx")
    with pytest.raises(ConfigError, match="2 names, but there are 3"):
        interop.to_onnx(nets.network(), nothing_left / "out.onnx", class_names=["a", "b"])


def test_a_trained_network_comes_back_ready_to_go_on(tmp_path):
    spiral = data.spiral(20, seed=0)
    model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")], seed=0)
    model.compile({"name": "adam", "learning_rate": 0.02}, "sparse_categorical_crossentropy",
                  metrics=["accuracy"])  # fmt: skip
    model.fit(spiral, epochs=3, verbose=0)
    interop.to_onnx(model, tmp_path / "model.onnx")
    back = interop.from_onnx(tmp_path / "model.onnx")
    assert back.evaluate(spiral) == model.evaluate(spiral)
    assert back.get_config()["compile"] == model.get_config()["compile"]
    back.fit(spiral, epochs=1, verbose=0)
