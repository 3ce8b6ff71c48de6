"""What scikit-learn's and TensorFlow's exporters put around a network: labels, accuracy.

The graphs have the forms that skl2onnx 1.20 and tf2onnx write; ONNX Runtime says what
they compute.
"""

import os

import numpy as np
import pytest

from glassnet import interop
from glassnet.errors import FileFormatError

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, size=(40, 4)).astype(np.float32)
W1, B1 = (RNG.normal(size=s).astype(np.float32) for s in ((4, 6), (1, 6)))
W2, B2 = (RNG.normal(size=s).astype(np.float32) for s in ((6, 3), (1, 3)))
W3 = RNG.normal(size=(6, 1)).astype(np.float32)
NAMES = ["setosa", "versicolor", "virginica"]
FLOAT, INT, TEXT = 1, 7, 8

SCALER = ("Scaler", ["x"], ["x1"], {"offset": [3.0, 2.5, 3.5, 1.0], "scale": [0.5, 2.0, 1.0, 1e-3]})
CLASSIFIER = {
    "coefficients": (W2.T[:, :4] / 4).ravel().tolist(), "intercepts": [0.1, -0.2, 0.3],
    "multi_class": 1,
}  # fmt: skip


def graph(nodes, outputs, constants=(), inputs=(("x", FLOAT, ["n", 4]),), opset=17):
    helper = onnx.helper
    made = [
        helper.make_node(op, ins, outs, domain="ai.onnx.ml" if op in ML else "", **settings)
        for op, ins, outs, settings in nodes
    ]
    shown = [
        helper.make_value_info(name, helper.make_sequence_type_proto(helper.make_map_type_proto(
            kind[0], helper.make_tensor_type_proto(FLOAT, None)))) if isinstance(kind, tuple)
        else helper.make_tensor_value_info(name, kind, SHAPES.get(name))
        for name, kind in outputs
    ]  # fmt: skip
    tensors = [
        helper.make_tensor(name, TEXT, [len(a)], [t.encode() for t in a]) if isinstance(a, list)
        else onnx.numpy_helper.from_array(np.asarray(a), name)
        for name, a in constants
    ]  # fmt: skip
    whole = helper.make_graph(
        made, "g", [helper.make_tensor_value_info(*i) for i in inputs], shown, tensors
    )
    sets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 1)]
    return helper.make_model(whole, opset_imports=sets, ir_version=8)


SHAPES = {"p": ["n", 3], "v": ["n", 6]}
ML = {
    "ArrayFeatureExtractor", "Binarizer", "LinearClassifier", "LinearRegressor", "Normalizer",
    "Scaler", "SVMClassifier", "TreeEnsembleClassifier", "ZipMap",
}  # fmt: skip


def dense(x, last, end="Softmax", W=W2, b=B2):
    return [
        ("MatMul", [x, "W1"], ["m"], {}), ("Add", ["m", "b1"], ["a"], {}),
        ("Relu", ["a"], ["h"], {}), ("MatMul", ["h", "W2"], ["m2"], {}),
        ("Add", ["m2", "b2"], ["a2"], {}), (end, ["a2"], [last], {}),
    ]  # fmt: skip


WEIGHTS = [("W1", W1), ("b1", B1), ("W2", W2), ("b2", B2)]


def label(p):
    """The number of the class by its name, and back to a row."""
    return [
        ("ArgMax", [p], ["best"], {"axis": 1}),
        ("ArrayFeatureExtractor", ["classes", "best"], ["picked"], {}),
        ("Reshape", ["picked", "flat"], ["label"], {}),
    ]


