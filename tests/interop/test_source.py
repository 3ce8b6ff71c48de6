"""Networks as source code: their answers, by running and compiling them."""

import ast
import datetime
import json
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, interop, layers
from glassnet.activations import ACTIVATIONS
from glassnet.data import Preprocessor, Target
from glassnet.data.features import BooleanColumn, CategoryColumn, DateColumn, NumberColumn
from glassnet.errors import ConfigError, NotBuiltError

HARMFUL = ("plain", 'a"b\\n%s??=*/ {}', "한글'\n\r\u2028")
NAMES = sorted(set(ACTIVATIONS) - {"exponential"})  # e^e^e… overflows in float32
FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]


def program(path):
    """What the Python file defines."""
    return runpy.run_path(str(path))


def compiled(path):
    """Compile without a warning, with and without its main; returns how to run it."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc here")
    out = path.with_suffix("")
    subprocess.run(["gcc", *FLAGS, "-O1", str(path), "-o", str(out), "-lm"], check=True)
    subprocess.run(["gcc", *FLAGS, "-DNO_MAIN", "-c", str(path), "-o", f"{out}.o"], check=True)

    def run(x, outputs):
        text = " ".join(map(repr, np.asarray(x, float).reshape(-1).tolist()))
        done = subprocess.run([str(out)], input=text.encode(), capture_output=True, check=True)
        rows = [line.split(b" ", outputs) for line in done.stdout.split(b"\n")[:-1]]
        return np.array([[float(v) for v in row[:outputs]] for row in rows]), done.stdout

    return run


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_with_every_activation_in_python(nets, tmp_path, name):
    for dtype, close in (("float32", 2e-6), ("float64", 1e-14)):
        model, x = nets.network(name, dtype, classes=HARMFUL), nets.images(dtype=dtype)
        interop.to_python(model, tmp_path / "net.py")
        net = program(tmp_path / "net.py")
        found = np.array([net["predict"](row) for row in x.tolist()])
        np.testing.assert_allclose(found, model.predict(x), rtol=0, atol=close)
        labels = [net["classify"](row) for row in x.tolist()]
        assert labels == model.predict_classes(x).tolist()


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_with_every_activation_in_c(nets, tmp_path, name):
    model, x = nets.network(name), nets.images()
    interop.to_c(model, tmp_path / "net.c")
    found, _ = compiled(tmp_path / "net.c")(x, 3)
    np.testing.assert_allclose(found, model.predict(x), rtol=0, atol=2e-6)


def test_labels_cannot_put_code_into_c(nets, tmp_path):
    model = nets.network("gelu", "float64", classes=HARMFUL)
    model.name = "a */ int main(void) { return 3; } /*"
    x = nets.images(dtype="float64")
    interop.to_c(model, tmp_path / "net.c")
    found, text = compiled(tmp_path / "net.c")(x, 3)
    np.testing.assert_allclose(found, model.predict(x), atol=1e-8)  # it prints nine digits
    known = {label.encode() for label in HARMFUL}
    assert any(label in text for label in known)
    interop.to_python(model, tmp_path / "net.py")
    assert program(tmp_path / "net.py")["LABELS"] == list(HARMFUL)


@settings(max_examples=25)
@given(drawn=st.data())
def test_any_chain_of_layers_in_python(nets, folder, drawn):
    model = drawn.draw(nets.networks())
    x = nets.rows_for(model)
    interop.to_python(model, folder / "any.py")
    predict = program(folder / "any.py")["predict"]
    found = np.array([predict(row) for row in x.tolist()])
    np.testing.assert_allclose(found, model.predict(x), rtol=2e-5, atol=2e-5)


def test_the_python_file_needs_nothing(nets, tmp_path):
    interop.to_python(nets.network(), tmp_path / "net.py")
    text = (tmp_path / "net.py").read_text("utf-8")
    imported = {
        alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)
        for alias in node.names
    }  # fmt: skip
    assert imported <= {"math", "sys"}
    x = nets.images(2)
    lines = "\n".join(" ".join(map(str, row.reshape(-1).tolist())) for row in x)
    done = subprocess.run([sys.executable, "-I", "-S", str(tmp_path / "net.py")], input=lines,
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.split() == nets.network().predict_classes(x).tolist()


def test_a_sample_of_the_wrong_size(nets, tmp_path):
    interop.to_python(nets.network(), tmp_path / "net.py")
    with pytest.raises(ValueError, match="6 numbers, but 2 came"):
        program(tmp_path / "net.py")["predict"]([1, 2])


def test_large_numbers_do_not_overflow(tmp_path):
    names = [name for name in NAMES if name != "step"]
    x = [1e5, -1e5]
    for name in names:
        model = Sequential([layers.Activation(name)])
        model.build((2,))
        interop.to_python(model, tmp_path / "net.py")
        found = program(tmp_path / "net.py")["predict"](x)
        expected = model.predict([x])[0]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-30)
        interop.to_c(model, tmp_path / "net.c")
        if name in ("sigmoid", "softplus", "silu", "log_softmax"):
            found, _ = compiled(tmp_path / "net.c")([x], 2)
            np.testing.assert_allclose(found[0], expected, rtol=1e-6, atol=1e-30)


COLUMNS = (NumberColumn("age", 40.0, 10.0, fill=38.0), CategoryColumn("sex", ("f", "m"), True),
           BooleanColumn("well"), CategoryColumn("room's \"no\"", ("1", "2")))  # fmt: skip
RAW = {"age": [50, 20, 31], "sex": ["m", "f", "m"], "well": [True, False, True],
       "room's \"no\"": [1, 2, 1]}  # fmt: skip


def of_table(target, outputs, last, unknown="error"):
    model = Sequential([layers.Dense(4, "tanh"), layers.Dense(outputs, last)], seed=0)
    model.build((7,))
    model.preprocessing = Preprocessor(COLUMNS, target, unknown)
    return model


def rows():
    return [dict(zip(RAW, values)) for values in zip(*RAW.values())]


def test_the_columns_of_a_table(tmp_path):
    model = of_table(Target("alive", "classification", (False, True)), 2, "softmax")
    x = model.preprocessing.transform(RAW)
    interop.to_python(model, tmp_path / "net.py")
    net = program(tmp_path / "net.py")
    np.testing.assert_allclose([net["features"](row) for row in rows()], x, rtol=1e-6)
    missing = {**rows()[0], "age": None, "sex": None}
    np.testing.assert_allclose(
        net["features"](missing), model.preprocessing.transform(missing)[0], rtol=1e-6
    )
    with pytest.raises(ValueError, match="'sex' is 'x', which training did not have"):
        net["features"]({**rows()[0], "sex": "x"})
    expected = ["true" if k else "false" for k in model.predict(x).argmax(axis=1)]
    assert [net["classify"](net["features"](row)) for row in rows()] == expected
    table = 'age,sex,well,"room\'s ""no"""\n50,m,TRUE,1\n20,f,0,2\n31, m,true,1\n'
    done = subprocess.run([sys.executable, "-I", str(tmp_path / "net.py")], input=table, text=True,
                          capture_output=True, check=True)  # fmt: skip
    assert done.stdout.split() == expected
    interop.to_c(model, tmp_path / "net.c")
    found, _ = compiled(tmp_path / "net.c")(x, 2)
    np.testing.assert_allclose(found, model.predict(x), atol=2e-6)
    assert "x[0]  age: (value - 40.0) / 10.0" in (tmp_path / "net.c").read_text()


