"""A network as one HTML file, opened from a folder in a real browser, against ``predict``."""

import datetime

import numpy as np
import pyarrow as pa
import pytest

from glassnet import Sequential, activations, interop, layers
from glassnet.data import Preprocessor, Target
from glassnet.data.features import BooleanColumn, CategoryColumn, DateColumn, NumberColumn

HARMFUL = ("</script><b>", "a\"b'\\n${x}<!--", "한글\u2028 & <i>")
NAMES = [f.name for f in activations.each()]


@pytest.fixture
def opened(browser, tmp_path):
    """``opened(model)``: its page, from a file; fails on any error, and on any request."""
    contexts, faults = [], []

    def open_page(model, language="en-US", theme="light", size=(1000, 800), **settings):
        path = tmp_path / "net.html"
        interop.to_html(model, path, **settings)
        contexts.append(
            browser.new_context(
                locale=language, color_scheme=theme,
                viewport={"width": size[0], "height": size[1]},
            )
        )  # fmt: skip
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(error.stack))
        page.on("console", lambda said: faults.append(said.text))
        page.on("request", lambda asked: faults.append(asked.url))
        page.on("requestfinished", lambda asked: None)
        page.goto(path.as_uri())
        faults[:] = [f for f in faults if f != path.as_uri() and not f.startswith("data:")]
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [f for f in faults if not f.startswith("data:")] == []


def predicted(page, x):
    rows = np.asarray(x, float).reshape(len(x), -1).tolist()
    return np.array(page.evaluate("(rows) => rows.map((x) => Array.from(predict(x)))", rows))


def built(stack, shape, dtype="float32", classes=None, seed=1):
    model = Sequential(stack, seed=seed, dtype=dtype)
    model.build(shape)
    model.classes = classes
    rng = np.random.default_rng(seed)
    for name in model.parameters.tensors():
        if not name.endswith("/W"):  # running means and the like as after some training
            view = model.parameters.view(name)
            view[...] = rng.uniform(0.5, 1.5, view.shape)
    return model


def images():
    conv = [
        layers.Rescaling(1.5, -0.5),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(2),
        layers.Residual([layers.Conv2D(4, (1, 3), padding="same", groups=2)]),
        layers.SpatialDropout2D(0.2),
        layers.ZeroPadding2D(1),
        layers.Conv2D(2, 2, strides=2, activation="softmax"),
        layers.UpSampling2D(2),
        layers.AveragePooling2D(2),
        layers.LayerNormalization(),
    ]
    return built([*conv, layers.Flatten(), layers.Dense(3, "softmax")], (9, 8, 3))


def rows():
    stack = [layers.Flatten(), layers.Dense(5, "gelu"), layers.BatchNormalization(),
             layers.Dropout(0.3), layers.LayerNormalization(),
             layers.Residual([layers.Dense(4, "selu"), layers.Dense(5)]), layers.Reshape((5, 1)),
             layers.Flatten(), layers.Dense(3, "softmax", use_bias=False)]  # fmt: skip
    return built(stack, (2, 3), classes=list(HARMFUL))


def series():
    stack = [layers.Conv1D(3, 3, activation="tanh"), layers.GlobalMaxPooling1D(), layers.Dense(2)]
    return built(stack, (12, 2), "float64")


def waves():
    encoding = layers.PiecewiseLinearEncoding([[-1, 0, 1], None, [-2, 2]])
    members = [
        [layers.PeriodicEmbedding(2, 5, columns=[0, 4]), layers.Dense(4, "silu"), layers.Dense(2)],
        [layers.PeriodicEmbedding(1, 3), layers.Dense(2)],
    ]
    return built([encoding, layers.Ensemble(members, [0.75, 0.25])], (3,), "float64")


@pytest.mark.parametrize("make", [images, rows, series, waves])
def test_the_answers_of_predict(opened, make):
    model = make()
    x = np.random.default_rng(0).normal(size=(12, *model.input_shape)).astype(model.dtype)
    close = 3e-6 if model.dtype == np.float32 else 1e-13
    np.testing.assert_allclose(predicted(opened(model), x), model.predict(x), rtol=0, atol=close)


def test_every_activation_at_its_edges(opened):
    x = np.array([[0.0, 1e-8, -3.0, 0.7], [80.0, -80.0, 5.9, 3.01], [1e5, -1e5, 2.99, -6.5]])
    for name in NAMES:
        model = built([layers.Activation(name)], (4,), "float64")
        given = np.minimum(x, 700) if name == "exponential" else x
        np.testing.assert_allclose(
            predicted(opened(model), given), model.predict(given), rtol=1e-12, atol=1e-15
        )