FLAT = ("flat", np.array([-1], np.int64))
TWO = {"classlabels_int64s": [0, 1]}
FORMS = {
    "MLPClassifier": graph(
        [("Cast", ["x"], ["x1"], {"to": FLOAT}), *dense("x1", "p"), *label("p"),
         ("ZipMap", ["p"], ["zipped"], {"classlabels_int64s": [5, 7, 9]})],
        [("label", INT), ("zipped", (INT,))],
        [*WEIGHTS, ("classes", np.array([5, 7, 9], np.int64)), FLAT],
    ),
    "names, without ZipMap": graph(
        [SCALER, *dense("x1", "p0"), ("Identity", ["p0"], ["p"], {}), *label("p")],
        [("label", TEXT), ("p", FLOAT)], [*WEIGHTS, ("classes", NAMES), FLAT],
    ),
    "two classes of one sigmoid": graph(
        [SCALER, *dense("x1", "p1", "Sigmoid"), ("Sub", ["one", "p1"], ["p0"], {}),
         ("Concat", ["p0", "p1"], ["p"], {"axis": 1}), *label("p"),
         ("ZipMap", ["p"], ["zipped"], TWO)],
        [("label", INT), ("zipped", (INT,))],
        [*WEIGHTS[:2], ("W2", W3), ("b2", B2[:, :1]), ("one", np.float32(1)),
         ("classes", np.array([0, 1], np.int64)), FLAT],
    ),
    "LogisticRegression": graph(
        [SCALER,
         ("LinearClassifier", ["x1"], ["l", "scores"],
          {**CLASSIFIER, "classlabels_strings": NAMES, "post_transform": "SOFTMAX"}),
         ("Identity", ["l"], ["label"], {}), ("Normalizer", ["scores"], ["p"], {"norm": "L1"}),
         ("ZipMap", ["p"], ["zipped"], {"classlabels_strings": NAMES})],
        [("label", TEXT), ("zipped", (TEXT,))],
    ),
    "LogisticRegression of two classes": graph(
        [("LinearClassifier", ["x"], ["l", "p"],
          {"coefficients": [-0.3, 0.2, 0.1, -1.0, 0.3, -0.2, -0.1, 1.0], "intercepts": [-0.5, 0.5],
           "classlabels_ints": [0, 1], "post_transform": "LOGISTIC", "multi_class": 0}),
         ("Cast", ["l"], ["label"], {"to": INT}), ("ZipMap", ["p"], ["zipped"], TWO)],
        [("label", INT), ("zipped", (INT,))],
    ),
    "a column for each class": graph(
        [("LinearClassifier", ["x"], ["label", "p"],
          {**CLASSIFIER, "classlabels_ints": [0, 1, 2], "post_transform": "SOFTMAX"}),
         *[("Slice", ["p", f"s{i}", f"s{i + 1}", "s1"], [f"i{i}"], {}) for i in range(3)]],
        [("label", INT), ("i0", FLOAT), ("i1", FLOAT), ("i2", FLOAT)],
        [(f"s{i}", np.array([i], np.int64)) for i in range(4)],
    ),
    "MinMaxScaler and MLPRegressor": graph(
        [("Mul", ["x", "s"], ["q"], {}), ("Add", ["q", "o"], ["x1"], {}),
         *dense("x1", "y0", "Identity"), ("Reshape", ["y0", "rows"], ["y"], {})],
        [("y", FLOAT)],
        [*WEIGHTS[:2], ("W2", W3), ("b2", B2[:, :1]), ("rows", np.array([-1, 1], np.int64)),
         ("s", np.array([2, -0.5, 0, 1], np.float32)), ("o", np.arange(4, dtype=np.float32))],
    ),
    "LinearRegression": graph(
        [SCALER, ("LinearRegressor", ["x1"], ["y"],
                  {"coefficients": [1.0, -2.0, 0.5, 3.0], "intercepts": [0.25]})],
        [("y", FLOAT)],
    ),
}  # fmt: skip


def read(tmp_path, made):
    path = tmp_path / "theirs.onnx"
    path.write_bytes(made.SerializeToString())
    return interop.import_model(path)


def runs(made, **inputs):
    session = runtime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs)))


@pytest.mark.parametrize("name", FORMS)
def test_a_network_comes_in_with_its_labels(tmp_path, name):
    model, notes = read(tmp_path, FORMS[name])
    found = runs(FORMS[name], x=X)
    p = model.predict(X)
    if "label" in found:
        model.compile("sgd", "binary_crossentropy" if p.shape[1] == 1
                      else "sparse_categorical_crossentropy")  # fmt: skip
        assert model.predict_classes(X).tolist() == found["label"].tolist()
        assert notes["left_out"]
    if "zipped" in found:
        theirs = np.array([list(row.values()) for row in found["zipped"]])
    elif "i0" in found:
        theirs = np.concatenate([found[f"i{i}"] for i in range(3)], axis=1)
    else:
        theirs = found.get("p", found.get("y"))
    np.testing.assert_allclose(p, theirs[:, -p.shape[1] :], rtol=2e-5, atol=2e-6)


def test_the_accuracy_of_a_network_is_no_part_of_it(tmp_path):
    made = graph(
        [*dense("x", "p"), ("ArgMax", ["t"], ["n1"], {"axis": 1, "keepdims": 0}),
         ("ArgMax", ["p"], ["n2"], {"axis": 1, "keepdims": 0}), ("Equal", ["n1", "n2"], ["e"], {}),
         ("Cast", ["e"], ["f"], {"to": FLOAT}), ("ReduceMean", ["f"], ["acc"], {"keepdims": 0})],
        [("acc", FLOAT)], WEIGHTS, [("t", FLOAT, ["n", 3]), ("x", FLOAT, ["n", 4])],
    )  # fmt: skip
    model, notes = read(tmp_path, made)
    t = np.eye(3, dtype=np.float32)[RNG.integers(0, 3, len(X))]
    right = (model.predict(X).argmax(axis=1) == t.argmax(axis=1)).mean()
    assert runs(made, x=X, t=t)["acc"] == pytest.approx(right)
    assert notes["left_out"] == ["ReduceMean", "Cast", "Equal", "ArgMax"]


def test_an_output_on_the_way_is_left_out(tmp_path):
    made = graph(dense("x", "p"), [("h", FLOAT), ("p", FLOAT)], WEIGHTS)
    model, notes = read(tmp_path, made)
    np.testing.assert_allclose(model.predict(X), runs(made, x=X)["p"], rtol=1e-5, atol=1e-6)
    assert notes["left_out"] == ["the output 'h'"]


