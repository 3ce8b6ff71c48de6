"""A step as text, HTML, LaTeX and JSON."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser
from rich.console import Console

from glassnet import Sequential, layers
from glassnet.explain import StepExplanation, explain_step
from glassnet.explain.update_equations import latex_of


def explained(name: str = "a & <b>", **settings: Any) -> StepExplanation:
    model = Sequential(
        [
            layers.Dense(4, "relu", kernel_regularizer=layers.L1L2(0.01, 0.1), name="first"),
            layers.Residual([layers.Dense(4, "elu"), layers.Dropout(0.3)]),
            layers.BatchNormalization(),
            layers.LayerNormalization(),
            layers.Activation("gelu"),
            layers.Dense(3, "softmax", name="[red]_out"),
        ],
        seed=0,
        name=name,
    )
    model.compile({"name": "nadam", "clipnorm": 0.5}, "categorical_crossentropy")
    model.build(2)
    x = np.random.default_rng(0).normal(size=(3, 2))
    return explain_step(model, x, [0, 1, 2], [1.0, 2.0, 0.5], **settings)


class Balanced(HTMLParser):
    """Every tag that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "img", "iframe")
        assert all(key not in ("src", "href", "onclick", "style") for key, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_html_is_whole_and_needs_nothing_else() -> None:
    step = explained("<script>alert(1)</script>")
    for text in (step._repr_html_(), step.to_html()):
        reader = Balanced()
        reader.feed(text)
        reader.close()
        assert reader.open == []
        words = "".join(reader.words)
        assert "<script>alert(1)</script>" in words and "z = x·W + b" in words
        assert "by differences" in words and "prefers-color-scheme:dark" in words
        assert "http" not in text and "url(" not in text and "@import" not in text


@pytest.fixture(scope="module")
def step() -> StepExplanation:
    return explained()


def test_latex_is_balanced_and_its_formulas_can_be_set(step: StepExplanation) -> None:
    code = step.to_latex(document=True)
    bare = code.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    for name in ("align*", "document", "cases"):
        assert code.count(rf"\begin{{{name}}}") == code.count(rf"\end{{{name}}}")
    assert code.count(r"\[") == code.count(r"\]")
    assert r"a \& <b>" in code and "[red]\\_out" in code
    setter = MathTextParser("path")
    rows = re.findall(r"^(.*?) &= (.*?)(?: \\\\)?$", code, re.MULTILINE)
    assert len(rows) > 60
    for left, right in rows[::9]:
        setter.parse(f"${left} = {right}$")


def test_latex_of_a_network_over_images_can_be_set() -> None:
    stack = [
        layers.Rescaling(1 / 16, 0.5), layers.ZeroPadding2D(1),
        layers.Conv2D(2, 3, strides=2, activation="relu"), layers.BatchNormalization(),
        layers.UpSampling2D(2), layers.MaxPooling2D(2), layers.AveragePooling2D(2, padding="same"),
        layers.Residual([layers.Conv2D(2, 3, padding="same", activation="gelu")]),
        layers.GlobalAveragePooling2D(), layers.Dense(3, "softmax"),
    ]  # fmt: skip
    model = Sequential(stack, seed=0)
    model.compile("adamw", "sparse_categorical_crossentropy")
    model.build((6, 6, 1))
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 1))
    code = explain_step(model, x, [0, 2]).to_latex(document=True)
    bare = code.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    rows = re.findall(r"^(.*?) &= (.*?)(?: \\\\)?$", code, re.MULTILINE)
    assert len(rows) > 60
    setter = MathTextParser("path")
    for left, right in rows[::7]:
        setter.parse(f"${left} = {right}$")
    assert not re.search(r"10\^\{-?\d+\}\^", code)  # TeX: double superscript
    assert max(len(right.replace(r"\cdot", "")) for _, right in rows) < 150  # wider than a page


def test_small_numbers_are_squared_in_parentheses() -> None:
    assert latex_of("v̂′ = max(v̂, v′)") == r"\hat{v}' = \max(\hat{v}, v')"
    assert latex_of("v′ = 0.1·1.5e-05²") == r"v' = 0.1 \cdot (1.5 \cdot 10^{-5})^2"


def test_text_shows_forward_loss_backward_update_and_check(step: StepExplanation) -> None:
    text = str(step)
    places = [text.index(f"\n{word}") for word in ("Forward", "Loss:", "Backward", "Update 1 by")]
    assert places == sorted(places) and "Check: the gradient beside" in text
    assert "[red]_out/W" in text and "✓" in text
    assert "x̂₁⁽¹⁾ = (" in text
    out = io.StringIO()
    Console(file=out, width=100).print(step)
    assert "Forward" in out.getvalue()


def test_show_prints(step: StepExplanation, capsys: pytest.CaptureFixture[str]) -> None:
    step.show(lines=1)
    short = capsys.readouterr().out
    step.show(lines=3)
    assert 0 < len(short) < len(capsys.readouterr().out)


def test_json_holds_every_quantity_with_shape_formula_and_numbers(step: StepExplanation) -> None:
    said = json.loads(step.to_json())
    assert said["ok"] is True and said["samples"] == 3
    names = [layer["name"] for layer in said["layers"]]
    assert names == [
        "first", "residual", "residual/dense", "residual/dropout", "batch_normalization",
        "layer_normalization", "activation", "[red]_out",
    ]  # fmt: skip
    for layer in said["layers"]:
        for q in layer["quantities"].values():
            assert q["formula"] and q["latex"] and q["meaning"]
            assert np.shape(q["value"]) == tuple(q["shape"])
            assert len(q["lines"]) == min(64, int(np.prod(q["shape"])))
            for line in q["lines"]:
                value = float(np.array(q["value"])[tuple(line["index"])])
                ends = re.findall(r"(?:=|becomes) (-?[0-9.e+-]+)$", line["with_numbers"], re.M)
                assert any(float(n) == pytest.approx(value, rel=1e-3, abs=1e-9) for n in ends)
    first = said["layers"][0]["quantities"]
    assert {"dW_loss", "dW_penalty", "dW", "dW_clipped", "W_m", "W_m_new", "W_new"} <= set(first)


def test_every_sum_with_numbers_adds_up(step: StepExplanation) -> None:
    """The right side of each formula, computed as it is written, gives the number behind it."""
    seen = 0
    for layer in step.layers:
        for name, q in layer.quantities.items():
            for index in list(np.ndindex(q.shape))[:4]:
                value = step.value(layer.name, name, index, digits=12)
                for line in value.with_numbers.split("\n"):
                    parts = line.split(" = ")
                    if len(parts) != 3 or not re.fullmatch(r"[-0-9.e()+·−/ ]+", parts[1]):
                        continue
                    code = parts[1].replace("·", "*").replace("−", "-")
                    assert eval(code) == pytest.approx(float(parts[2]), rel=2e-5, abs=2e-6), line
                    seen += 1
    assert seen > 80