PARTS = ("days", "year", "month", "day", "weekday", "hour")
NAME = HARMFUL[0]
TABLE = Preprocessor(
    (
        DateColumn("on", tuple(NumberColumn(f"on.{p}", 3.0, 7.0, 2.0, True) for p in PARTS)),
        DateColumn("at", (NumberColumn("at.hour", 12.0, 6.0),)),
        NumberColumn(NAME, 40.0, 10.0, fill=38.0, gap=True),
        CategoryColumn("도시", ("서울", HARMFUL[1]), True),
        BooleanColumn("well"),
    ),
    Target("가격", "regression", mean=200.0, scale=50.0),
)


def of_table():
    model = built([layers.Dense(4, "tanh"), layers.Dense(1)], (len(TABLE.feature_names),))
    model.preprocessing = TABLE
    return model


def test_a_row_is_typed(opened):
    model = of_table()
    page = opened(model, "ko-KR")
    page.get_by_label("on").fill("1969-12-31T13:45")
    page.get_by_label("at").fill("06:30")
    page.get_by_label(NAME).fill("55.5")
    page.get_by_label("도시").select_option(HARMFUL[1])
    page.get_by_label("well").select_option("true")
    raw = {"on": ["1969-12-31 13:45"], "at": ["06:30"], NAME: [55.5], "도시": [HARMFUL[1]],
           "well": [True]}  # fmt: skip
    raw["at"] = pa.array([datetime.time(6, 30)], pa.time32("s"))
    expected = TABLE.decode_target(model.predict(TABLE.transform(raw))[:, 0])[0]
    said = page.locator(".told").inner_text()
    assert said.startswith("가격: ")
    assert float(said.split(": ")[1]) == pytest.approx(expected, rel=2e-5)
    page.get_by_label(NAME).fill("")
    page.get_by_label("도시").select_option("")
    gone = {**raw, NAME: pa.array([None], pa.float64()), "도시": pa.array([None], pa.string())}
    expected = TABLE.decode_target(model.predict(TABLE.transform(gone))[:, 0])[0]
    said = page.locator(".told").inner_text()
    assert float(said.split(": ")[1]) == pytest.approx(expected, rel=2e-5)
    page.get_by_label("at").fill("")  # training had no gap there
    assert page.locator(".told").inner_text() == (
        "at.hour: 값을 입력하세요. 학습 데이터에는 이 열의 결측값이 없었습니다."
    )


@pytest.mark.parametrize(("language", "theme"), [("en-US", "light"), ("ko-KR", "dark")])
def test_a_drawing_on_a_phone(opened, accessible, shoot, language, theme):
    model = built([layers.Flatten(), layers.Dense(3, "softmax")], (8, 8), classes=list(HARMFUL))
    page = opened(model, language, theme, (390, 800))
    page.get_by_role("img").first.focus()
    for key in ["Space", *["ArrowDown"] * 6, *["ArrowLeft"] * 3, "Space"]:
        page.keyboard.press(key)
    names = page.locator(".bars .name").all_inner_texts()
    assert [name.split() for name in names] == [name.split() for name in HARMFUL]
    drawn = page.evaluate("() => picture([{points: [[0.5, 0.1], [0.5, 0.9]], width: 0.08}])")
    ink = np.array(drawn).reshape(8, 8)
    assert ink[:, 3:5].sum() > 0.95 * ink.sum() > 5  # an upright line, in the middle
    accessible(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    shoot(page, f"page-file-drawing-{language}")
    page.keyboard.press("Delete")
    page.get_by_role("button", name="한국어" if language == "en-US" else "English").click()
    assert page.locator("html").get_attribute("lang") == ("ko" if language == "en-US" else "en")
    assert page.locator(".bars li").count() == 0


def test_a_point_is_moved_over_the_map(opened, accessible, shoot):
    model = built([layers.Dense(4, "tanh"), layers.Dense(1, "sigmoid")], (2,), classes=["a", "b"])
    page = opened(model)
    page.get_by_role("spinbutton", name="x1").fill("1.2")
    page.get_by_label("Map of the answers").press("ArrowUp")
    share = model.predict(np.array([[1.2, 0.12]], np.float32))[0, 0]
    shown = page.locator(".bars .share").last.inner_text()
    assert float(shown.rstrip("%")) == pytest.approx(100 * share, abs=0.06)
    accessible(page)
    shoot(page, "page-file-point")