def linear(**settings):
    return [("LinearClassifier", ["x"], ["label", "p"],
             {**CLASSIFIER, "classlabels_ints": [0, 1, 2], **settings})]  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        (linear(post_transform="PROBIT"), "post_transform"),
        (linear(coefficients=[1.0] * 11), "11 coefficients for samples of shape"),
        (linear(coefficients=[1.0]), "1 coefficients"),
        (linear(intercepts=[1.0, 2.0]), "2 intercepts for 3 outputs"),
        (linear(coefficients=[float("nan")] * 12), "not finite"),
        (linear(classlabels_ints=[0, 1]), "names 2 classes, but its network tells 3"),
        (linear(classlabels_ints=[0, 1, 1]), "names 3 classes"),
        (linear(classlabels_ints=list(range(100_000))), "names 100,000 classes; at most"),
        ([("LinearClassifier", ["x"], ["label", "s"],
           {**CLASSIFIER, "classlabels_ints": [0, 1, 2], "post_transform": "LOGISTIC"}),
          ("Normalizer", ["s"], ["p"], {"norm": "L1"})], "divides each sample by its L1 norm"),
        ([("LinearRegressor", ["x"], ["p"], {"coefficients": [1.0] * 4, "targets": 1 << 40})],
         "targets"),
        ([("Scaler", ["x"], ["p"], {"offset": [1.0] * 3, "scale": [1.0]})], "3 offsets"),
        ([("Scaler", ["x"], ["p"], {"offset": [0.0], "scale": [1.0, 2.0, 3.0, np.inf]})],
         "not finite"),
        ([("Identity", ["label"], ["p"], {}), ("Identity", ["p"], ["label"], {})], "in a circle"),
        ([("Tanh", ["x" if i == 0 else f"t{i - 1}"], [f"t{i}"], {}) for i in range(300)]
         + [("ArgMax", [f"t{i}"], [f"a{i}"], {}) for i in range(300)]
         + [("Equal", [f"a{i}" for i in range(300)] * 500, ["p"], {})], "tell of 300 others"),
        ([("ZipMap", [], ["p"], {})], "none of its inputs"),
        ([("TreeEnsembleClassifier", ["x"], ["label", "p"], {})], "decision trees, and no network"),
        ([("SVMClassifier", ["x"], ["label", "p"], {})], "support vector machine, and no network"),
        ([("Tanh", ["x"], ["p"], {}), ("Relu", ["x"], ["label"], {})], "2 outputs"),
        ([("Tanh", ["x"], [f"t{i}"], {}) for i in range(60)] + [("Concat", [f"t{i}" for i in range(
            60)], ["c"], {"axis": 1}), ("ArgMax", ["c"], ["label"], {}), ("Identity", ["c"], ["p"],
            {})], "Concat|stands where"),
        ([("Transpose", ["x"], ["t"], {"perm": [1, 0]}), ("LSTM", ["t", "w", "w"], ["p"], {})],
         "the operator LSTM"),  # what can never be read is named before what stands before it
    ],
)  # fmt: skip
def test_what_is_no_network_or_lies_is_refused_for_its_reason(tmp_path, nodes, words):
    names = {name for node in nodes for name in node[2]}
    outputs = [(name, FLOAT) for name in ("label", "p") if name in names]
    before = os.times().user
    with pytest.raises(FileFormatError, match=words) as told:
        read(tmp_path, graph(nodes, outputs))
    assert "theirs.onnx" in str(told.value)
    assert os.times().user - before < 2.0


def test_a_choice_within_a_network_does_not_end_it(tmp_path):
    """What is behind an ArgMax and learns is part of the network: not cut off, but refused."""
    behind = [("ArgMax", ["x"], ["a"], {"axis": 1}), ("Cast", ["a"], ["f"], {"to": FLOAT}),
              ("MatMul", ["f", "w"], ["p"], {})]  # fmt: skip
    with pytest.raises(FileFormatError, match="ArgMax"):
        read(tmp_path, graph(behind, [("p", FLOAT)], [("w", np.ones((1, 3), np.float32))]))


def test_a_table_that_is_prepared_in_the_file_is_refused_with_the_way_out(tmp_path):
    inputs = [("age", FLOAT, ["n", 1]), ("sex", FLOAT, ["n", 1])]
    made = graph([("Concat", ["age", "sex"], ["p"], {"axis": 1})], [("p", FLOAT)], [], inputs)
    with pytest.raises(FileFormatError, match=r"column of a table \(age, sex\).*pipeline\[-1\]"):
        read(tmp_path, made)


def test_the_way_out_for_two_answers_can_be_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nodes = [*dense("x", "p"), ("Tanh", ["h"], ["v"], {})]
    with pytest.raises(FileFormatError, match="none is made of the others") as told:
        read(tmp_path, graph(nodes, [("p", FLOAT), ("v", FLOAT)], WEIGHTS))
    line = str(told.value).partition("one of them: ")[2].rstrip(".")
    assert line.startswith("onnx.utils.extract_model(path, ")
    eval(line, {"onnx": __import__("onnx.utils"), "path": str(tmp_path / "theirs.onnx")})
    assert interop.from_onnx("one.onnx").outputs == 3
