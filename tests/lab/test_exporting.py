"""What is taken away from the playground: the script gives the page's own weights."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.lab.protocol import Args, ProtocolError, RefusedError
from glassnet.lab.rooms.playground import actions, exporting, scripting
from glassnet.lab.server.questions import answer
from glassnet.lab.session.plane import LARGE
from glassnet.lab.session.state import Session
from glassnet.lab.session.table import Table

TABLE = "width,height,kind\n" + "".join(
    f"{i % 7},{i * 3 % 11},{'tall' if i % 7 > 3 else 'flat'}\n" for i in range(60)
)


def train(session: Session, epochs: int = 3) -> None:
    for _ in range(epochs):
        actions.act(session, "epoch", Args({}))


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "glassnet-script.py", "exec"), names)
    return names


def same_as_the_page(session: Session, names: dict[str, Any]) -> None:
    model = names["model"]
    parameters = session.model.parameters
    np.testing.assert_array_equal(model.parameters.values, parameters.values)
    np.testing.assert_array_equal(model.parameters.state, parameters.state)
    trainer = session.trainer
    np.testing.assert_array_equal(names["x_test"], trainer.x_test)
    np.testing.assert_array_equal(model.predict(names["x"]), session.model.predict(trainer.x))
    assert model.evaluate(names["x_test"], names["y_test"])["loss"] == trainer.measured["test_loss"]
    assert glassnet.load("model.safetensors").parameters.size == parameters.size


@pytest.mark.parametrize(
    "address",
    [
        "samples=20",
        "data=vertical&samples=20&optimizer=sgd&schedule=cosine&schedule_epochs=5",
        "data=spiral&samples=20&loss=mean_squared_error&init=normal_0.1&seed=7&data_seed=3",
        "data=spiral&samples=20&loss=hinge&batch_size=7",
        "data=xor&samples=20&loss=hinge&features=x1,x2^2,x1x2,sin_x1",
        "data=sine&samples=20&layers=5.relu.d20.bn,4.gelu&l2=0.01&l1=0.001",
        "data=moons&samples=20&layers=2.tanh.skip,4.relu,4.gelu.d20.bn.skip&l2=0.01",
        "data=plane&samples=20&loss=huber", "data=hills&samples=20&noise=0",
        "data=iris&test_share=0.4&optimizer=momentum", "data=diabetes&layers=4.tanh",
        "data=digits&layers=4.relu&batch_size=100",
        "data=drawn", "data=circles&samples=20&layers=",
    ],
)  # fmt: skip
def test_the_script_ends_with_the_weights_of_the_page(
    address: str, open_session: Callable[..., Session], workplace: Path
) -> None:
    session = open_session(address)
    train(session)
    same_as_the_page(session, run(scripting.script(session)))


def test_drawn_points_are_in_the_script(
    open_session: Callable[..., Session], workplace: Path
) -> None:
    session = open_session("data=drawn")
    points = [value for i in range(12) for value in (i / 12, (i * 5 % 7) / 7, i % 3)]
    actions.act(session, "add_points", Args({"points": points}))
    train(session)
    same_as_the_page(session, run(scripting.script(session)))


def test_an_own_table_is_read_from_beside_the_script(
    open_session: Callable[..., Session], workplace: Path
) -> None:
    session = open_session()
    session.take(Table.from_text("../../else/my flowers.csv", TABLE))
    Path("my flowers.csv").write_text(TABLE, encoding="utf-8")
    train(session)
    code = scripting.script(session)
    assert "'my flowers.csv'" in code and ".." not in code
    same_as_the_page(session, run(code))


def test_a_table_in_cp949_without_names_is_read_so_by_the_script(
    open_session: Callable[..., Session], workplace: Path
) -> None:
    rows = "".join(f"{i % 7}.5,{i % 5},{'합격' if i % 2 else '불합격'}\n" for i in range(60))
    for name, text in (("named.csv", "길이,폭,판정\n" + rows), ("bare.csv", rows)):
        session = open_session("layers=3.tanh")
        session.take(Table.from_text(name, text, "cp949"))
        Path(name).write_bytes(text.encode("cp949"))
        train(session)
        same_as_the_page(session, run(scripting.script(session)))


def test_the_map_is_that_of_the_page_in_the_units_of_the_table(
    open_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: dict[str, Any] = {}

    def draw(answer: Any, x: Any, y: Any, **more: Any) -> None:
        drawn.update(answer=answer, x=x, y=y, **more)

    monkeypatch.setattr(exporting.plots, "decision_boundary", draw)
    text = "height,weight,age,kind\n" + "".join(
        f"{150 + i % 37},{50 + i * 7 % 41},{i * 3 % 60},{'ab'[i % 37 > 18]}\n" for i in range(80)
    )
    session = open_session("layers=3.tanh")
    session.take(Table.from_text("people.csv", text))
    for axes, names in (
        ((1, 2), ("height", "weight")),
        ((0, 0), ("main direction 1", "main direction 2")),
    ):
        session.set("axis_x", axes[0])
        session.set("axis_y", axes[1])
        exporting._map(session)
        plane, x = session.plane, session.samples.x
        assert drawn["feature_names"][:2] == names
        # A sample is answered where it is; a cell of the map as the page's own map has it.
        np.testing.assert_allclose(drawn["answer"](drawn["x"]), session.model.predict(x), atol=1e-5)
        size = np.array([unit[1] for unit in plane.units])
        middle = np.array([unit[0] for unit in plane.units])
        cells = np.zeros((LARGE * LARGE, drawn["x"].shape[1]))
        a, b = (np.linspace(*ends, 2 * LARGE + 1)[1::2] for ends in (plane.x, plane.y))
        cells[:, :2] = middle + size * np.stack(np.meshgrid(a, b[::-1]), axis=-1).reshape(-1, 2)
        expected = session.model.predict(plane.grid(LARGE))
        np.testing.assert_allclose(drawn["answer"](cells), expected, atol=1e-4)
    heights = [float(line.split(",")[0]) for line in text.splitlines()[1:]]
    session.set("axis_x", 1)
    session.set("axis_y", 2)
    exporting._map(session)
    assert (
        min(heights) - 1e-3 <= drawn["x"][:, 0].min()
        and drawn["x"][:, 0].max() <= max(heights) + 1e-3
    )


@pytest.mark.parametrize("name", ['"""\nraise SystemExit\n"""', "'; import os; '", "\\..\\x", ""])
def test_nothing_in_a_table_becomes_code(
    name: str, open_session: Callable[..., Session], workplace: Path
) -> None:
    session = open_session()
    text = TABLE.replace("kind", '"k\'ind""); raise SystemExit("', 1)
    session.take(Table.from_text(name, text))
    code = scripting.script(session)
    file = scripting._file_name(session)
    assert "/" not in file and "\\" not in file and file.endswith(".csv")
    Path(file).write_text(text, encoding="utf-8")
    run(code)


def test_without_training_the_script_trains_as_long_as_the_fields_say(
    open_session: Callable[..., Session],
) -> None:
    assert "epochs=17," in scripting.script(open_session("until_value=17"))
    assert "epochs=100," in scripting.script(open_session("until=loss&until_value=0.1"))


def content(session: Session, what: str, kind: str) -> bytes:
    args = Args({"what": what, "kind": kind})
    file = answer(session, "playground", "export", args)
    assert file["name"] == f"glassnet-{what}.{kind}" and file["type"] == exporting.TYPES[kind]
    return base64.b64decode(file["data"])


def test_weights_are_taken_away_in_two_forms(
    open_session: Callable[..., Session], tmp_path: Path
) -> None:
    session = open_session("samples=20&layers=3.relu.bn")
    train(session)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content(session, "weights", "safetensors"))
    loaded = glassnet.load(path)
    np.testing.assert_array_equal(loaded.parameters.values, session.model.parameters.values)
    arrays = np.load(io.BytesIO(content(session, "weights", "npz")))
    np.testing.assert_array_equal(arrays["hidden1/W"], session.model.parameters.view("hidden1/W"))
    assert "hidden1_norm/moving_mean" in arrays.files


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_figures_are_whole_files(kind: str, open_session: Callable[..., Session]) -> None:
    begin = {"svg": b"<?xml", "png": b"\x89PNG"}[kind]
    addresses = ("data=sine&samples=10", "data=plane&samples=10", "data=diabetes&layers=3.tanh",
                 "data=iris&axis_x=2&axis_y=3")  # fmt: skip
    for address in ("samples=10", *(addresses if kind == "svg" else ())):
        session = open_session(address)
        train(session, 2)
        for what in ("map", "curves", "network"):
            assert content(session, what, kind).startswith(begin)
    assert content(session, "confusion", kind).startswith(begin)


def test_the_words_of_a_figure_are_the_page_s(open_session: Callable[..., Session]) -> None:
    session = open_session("samples=10")
    train(session, 2)
    for language, words in (("en", ("Loss", "test")), ("ko", ("손실", "테스트"))):
        drawn: list[Any] = []

        def draw(drawn: list[Any] = drawn) -> Any:
            drawn.append(exporting.FIGURES["curves"](session))
            return drawn[0]

        exporting.figure(draw, "svg", language)
        (panel, *_) = drawn[0].axes
        assert panel.get_title(loc="left") == words[0]
        assert panel.lines[1].get_label().startswith(words[1])
        assert panel.lines[0].get_xdata().tolist() == [0, 1, 2]  # as the page counts
    with pytest.raises(RefusedError):
        args = Args({"what": "map", "kind": "svg", "language": "fr"})
        answer(session, "playground", "export", args)


@pytest.mark.parametrize(
    ("address", "what", "kind"),
    [("", "map", "py"), ("", "script", "npz"),
     ("data=sine", "confusion", "svg"), ("", "../weights", "npz"), ("", "map", "exe")],
)  # fmt: skip
def test_what_there_is_not_is_refused(
    address: str, what: str, kind: str, open_session: Callable[..., Session]
) -> None:
    with pytest.raises(RefusedError):
        content(open_session(address), what, kind)


def test_what_is_no_name_ends_the_connection(open_session: Callable[..., Session]) -> None:
    for what in (3, None, ["map"]):
        with pytest.raises(ProtocolError):
            args = Args({"what": what, "kind": "svg"})
            answer(open_session(), "playground", "export", args)


def test_a_file_has_a_largest_size(
    open_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_BYTES", 1000)
    with pytest.raises(RefusedError, match="at most 1000"):
        content(open_session("data=digits"), "weights", "npz")


def test_the_page_and_the_weights_take_rows_as_the_table_has_them(
    open_session: Callable[..., Session], tmp_path: Path
) -> None:
    def taken(session: Session) -> Any:
        path = tmp_path / "weights.safetensors"
        path.write_bytes(content(session, "weights", "safetensors"))
        page = content(session, "page", "html").decode()
        about = json.loads(re.search(r"const ABOUT = (.*);", page)[1])["input"]  # type: ignore[index]
        return glassnet.load(path), about

    session = open_session("layers=3.tanh")
    session.take(Table.from_text("flowers.csv", TABLE))
    model, asked = taken(session)
    names = [column["name"] for column in asked["columns"]]
    assert asked["kind"] == "row" and set(names) <= set(session.table.columns)
    assert all(c["scale"] != 1 for c in asked["columns"] if c["holds"] == "number")
    assert model.table is not None
    functions, asked = taken(open_session("samples=10&features=x1,x1^2,x2&layers=3.tanh"))
    assert asked["names"] == ["x₁", "x₂", "x₁²"] and functions.table is None