PARTS = ("days", "year", "month", "day", "weekday", "hour")
MIXED = Preprocessor(
    (
        DateColumn("on", tuple(NumberColumn(f"on.{p}", 3.0, 7.0, 2.0, True) for p in PARTS)),
        DateColumn("at", (NumberColumn("at.hour", 12.0, 6.0),)),
        NumberColumn("size", 1.0, 2.0, 0.5, gap=True),
        NumberColumn("mass", 1.0, 2.0),  # training had no gap
        CategoryColumn("도시", ("서울", "부산 2")),
        BooleanColumn("well"),
    ),
    Target("price", "regression"),
    "zeros",
)
MIXED_ROWS = [
    {"on": "2024-02-29 13:45", "at": "06:30:00", "size": 3, "mass": 2, "도시": "서울", "well": 1},
    {"on": "1969-12-31 00:00", "at": "23:59:59", "size": 0, "mass": 1, "도시": "부산 2", "well": 0},
    {"on": None, "at": None, "size": None, "mass": None, "도시": "제주", "well": None},
    {"on": "2100-03-01 23:59", "at": "00:00:00", "size": 1e6, "mass": 2, "도시": None, "well": 1},
]


def mixed():
    model = Sequential([layers.Dense(1)], seed=0)
    model.build((len(MIXED.feature_names),))
    model.preprocessing = MIXED
    table = {key: [row[key] for row in MIXED_ROWS] for key in MIXED_ROWS[0]}
    times = [at and datetime.time.fromisoformat(at) for at in table["at"]]
    table["at"] = pyarrow.array(times, pyarrow.time32("s"))
    table["well"] = pyarrow.array([v if v is None else bool(v) for v in table["well"]])
    return model, MIXED.transform(table)


def test_gaps_dates_and_times_in_python(tmp_path):
    model, x = mixed()
    interop.to_python(model, tmp_path / "net.py")
    net = program(tmp_path / "net.py")
    found = [net["features"](row) for row in MIXED_ROWS]
    np.testing.assert_allclose(found, x, rtol=1e-6, atol=1e-6)
    on = datetime.datetime(2024, 2, 29, 13, 45)
    assert net["features"]({**MIXED_ROWS[0], "on": on}) == found[0]
    with pytest.raises(ValueError, match="'soon' is no date"):
        net["features"]({**MIXED_ROWS[0], "on": "soon"})


