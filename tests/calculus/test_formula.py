import copy
import pickle
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

from glassnet.calculus import Formula, numerical_diff, numerical_gradient
from glassnet.calculus.grammar import FUNCTIONS, MAX_LENGTH, FormulaError
from glassnet.errors import ConfigError, DataError, ShapeError, UnknownNameError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.01*x**2 + 0.1*x", 0.75),
        ("-x^2", -25.0),  # the power first, as on paper; Python's own ^ would give something else
        ("2^3^2", 512.0),
        ("x^-1", 0.2),
        ("2*x^2 + 1", 51.0),
        ("(1 + x)/2", 3.0),
        ("x - 1 - 1", 3.0),
        ("1/2*x", 2.5),
        ("--x", 5.0),
        ("+x", 5.0),
        ("  x ", 5.0),
        ("abs(-x) + minimum(x, 2) + maximum(x, 7)", 14.0),
        ("exp(0) + log(e) + cos(pi)", 1.0),
        ("cbrt(8) + sqrt(16) + sign(-x)", 5.0),
        (".5e1 + 5. + 1E-1", 10.1),
        ("x0", 5.0),
        ("2x0 + 3 x", 25.0),  # as people write it
        ("2x^2", 50.0),
        ("2(x + 1)", 12.0),
        ("-2cos(0)*x", -10.0),
        ("1/2*3x", 7.5),
    ],
)
def test_values(text, expected):
    assert Formula.parse(text, n_variables=1)(5) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "n", "variables"),
    [
        ("x**2", None, ("x",)),
        ("3", None, ("x",)),
        ("x0**2", None, ("x0", "x1")),
        ("x0 + x1", None, ("x0", "x1")),
        ("x + y", None, ("x0", "x1")),
        ("y", None, ("x0", "x1")),
        ("x**2", 2, ("x0", "x1")),
        ("x0**2", 1, ("x",)),
    ],
)
def test_variables(text, n, variables):
    assert Formula.parse(text, n).variables == variables


def test_aliases_are_the_same_coordinates():
    assert Formula.parse("x - 2*y")(3, 5) == Formula.parse("x0 - 2*x1")(3, 5) == -7


def test_a_formula_over_arrays():
    f = Formula.parse("x**2")
    assert f([1, 2, 3]).tolist() == [1, 4, 9]
    assert f(np.array([[1, 2]], dtype=np.int8)).dtype == np.float64
    assert isinstance(f(2), float)
    assert Formula.parse("3")([1, 2]).tolist() == [3, 3]
    assert Formula.parse("x")(np.zeros(0)).shape == (0,)

    x = np.array([1.0, 2.0])
    Formula.parse("x")(x)[0] = 9  # what comes back is the caller's
    assert x.tolist() == [1, 2]


def test_a_point_or_two_coordinates():
    f = Formula.parse("x0**2/20 + x1**2")
    x0, x1 = np.meshgrid([0.0, 10.0], [0.0, 1.0, 2.0])
    expected = [[0, 5], [1, 6], [4, 9]]
    assert f(x0, x1).tolist() == expected
    assert f(np.stack([x0, x1])).tolist() == expected
    assert f([10, 2]) == 9.0
    assert f(10, [1, 2]).tolist() == [6, 9]
    assert numerical_gradient(f, [10, 2]) == pytest.approx([1, 4])
    assert numerical_diff(Formula.parse("sin(x)"), 0) == pytest.approx(1)


def test_the_gradient_from_one_evaluation_is_the_numerical_gradient():
    f = Formula.parse("sin(x0)*x1^2 + exp(x0 - x1)")
    for point in ([0.3, -1.2], [0, 0], [-1e7, 3], [1e-9, 20]):
        assert f.gradient(point).tolist() == numerical_gradient(f, point).tolist()
    with pytest.raises(DataError, match="no slope there"):
        Formula.parse("log(x0) + x1").gradient([-1, 0])
    with pytest.raises(DataError):
        f.gradient([np.nan, 0])
    with pytest.raises(ShapeError):
        f.gradient([1, 2, 3])


def test_what_does_not_exist_is_nan_or_inf_without_warning():
    assert np.isnan(Formula.parse("log(x)")(-1))
    assert Formula.parse("1/x")(0) == np.inf
    assert Formula.parse("exp(exp(x))")(10) == np.inf
    assert Formula.parse("x**x**x")(100) == np.inf


def test_input_that_does_not_fit():
    plane = Formula.parse("x0 + x1")
    for bad in (3.0, [1.0], [1, 2, 3], []):
        with pytest.raises(ShapeError, match=r"f\(x0, x1\) = x0 \+ x1: got . coordinates, exp"):
            plane(bad)
    with pytest.raises(ShapeError, match="do not fit each other"):
        plane([1, 2], [1, 2, 3])
    with pytest.raises(ShapeError):
        Formula.parse("x")(1, 2)
    with pytest.raises(ShapeError):
        Formula.parse("x")()
    for bad in ("a", None, [[1], [1, 2]], 1j):
        with pytest.raises(DataError, match="not made of numbers"):
            Formula.parse("x")(bad)


def test_a_formula_is_a_value():
    f = Formula.parse("x0**2")
    assert f == Formula.parse("x0**2") != Formula.parse("x0**2", 1)
    assert hash(f) == hash(Formula.parse("x0**2"))
    assert copy.deepcopy(f)([3, 0]) == pickle.loads(pickle.dumps(f))([3, 0]) == 9
    assert str(f) == "f(x0, x1) = x0**2"
    assert repr(f) == "Formula(text='x0**2', variables=('x0', 'x1'))"


# --- LaTeX -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("0.01*x^2 + 0.1*x", "0.01 x^{2} + 0.1 x"),
        ("x0**2/20 + x1**2", r"\frac{x_0^{2}}{20} + x_1^{2}"),
        ("(x+1)*(x-1)", r"\left(x + 1\right) \cdot \left(x - 1\right)"),
        ("x - (1 - x)", r"x - \left(1 - x\right)"),
        ("-(x + 1)", r"-\left(x + 1\right)"),
        ("(-2)**2", r"\left(-2\right)^{2}"),
        ("x*-2", r"x \cdot \left(-2\right)"),
        ("2*3*x", r"2 \cdot 3 x"),
        ("exp(-x**2/2)", r"e^{\frac{-x^{2}}{2}}"),
        ("sin(x)**2", r"\left(\sin\left(x\right)\right)^{2}"),
        ("log(abs(x))/sqrt(pi)", r"\frac{\ln\left(\left|x\right|\right)}{\sqrt{\pi}}"),
        ("1.5e-7*x", r"1.5 \cdot 10^{-7} x"),
        ("maximum(x, y)", r"\max\left(x_0, x_1\right)"),
    ],
)
def test_latex(text, latex):
    assert Formula.parse(text).latex == latex


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_numpy_s_and_can_be_typeset(name):
    arguments = "0.3, x" if FUNCTIONS[name].nin == 2 else "x"
    f = Formula.parse(f"{name}({arguments})")
    x = np.array([0.25, 0.75])
    with np.errstate(invalid="ignore"):
        expected = getattr(np, name)(*(0.3, x) if FUNCTIONS[name].nin == 2 else (x,))
    np.testing.assert_array_equal(f(x), expected)
    MathTextParser("path").parse(f"${f.latex}$")


# --- what is refused -------------------------------------------------------------------------