def c_literal(value):
    if value is None:
        return "NAN"
    return str(value)


@pytest.mark.parametrize("strict", [False, True])
def test_gaps_dates_and_times_in_c(tmp_path, strict):
    """A second file that includes the first fills a Row by its fields, and prints its features."""
    model, x = mixed()
    if strict:
        model.preprocessing = replace(MIXED, unknown="error")
    interop.to_c(model, tmp_path / "net.c")
    lines = []
    for row in MIXED_ROWS:
        on = row["on"] and datetime.datetime.fromisoformat(row["on"]).replace(tzinfo=datetime.UTC)
        at = row["at"] and sum(int(v) * 60**i for i, v in zip((2, 1, 0), row["at"].split(":")))
        city = "NULL" if row["도시"] is None else json.dumps(row["도시"], ensure_ascii=False)
        fields = {
            "on": c_literal(on and on.timestamp()), "at": c_literal(at),
            "size": c_literal(row["size"]), "mass": c_literal(row["mass"]), "column_5": city,
            "well": row["well"] or 0,
        }  # fmt: skip
        given = ", ".join(f".{name} = {value}" for name, value in fields.items())
        lines.append(f"    show((Row){{{given}}});")
    count = x.shape[1]
    main = "\n".join([
        "#define NO_MAIN", '#include "net.c"', "static void show(Row row)", "{",
        f"    real x[{count}];", '    printf("%d", features(&row, x));',
        f"    for (int i = 0; i < {count}; i++)", '        printf(" %.9g", (double)x[i]);',
        '    printf(" %.9g\\n", value(&row));', "}", "int main(void)", "{", *lines, "    return 0;",
        "}",
    ])  # fmt: skip
    (tmp_path / "main.c").write_text(main, encoding="utf-8")
    compiled(tmp_path / "net.c")
    subprocess.run(["gcc", *FLAGS, "main.c", "-o", "rows", "-lm"], cwd=tmp_path, check=True)
    done = subprocess.run([str(tmp_path / "rows")], capture_output=True, check=True)
    found = np.array([[float(v) for v in line.split()] for line in done.stdout.splitlines()])
    if strict:
        assert found[:, 0].tolist() == [0, 0, 5, 5]  # the town that it does not know
        np.testing.assert_allclose(found[:2, 1:-1], x[:2], rtol=1e-6, atol=1e-6)
        return
    assert not found[:, 0].any()
    np.testing.assert_allclose(found[:, 1:-1], x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found[:, -1], model.predict(x)[:, 0], rtol=1e-5)


def test_numbers_come_in_the_units_of_the_table(tmp_path):
    model = of_table(Target("cost", "regression", mean=200.0, scale=50.0), 1, None, "zeros")
    x = model.preprocessing.transform(RAW)
    interop.to_python(model, tmp_path / "net.py")
    net = program(tmp_path / "net.py")
    found = [net["value"](net["features"](row)) for row in rows()]
    expected = model.preprocessing.decode_target(model.predict(x)[:, 0])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert net["features"]({**rows()[0], "sex": "x"})[1:4] == [0, 0, 0]
    interop.to_c(model, tmp_path / "net.c")
    assert "y[0] * 50.0 + 200.0" in (tmp_path / "net.c").read_text()


def test_one_output_has_a_threshold(tmp_path):
    x = np.random.default_rng(0).normal(size=(30, 2))
    y = np.where(x[:, 0] > 0, "yes", "no")
    model = Sequential([layers.Dense(1, "sigmoid")], seed=0)
    model.compile("adam", "binary_crossentropy")
    model.fit(x, y, epochs=3, verbose=0)
    expected = model.predict_classes(x).tolist()
    interop.to_python(model, tmp_path / "net.py")
    classify = program(tmp_path / "net.py")["classify"]
    assert [classify(row) for row in x.tolist()] == expected
    interop.to_c(model, tmp_path / "net.c")
    _, text = compiled(tmp_path / "net.c")(x, 1)
    assert [line.split()[1].decode() for line in text.splitlines()] == expected


class Doubled(layers.Dense):
    """Computes something else than its kind."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)


def test_what_cannot_be_written_is_named_and_nothing_is_left(nothing_left):
    own = Sequential([Doubled(3), layers.Dense(2)])
    own.build((2,))
    for write, name in ((interop.to_python, "out.py"), (interop.to_c, "out.c")):
        with pytest.raises(NotBuiltError):
            write(Sequential([layers.Dense(2)]), nothing_left / name)
        with pytest.raises(ConfigError, match=r"no such layer\. Supported are .*conv2d"):
            write(own, nothing_left / name)