REFUSED = {
    "": "empty",
    "   ": "empty",
    "x.real": r"position 2: '.' is not allowed",
    "x.__class__": "position 2: '.'",
    "().__class__.__bases__": "position 3: '.'",
    "__import__('os')": "position 1: '_' is not allowed",
    "x._": "position 2: '.'",
    "__x": "position 1: '_'",
    "x__": "unknown name 'x__'",
    "lambda: x": "unknown name 'lambda'",
    "[x for x in x]": r"position 1: '\[' is not allowed",
    "{x}": "position 1: '{'",
    "9**9**9": r"position 4: the exponent 3.8742e\+08 is too large \(at most 1000\)",
    "x**1001": "position 4: the exponent 1001 is too large",
    "x**-1001": "exponent -1001",
    "x**(2*600)": "exponent 1200",
    "x**(1/0)": "exponent inf",
    "x**log(-1)": "exponent nan",
    "(" * 240 + "x" + ")" * 240: "do not fit",
    "-" * 400 + "x": "more than 100 operations inside each other",
    "x" + "+x" * 249: "more than 100 operations",
    "sin(" * 120 + "x" + ")" * 120: "more than 100 operations|characters",
    "(" * 600: "the formula has 600 characters; 500 are allowed",
    "х + 1": "position 1: 'х' is not allowed",  # Cyrillic
    "ｘ": "position 1: 'ｘ'",  # full width: Python would read it as x
    "𝐱": "position 1: '𝐱'",
    "x\0": r"position 2: U\+0000 is not allowed",
    "x\n+1": r"position 2: U\+000A",
    "x\t": r"position 2: U\+0009",
    "x\u200b": r"U\+200B",
    "\ud800": r"U\+D800",
    "x²": r"position 2: '²' is not allowed \(write \*\*2\)",
    "2×x": r"write \*",
    "x:=2": "position 2: ':'",
    "(x:=2)": "position 3: ':'",
    "f'{x}'": "unknown name 'f'",
    "'x'": 'position 1: "\'"',
    "x if x else x": "position 3: unknown name 'if'",
    "x and x": "unknown name 'and'",
    "not x": "unknown name 'not'",
    "x == 1": "'=' is not allowed",
    "x < 1": "'<' is not allowed",
    "x // 2": "position 4: a value is missing after '/' before '/'",
    "x % 2": "'%' is not allowed",
    "x @ x": "'@' is not allowed",
    "~x": "'~' is not allowed",
    "x | 1": "is not allowed",
    "x; x": "';' is not allowed",
    "x # comment": "'#' is not allowed",
    "x, 1": r"a row of values \(,\) is not allowed",
    "(x, 1)": "a row of values",
    "()": "a row of values",
    "maximum((x, y), 1)": "position 9: a row of values",
    "1j": "unknown name 'j'",
    "0x10": "unknown name 'x10'",
    "1_000": "position 2: '_'",
    "01": "do not fit",
    "1e999": "beyond 1.8e308",
    "9" * 400: "beyond 1.8e308",
    "1if x": "unknown name 'if'",
    "x 2": r"position 3: an operator is missing between 'x' and '2' \(2\*x, not 2x\)",
    "1/2x": "an operator is missing between '2' and 'x'",
    "x**2x": "an operator is missing between '2' and 'x'",
    "2 2": "an operator is missing",
    "2sin": "sin needs an argument",
    "x(2)": "an operator is missing between 'x' and '\\('",
    "(x)(2)": "an operator is missing",
    "sin(x)(x)": "an operator is missing",
    "x x": "an operator is missing",
    "sin x": r"position 5: sin needs an argument in brackets, such as sin\(x\)",
    "sin": r"sin needs an argument, such as sin\(x\)",
    "sin + 1": "sin needs an argument",
    "sin()": "sin takes 1, not 0 arguments",
    "sin(x, x)": "sin takes 1, not 2",
    "maximum(x)": "maximum takes 2, not 1",
    "sin(*x)": "position 5: a value is missing",
    "sin(**x)": "position 5: a value is missing",
    "sin(x, *x)": "a value is missing",
    "sin(x=2)": "'=' is not allowed",
    "relu(x)": "unknown name 'relu'",
    "Sin(x)": "did you mean 'sin'",
    "eval(x)": "unknown name 'eval'",
    "True": "unknown name 'True'",
    "None": "unknown name 'None'",
    "x +": "position 4: a value is missing after '\\+' before the end",
    "* x": "position 1: a value is missing before '\\*'",
    "x***2": "a value is missing",
    "(x": "do not fit",
    "x)": "position 2: .*do not fit",
    "x)+(x": "position 2: .*do not fit",
    "x^^2": "a value is missing after '\\^'",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text):
    with pytest.raises(ConfigError, match=REFUSED[text]) as caught:
        Formula.parse(text)
    message = str(caught.value)
    assert len(message) < 700
    if "position" in message:  # what is allowed instead
        assert "maximum" in message and "sqrt" in message


@pytest.mark.parametrize(
    ("text", "code", "position", "values"),
    [
        (" ", "empty", 0, {}),
        ("x" * 501, "long", 0, {"most": 500}),
        ("x + €", "sign", 5, {"sign": "'€'"}),
        ("1 + cosine(x)", "name", 5, {"name": "cosine"}),
        ("x +", "value", 4, {"after": "+", "before": ""}),
        ("1/2x", "operator", 4, {"after": "2", "before": "x"}),
        ("x)", "brackets", 2, {}),
        ("sin", "argument", 1, {"name": "sin"}),
        ("sin(x, x)", "arguments", 1, {"name": "sin", "wanted": 1}),
        ("x**9999", "exponent", 4, {"most": 1000.0}),
        ("1e999", "number", 1, {}),
        ("x, x", "form", 1, {}),
        ("-" * 150 + "x", "deep", 101, {}),
    ],
)
def test_what_is_wrong_and_where_can_be_told_in_another_language(text, code, position, values):
    with pytest.raises(FormulaError) as caught:
        Formula.parse(text)
    assert (caught.value.code, caught.value.position, caught.value.values) == (
        code, position, values,
    )  # fmt: skip


@pytest.mark.parametrize("text", [5, None, b"x", ["x"]])
def test_a_formula_is_text(text):
    with pytest.raises(ConfigError, match="a formula is text"):
        Formula.parse(text)


def test_the_number_of_variables():
    with pytest.raises(ConfigError, match="one variable, x, was expected, but it uses x1"):
        Formula.parse("x0 + x1", 1)
    with pytest.raises(ConfigError, match="but it uses y"):
        Formula.parse("y", 1)
    with pytest.raises(ConfigError, match="n_variables = 3"):
        Formula.parse("x", 3)


def test_an_unknown_name_is_an_unknown_name():
    with pytest.raises(UnknownNameError, match="position 5: unknown name 'cosine'"):
        Formula.parse("1 + cosine(x)")


# --- drawn at random -------------------------------------------------------------------------


def _grow(inner):
    binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "^"]), inner)
    call = st.tuples(st.sampled_from([n for n in FUNCTIONS if FUNCTIONS[n].nin == 1]), inner)
    return st.one_of(
        binary.map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"{t[0]}{t[1]}{t[2]}"),
        call.map(lambda t: f"{t[0]}({t[1]})"),
        inner.map(lambda t: f"-{t}"),
        st.tuples(inner, inner).map(lambda t: f"maximum({t[0]}, {t[1]})"),
    )


leaves = st.one_of(
    st.sampled_from(["x", "y", "x0", "x1", "pi", "e"]),
    st.integers(0, 20).map(str),
    st.floats(0, 10, allow_subnormal=False).map(lambda v: f"{v:.3f}"),
)
expressions = st.recursive(leaves, _grow, max_leaves=8)


@settings(max_examples=100, deadline=None)
@given(expressions)
def test_the_same_as_python_with_numpy(text):
    x, y = np.array([0.5, 1.5, 3.0]), np.array([2.0, 0.25, 1.0])
    try:
        f = Formula.parse(text, 2)
    except ConfigError as error:  # an exponent such as (20 ** 20)
        assert "exponent" in str(error) or "characters" in str(error)
        return
    names = {**{n: getattr(np, n) for n in FUNCTIONS}, "pi": np.pi, "e": np.e}
    names |= {"x": x, "y": y, "x0": x, "x1": y}
    python = text.replace("^", "**")
    # constants as float64, as numbers in a formula are
    for token in sorted(set(re.findall(r"(?<![\w.])[0-9.]+", python)), key=len):
        python = re.sub(rf"(?<![\w.]){token}(?![\w.])", f"F({token})", python)
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(eval(python, {"F": np.float64, "__builtins__": {}}, names), (3,))
    np.testing.assert_array_equal(f(x, y), expected)


@settings(max_examples=15, deadline=None)
@given(expressions)
def test_any_formula_can_be_typeset(text):
    assume("**" not in text and "^" not in text)  # exponents may be refused
    MathTextParser("path").parse(f"${Formula.parse(text, 2).latex}$")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="x0123y+-*/^(), .e_sincoexp[]'\"=:\\λ\0", max_size=40))
def test_any_text_is_a_formula_or_a_config_error(text):
    try:
        f = Formula.parse(text, 2)
    except ConfigError:
        return
    assert np.shape(f(1.0, 2.0)) == ()


def test_the_longest_formula_is_read():
    text = "+".join(["x*1.23"] * 70)
    assert len(text) <= MAX_LENGTH
    assert Formula.parse(text)(1.0) == pytest.approx(70 * 1.23)
