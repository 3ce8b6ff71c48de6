"""Saved runs: which are listed, what is shown of them, and where they open."""

from __future__ import annotations

import base64
import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, layers, texts
from glassnet._core.strict_json import to_json
from glassnet.data import load
from glassnet.errors import FileFormatError
from glassnet.lab import fields
from glassnet.lab.frames import unpack
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.rooms.digits import network
from glassnet.lab.rooms.playground import opening, scripting, view
from glassnet.lab.rooms.playground.actions import act, set_weight
from glassnet.lab.rooms.step import explaining
from glassnet.lab.rooms.step import questions as step
from glassnet.lab.server.questions import answer
from glassnet.lab.session import saved, saved_data, saving
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.state import Session
from glassnet.lab.session.table import Table
from glassnet.model.saving import optimizer_state
from glassnet.runs import work
from glassnet.runs.folder import RunFolder
from glassnet.runs.recipes import settings_for

RUNS = {
    "vertical": {"layers": (16,), "epochs": 2},
    "xor": {"layers": (8, 4), "epochs": 2, "dropout": 0.2, "optimizer": "sgd"},
    "sine": {"layers": (6,), "epochs": 2},
    "iris": {"layers": (5,), "epochs": 2, "activation": "relu"},
    "digits": {"layers": (12,), "epochs": 2, "dropout": 0.0},
    "spiral": {"layers": (64,), "epochs": 1},
    "moons": {"layers": (4,), "epochs": 2},
    "wine": {"layers": (4,), "epochs": 1},
    "diabetes": {"layers": (4,), "epochs": 2},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    for name, given in RUNS.items():
        work.train(settings_for(name, given), root / name, verbose=0, plots=False)
    return root


@pytest.fixture
def room(made: Path) -> Iterator[Callable[..., Any]]:
    engines: list[Engine] = []

    def begin(run: str | None = None, runs: Path | str = made) -> tuple[Session, Any]:
        engines.append(Engine())
        session = Session(engines[-1], run, None, str(runs))
        session.open("")

        def ask(what: str, room: str = "model", **args: Any) -> Any:
            return session.engine.submit(lambda: answer(session, room, what, Args(args))).result(60)

        return session, ask

    yield begin
    for engine in engines:
        engine.close()


# ---- the list ------------------------------------------------------------------------------------


def test_the_runs_are_listed_with_their_numbers(room: Callable[..., Any]) -> None:
    _, ask = room()
    rows = {row["name"]: row for row in ask("runs")["runs"]}
    assert set(rows) == set(RUNS)
    assert rows["iris"]["kind"] == "accuracy" and 0 <= rows["iris"]["number"] <= 1
    assert rows["sine"]["kind"] == "r2" and rows["spiral"]["network"] == "64"


def test_no_folder_no_runs(room: Callable[..., Any], tmp_path: Path) -> None:
    assert room(runs=tmp_path / "nothing")[1]("runs")["runs"] == []
    (tmp_path / "file").write_text("x")
    assert room(runs=tmp_path / "file")[1]("runs")["runs"] == []


def test_only_what_lies_in_the_folder_is_listed(
    room: Callable[..., Any], made: Path, tmp_path: Path
) -> None:
    inside = tmp_path / "runs"
    inside.mkdir()
    shutil.copytree(made / "xor", inside / "good")
    shutil.copytree(made / "xor", inside / "deeper" / "hidden")
    (inside / "elsewhere").symlink_to(made / "vertical")
    (inside / "loop").symlink_to(inside)
    (inside / "notes.txt").write_text("x")
    _, ask = room(runs=inside)
    assert [row["name"] for row in ask("runs")["runs"]] == ["good"]


@pytest.mark.parametrize(
    "name",
    ["../vertical", "/etc", "vertical/", "./vertical", "vertical/../xor", "..", ".", "Vertical",
     "verti\u0441al", "C:\\x", "vertical/model.safetensors", "~"],
)  # fmt: skip
def test_a_path_is_no_name_of_a_run(name: str, room: Callable[..., Any]) -> None:
    session, ask = room()
    session.set("run", name)
    for what in ("look", "open_playground", "open_digits"):
        with pytest.raises(RefusedError, match="no saved run called"):
            ask(what)
    session.set("digits_run", name)
    with pytest.raises(RefusedError, match="no saved run called"):
        ask("progress", "digits")
    assert session.values["digits_run"] == ""  # the room has its own network again
    assert ask("progress", "digits")["run"] == ""


def test_the_run_of_the_start_comes_first_under_a_free_name(
    room: Callable[..., Any], made: Path, tmp_path: Path
) -> None:
    other = tmp_path / "xor"
    shutil.copytree(made / "vertical", other)
    session, ask = room(run=str(other))
    names = [row["name"] for row in ask("runs")["runs"]]
    assert names[0] == "xor" and "xor (2)" in names
    session.set("run", "xor")
    assert ask("look")["data"] == "vertical"
    assert len(room(run=str(made / "xor"))[1]("runs")["runs"]) == len(RUNS)  # not twice


# ---- what is shown -------------------------------------------------------------------------------


def test_what_is_inside_a_run(room: Callable[..., Any]) -> None:
    session, ask = room()
    session.set("run", "vertical")
    found = ask("look")
    assert found["parameters"] == 2 * 16 + 16 + 16 * 3 + 3
    assert [layer["parameters"] for layer in found["layers"]] == [48, 51]
    assert found["history"]["epochs"] == [1, 2] and len(found["history"]["val_loss"]) == 2
    assert sum(found["weights"][0]["counts"]) == 32
    assert base64.b64decode(found["drawing"]).startswith(b"<?xml")
    assert found["settings"]["data"] == "vertical" and found["pictures"] is None
    json.loads(to_json(found))


def test_the_map_is_what_the_run_answers(room: Callable[..., Any], made: Path) -> None:
    session, ask = room()
    session.set("run", "spiral")
    shown = ask("look")["map"]
    classes = np.frombuffer(base64.b64decode(shown["map"]), np.uint8)[:10_000]
    plane = saved_plane(shown)
    model = Sequential.load(made / "spiral" / "model.safetensors")
    np.testing.assert_array_equal(classes, model.predict_classes(plane))
    assert len(shown["points"]) == 300


def saved_plane(shown: dict[str, Any]) -> Any:
    (a0, a1), (b0, b1) = shown["structure"]["plane"]["x"], shown["structure"]["plane"]["y"]
    middle = (np.arange(100) + 0.5) / 100
    x, y = np.meshgrid(a0 + (a1 - a0) * middle, (b0 + (b1 - b0) * middle)[::-1])
    return np.column_stack([x.ravel(), y.ravel()]).astype(np.float32)


def test_values_are_shown_as_the_network_learned_them(room: Callable[..., Any]) -> None:
    session, ask = room()
    session.set("run", "diabetes")
    shown = ask("look")["map"]
    assert shown["kinds"] == 1 and 1 < shown["structure"]["value_scale"] < 5  # standardised
    assert abs(np.mean([point[2] for point in shown["points"]])) < 0.2


@pytest.mark.parametrize("name", ["iris", "digits", "wine", "sine"])
def test_other_data_have_a_cut_or_a_line(name: str, room: Callable[..., Any]) -> None:
    session, ask = room()
    session.set("run", name)
    found = ask("look")
    kind = "line" if name == "sine" else "principal"
    assert found["map"]["structure"]["plane"]["kind"] == kind
    assert (found["pictures"] is not None) == (name == "digits")


# ---- where it opens ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vertical", "xor", "sine", "iris", "digits", "wine", "diabetes"])
def test_in_the_playground_it_answers_as_it_did(
    name: str, room: Callable[..., Any], made: Path
) -> None:
    session, ask = room()
    session.set("run", name)
    session.set("language", "ko")
    assert ask("open_playground") == {"room": "playground"}
    assert session.values["room"] == "playground" and session.values["data"] == name
    assert session.values["language"] == "ko" and session.values["run"] == name
    assert session.trainer.epoch == RUNS[name]["epochs"]
    model = Sequential.load(made / name / "model.safetensors")
    x = session.trainer.x_test
    there = model.predict(x.reshape(-1, 8, 8) * 16 if name == "digits" else x)
    here = session.model.predict(x)
    if here.shape[1] == 1 and there.shape[1] == 2:
        there = there[:, 1:]
    np.testing.assert_allclose(here, there, atol=2e-6)
    session.engine.submit(session.trainer.one_epoch).result(60)  # and it can go on


def test_batch_normalization_comes_along() -> None:
    stack = [
        layers.Dense(4, name="a"), layers.BatchNormalization(name="n"), layers.Activation("relu"),
        layers.Dropout(0.3), layers.Dense(3, "softmax", name="b"),
    ]  # fmt: skip
    columns = opening.columns_of(stack)
    assert isinstance(columns, list)
    (first, last) = columns
    assert first.norm is stack[1] and first.activation == "relu" and first.dropout == 0.3
    assert last.activation == "softmax"


@pytest.mark.parametrize(
    "order",
    [
        [layers.Dense(4, "relu"), layers.BatchNormalization()],
        [layers.Dense(4), layers.Activation("tanh"), layers.BatchNormalization()],
        [layers.Dense(4), layers.Dropout(0.2), layers.BatchNormalization()],
        [layers.Dense(4), layers.Dropout(0.2), layers.Activation("sigmoid")],
        [layers.Dense(4), layers.BatchNormalization(), layers.BatchNormalization()],
    ],
)
def test_layers_in_another_order_than_the_playground_s_are_refused(order: list[Any]) -> None:
    stack = [*order, layers.Dense(2, "softmax")]
    for i, layer in enumerate(stack):
        layer.name = f"layer{i}"
    refused = opening.columns_of(stack)
    assert isinstance(refused, RefusedError) and stack[len(order) - 1].name in str(refused)


def test_a_run_with_residual_blocks_opens_with_its_weights(room: Callable[..., Any]) -> None:
    session, _ = room()
    blocks = [
        layers.Residual([layers.Dense(4), layers.BatchNormalization(), layers.Activation("relu")]),
        layers.Residual([layers.Dense(4, "gelu"), layers.Dropout(0.2)], name="around"),
    ]
    stack = [layers.Dense(4, "tanh"), *blocks, layers.Dense(1, "sigmoid")]
    model = Sequential(stack, seed=3)
    model.compile("adam", "binary_crossentropy")
    x = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    model.fit(x, (x[:, 0] > 0).astype(int), epochs=3, verbose=0)
    run = saved.open_named(session, "xor")
    opening.into_playground(session, dataclasses.replace(run, model=model))
    assert session.values["layers"] == (
        (4, "tanh", 0.0, False, False), (4, "relu", 0.0, True, True), (4, "gelu", 0.2, False, True),
    )  # fmt: skip
    np.testing.assert_allclose(session.model.predict(x), model.predict(x), atol=1e-6)
    assert session.notice is None or session.notice["key"] != "notice.skip"


@pytest.mark.parametrize(
    ("name", "where", "words"),
    [("wine", "playground", "no data called wine"),  # as of a table
     ("vertical", "digits", "learned from vertical"), ("iris", "digits", "learned from iris")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(
    name: str, where: str, words: str, room: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "TABLES", ())
    session, ask = room()
    session.set("run", name)
    before = dict(session.values)
    assert words in ask("look")["fits"][where]["text"]
    with pytest.raises(RefusedError, match=words) as caught:
        ask(f"open_{where}")
    assert caught.value.key.startswith("model.") and session.values == before


def test_a_wide_network_is_used_as_a_whole_and_drawn_in_part(room: Callable[..., Any]) -> None:
    session, ask = room()
    session.set("run", "spiral")
    ask("open_playground")
    _, hidden, output = view.structure(session)["columns"]
    assert (hidden["units"], hidden["drawn"], output["first"]) == (64, 16, 18)
    found = unpack(view.frame(session, ("units", "map", "weights", "dead")))
    assert len(found["units"]) == len(found["dead"]) == 2 + 16 + 3
    layout = view.structure(session)["parameters"]
    weights, parameters = found["weights"], session.model.parameters
    for name, shown in layout.items():
        whole = parameters.view(name)
        part = whole[tuple(slice(n) for n in shown["drawn"])]
        there = weights[shown["place"] : shown["place"] + part.size].reshape(shown["drawn"])
        np.testing.assert_array_equal(there, part)
    assert len(weights) == 2 * 16 + 16 + 16 * 3 + 3
    at = layout["output/W"]
    set_weight(session, Args({"index": at["start"] + 2 * at["shape"][1] + 1, "value": 7.5}))
    assert parameters.view("output/W")[2, 1] == 7.5
    cells = session.model.predict(session.plane.grid(100)).argmax(axis=1)
    np.testing.assert_array_equal(unpack(view.frame(session, ("map",)))["map"][0].ravel(), cells)
    with pytest.raises(RefusedError, match="can grow to 16"):
        act(session, "add_unit", Args({"layer": 0}))
    act(session, "remove_unit", Args({"layer": 0, "unit": 3}))
    assert session.values["layers"][0][0] == 63
    kept = saving.save(session)
    session.open(fields.to_address(session.values))  # a link has it as well
    assert session.values["layers"][0][0] == 63
    saving.load(session, kept)
    assert parameters.size - 6 == session.model.parameters.size


@pytest.mark.parametrize(("limit", "words"), [("WIDEST", "64 units"), ("MOST_BETWEEN", "32 weigh")])
def test_what_is_too_wide_is_refused(
    limit: str, words: str, room: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, ask = room()
    session.set("run", "spiral" if limit == "WIDEST" else "xor")
    monkeypatch.setattr(opening, limit, 16)
    assert words in ask("look")["fits"]["playground"]["text"]


def test_one_step_says_beforehand_what_it_cannot_follow(
    room: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, ask = room()
    session.set("run", "spiral")
    assert ask("look")["fits"]["step"] is None
    ask("open_playground")
    assert len(ask("trace", "step")["columns"][1]["forward"]) == 64
    monkeypatch.setattr(step, "MOST_MADE_OF", 100)
    found = ask("look", "step", at=64)  # the first output: 64 inputs, their weights, a bias
    assert (len(found["made"]), found["made_more"]) == (100, 29)
    monkeypatch.setattr(explaining, "MOST_PARAMETERS", 100)
    assert "387 parameters" in ask("look")["fits"]["step"]["text"]


def test_one_step_shows_what_a_unit_sees_as_pictures(room: Callable[..., Any]) -> None:
    session, ask = room()
    session.set("run", "digits")
    assert ask("open_step") == {"room": "step"}
    model = saved.open_named(session, "digits").model
    x = saved_data.data_of(session, saved.open_named(session, "digits")).x[:1]
    trace = ask("trace", "step")
    assert trace["target"]["says"] == str(model.predict(x).argmax())
    assert trace["run"] == "digits" and trace["columns"][0]["side"] == 8
    unit = 5
    seen = ask("look", "step", at=unit)["pictures"]
    pixels, weights, products = ([*part["values"]] for part in seen["parts"])
    layer = trace["stops"][0][1]
    W, b = (model.parameters.view(f"{layer}/{name}").astype(float) for name in "Wb")
    ink = x.reshape(-1) / 16
    np.testing.assert_allclose(pixels, ink, rtol=1e-4)
    np.testing.assert_allclose(weights, W[:, unit], rtol=1e-4)
    np.testing.assert_allclose(products, ink * W[:, unit], rtol=1e-3, atol=1e-7)
    assert seen["sum"] == pytest.approx(float(ink @ W[:, unit]), rel=1e-5)
    assert seen["z"] == pytest.approx(seen["sum"] + b[unit], rel=1e-5)
    back = next(i for i, stop in enumerate(trace["stops"]) if stop[0] == "backward"
                and stop[1] == layer and stop[2] == unit)  # fmt: skip
    first = ask("look", "step", at=back)["pictures"]["rows"]
    found = ask("look", "step", at=back, row=first + 20)
    assert found["pictures"]["at"] == 20 and found["focus"]["index"] == [20, unit]
    slope = found["pictures"]["parts"][1]["values"][20]
    assert slope == pytest.approx(found["focus"]["value"], rel=1e-4)
    with pytest.raises(RefusedError, match="stays as it is"):
        ask("make_step", "step")
    ask("open_playground")
    assert session.values["step_run"] == ""


def test_what_a_table_taught_stands_beside_the_one_answer_for_all(
    room: Callable[..., Any], tmp_path: Path
) -> None:
    lines = [f"{i % 10},{i * 7 % 13},{'yes' if i % 10 > 6 else 'no'}" for i in range(150)]
    table = tmp_path / "orders.csv"
    table.write_text("size,noise,late\n" + "\n".join(lines) + "\n")
    settings = settings_for(str(table), {"target": "late", "effort": "quick"})
    work.train(settings, tmp_path / "orders", verbose=0, plots=False, compare=True)
    session, ask = room(runs=tmp_path)
    session.set("run", "orders")
    found = ask("learned")
    assert found["classes"] == ["no", "yes"] and sum(found["matrix"]) == found["rows"] == 30
    right = found["matrix"][0] + found["matrix"][3]
    assert found["scores"]["accuracy"] == pytest.approx(right / 30)
    often = found["matrix"][0] + found["matrix"][1]
    assert found["constant_answer"] == "no"
    assert found["constant"]["accuracy"] == pytest.approx(often / 30)
    assert found["importance"][0]["column"] == "size"
    along = found["dependence"][0]
    assert (
        along["column"] == "size" and along["outputs"] == ["yes"] and along["at"] == along["grid"]
    )
    assert along["average"][-1][0] > 0.5 > along["average"][0][0]  # late from 7 on
    assert sum(along["counts"]) in range(28, 31)  # the middle 98 % of the rows
    assert found["residuals"] is None
    wrong = 1 - found["scores"]["accuracy"]
    assert found["groups"]["error"] == pytest.approx(wrong)
    assert found["compare"]["boosting"]["accuracy"] > 0.9  # of --compare
    why = ask("one_row", row=3, language="ko")
    assert why["columns"][0]["name"] == "size" and any("확률" in line for line in why["sentences"])
    to_json([found, why])
    form = ask("form")
    assert form["target"] == "late"
    assert [(c["name"], c["holds"]) for c in form["columns"]] == [
        ("size", "number"), ("noise", "number")
    ]  # fmt: skip
    model = saved.open_named(session, "orders").model
    late = model.predict({"size": [9.0], "noise": [3.0]})[0]
    answered = ask("try_row", values=["9", "3,0"])["classes"]
    assert answered[0]["name"] == "yes" and answered[0]["share"] == pytest.approx(late.max())
    assert ask("try_row", values=["", "3"])["strange"] == ["size"]  # training had no gap there
    for values, key in ((["nine", "3"], "model.no_number"), (["1"], "model.other_row"),
                        (["inf", "1"], "model.no_number")):  # fmt: skip
        with pytest.raises(RefusedError) as caught:
            ask("try_row", values=values)
        assert caught.value.key == key
    text = table.read_text()
    table.unlink()
    session.room_state.clear()
    with pytest.raises(RefusedError) as caught:
        ask("learned")
    assert caught.value.key == "model.no_rows"
    # What is dropped on the page stands in for it, if it has the columns.
    session.take(Table.from_text("else.csv", text.replace("size", "length")))
    with pytest.raises(RefusedError, match="size") as caught:
        ask("use_table")
    assert caught.value.key == "model.lacks"
    session.take(Table.from_text("orders.csv", text))
    assert ask("use_table") == {"rows": 150} and session.values["data"] == "own"
    again = ask("learned")
    assert (again["rows"], again["dropped"]) == (150, "orders.csv")
    answers = model.predict({"size": [i % 10 for i in range(150)],
                             "noise": [i * 7 % 13 for i in range(150)]})  # fmt: skip
    right = np.mean(answers.argmax(axis=1) == [i % 10 > 6 for i in range(150)])
    assert again["scores"]["accuracy"] == pytest.approx(right)


def test_of_predicted_values_the_errors_are_shown_in_the_pages_language(
    room: Callable[..., Any], tmp_path: Path
) -> None:
    lines = [
        f"{i % 10},{'' if i % 3 else i},{3 * (i % 10) + i % 2 + 0.37 * (i % 7)}" for i in range(150)
    ]
    table = tmp_path / "prices.csv"
    table.write_text("size,gap,price\n" + "\n".join(lines) + "\n")
    settings = settings_for(str(table), {"target": "price", "effort": "quick"})
    work.train(settings, tmp_path / "prices", verbose=0, plots=False)
    session, ask = room(runs=tmp_path)
    session.set("run", "prices")
    found = ask("learned", language="ko")
    off = found["residuals"]
    assert len(off["pairs"]) == found["rows"] == 30 == sum(p["count"] for p in off["parts"])
    mean = sum(abs(predicted - true) for true, predicted in off["pairs"]) / 30
    assert (
        found["scores"]["mae"] == pytest.approx(mean, rel=1e-4) and "평균 오차" in off["headline"]
    )
    groups = {g["group"] for g in found["groups"]["worst"] if g["column"] == "gap"}
    assert texts.text("insight.nothing", "ko") in groups and "(none)" not in groups


def test_one_network_of_an_ensemble_is_taken_apart(
    room: Callable[..., Any], made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made / "iris", tmp_path / "iris")
    x, y = (lambda d: (d.x, d.y))(load("iris", seed=0, test_fraction=0.2))
    members = [[layers.Dense(6, "relu"), layers.Dense(3, "softmax")] for _ in range(3)]
    encoding = layers.PiecewiseLinearEncoding().adapt(x, bins=3)
    model = Sequential([encoding, layers.Ensemble(members)], seed=1)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=2, verbose=0)
    model.save(tmp_path / "iris" / "model.safetensors")
    session, ask = room(runs=tmp_path)
    session.set("run", "iris")
    found = ask("look")
    assert found["members"] == 3 and found["fits"]["step"] is None and found["drawing"]
    ask("open_step", member=2)
    trace = ask("trace", "step")
    assert (trace["members"], trace["member"]) == (3, 2) and trace["run"] == "iris"
    says = ask("look", "step", at=len(trace["columns"][1]["forward"]) + 1)
    x = saved_data.data_of(session, saved.open_named(session, "iris")).x[:1]
    one = model.member(2).predict(x.astype(np.float32))[0]
    assert max(n["value"] for n in says["numbers"] if n["name"].startswith("y")) in [
        pytest.approx(float(p), rel=1e-4) for p in one
    ]
    assert " [1]" in trace["inputs"][1]["name"]


@pytest.mark.parametrize("name", ["moons", "iris"])
def test_a_run_goes_on_where_it_stood(name: str, room: Callable[..., Any], made: Path) -> None:
    session, ask = room()
    session.set("run", name)
    ask("open_playground")
    trainer, optimizer = session.trainer, session.model.optimizer
    history = saved.open_named(session, name).history
    assert history is not None
    np.testing.assert_allclose(trainer.curves.array()[1, :-1], history.history["loss"][:-1])
    assert trainer.curves.epochs == [1, 2] and trainer.epoch == 2
    assert optimizer.steps == 2 * trainer.steps_per_epoch
    rate = settings_for(name).learning_rate / 10  # a cosine had brought it to 0
    assert (session.values["schedule"], session.values["learning_rate"]) == ("constant", rate)
    key = "model.schedule_over" + ("_new" if name == "moons" else "")
    assert session.notice is not None and session.notice["key"] == key
    before = trainer.measured["loss"]
    session.engine.submit(trainer.one_epoch).result(60)
    assert trainer.measured["loss"] < before


@pytest.mark.parametrize("name", ["spiral", "iris"])
def test_no_test_sample_was_learned_by_the_run(name: str, room: Callable[..., Any]) -> None:
    session, ask = room()
    session.set("run", name)
    ask("open_playground")
    options = {"test_fraction": 0.2} if name == "iris" else {}
    learned = {row.tobytes() for row in load(name, seed=0, **options).x.astype(np.float32)}
    seen = [row.tobytes() in learned for row in session.trainer.x_test]
    assert sum(seen) <= (1 if name == "iris" else 0)  # two irises have the same four lengths


@pytest.mark.parametrize("name", ["moons", "iris"])
def test_the_optimizer_keeps_its_state(name: str, room: Callable[..., Any], made: Path) -> None:
    session, ask = room()
    session.set("run", name)
    ask("open_playground")
    kept = optimizer_state(made / name / "checkpoint.safetensors")["vectors"]
    first = session.model.parameters.slices["output/W"].start
    assert session.model.optimizer.state.keys() == kept.keys() == {"m", "v"}
    for key, vector in session.model.optimizer.state.items():
        np.testing.assert_array_equal(vector[:first], kept[key][:first])
        if name == "moons":  # of two outputs it has the second
            np.testing.assert_array_equal(vector[first:], kept[key][first + 1 :: 2])
        assert vector[first:].any()


def test_the_script_of_an_opened_run_says_what_it_does_not_have(
    room: Callable[..., Any], workplace: Path
) -> None:
    session, ask = room()
    session.set("run", "spiral")
    ask("open_playground")
    code = scripting.script(session)
    assert "from the saved run spiral, with" in code and "layers.Dense(64," in code
    compiled: dict[str, Any] = {}
    exec(compile(code, "script.py", "exec"), compiled)
    assert compiled["model"].parameters.size == session.model.parameters.size
    act(session, "reset", Args({}))
    assert "saved run" not in scripting.script(session)


def test_in_the_room_of_digits_it_reads_drawings_and_goes_on(room: Callable[..., Any]) -> None:
    session, ask = room()
    session.set("run", "digits")
    assert ask("open_digits") == {"room": "digits"}
    found = ask("look", "digits", strokes=[[18, False, [70, 60, 190, 60, 110, 210]]])
    assert found["knows"] and len(found["outputs"]) == 10 and len(found["activations"]) == 12
    assert ask("mistakes", "digits")["wrong"] < 359
    before = session.room_state["digits"].model.parameters.values.copy()
    ask("train", "digits")
    ask("pause", "digits")
    ask("reset", "digits")
    np.testing.assert_array_equal(session.room_state["digits"].model.parameters.values, before)


def test_a_model_file_is_looked_at_and_opens_in_digits(
    room: Callable[..., Any], tmp_path: Path
) -> None:
    model = Sequential([layers.Flatten(), layers.Rescaling(1 / 16), layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build((8, 8))
    path = tmp_path / "mine.safetensors"
    model.save(path)
    session, ask = room(run=str(path), runs=tmp_path)
    assert [row["kind"] for row in ask("runs")["runs"]] == ["file"]
    session.set("run", "mine.safetensors")
    found = ask("look")
    assert found["map"] is None and found["fits"]["digits"] is None
    assert found["fits"]["playground"]["key"] == "model.no_facts"
    ask("open_digits")
    x = load("digits").x_test[:1]
    ask("progress", "digits")
    np.testing.assert_allclose(session.room_state["digits"].model.predict(x), model.predict(x))


@pytest.mark.parametrize(
    ("stack", "shape", "key"),
    [([layers.Dense(10, "softmax")], (5,), "model.no_picture"),
     ([layers.Dense(9, "softmax")], (64,), "model.no_ten"),
     ([layers.Dense(10, "sigmoid")], (64,), "model.no_ten"),
     ([layers.BatchNormalization(), layers.Dense(10, "softmax")], (784,), "model.no_dense")],
)  # fmt: skip
def test_networks_that_read_no_digits_are_refused(
    stack: list[Any], shape: tuple[int, ...], key: str
) -> None:
    model = Sequential(stack)
    model.build(shape)
    reason = network.why_not(saved.Saved("x", model))
    assert reason is not None and reason.key == key


def test_ten_classes_that_are_no_digits_are_refused() -> None:
    model = Sequential([layers.Dense(10, "softmax")])
    model.build((64,))
    assert network.why_not(saved.Saved("x", model)) is None
    model.classes = list("abcdefghij")
    reason = network.why_not(saved.Saved("x", model))
    assert reason is not None and reason.key == "model.no_ten"


# ---- damage --------------------------------------------------------------------------------------


def damaged(made: Path, to: Path, name: str, content: bytes) -> Path:
    shutil.copytree(made / "xor", to / "bad")
    (to / "bad" / name).write_bytes(content)
    return to


@pytest.mark.parametrize(
    ("name", "content"),
    [("settings.json", b"{"), ("settings.json", b'{"settings": 3}'), ("report.json", b"[1]"),
     ("model.safetensors", b"nothing"), ("history.csv", b"epoch,loss\n1,x\n"),
     ("settings.json", b'{"settings": {}, "data": {}}')],
)  # fmt: skip
def test_a_damaged_run_is_named_and_the_rest_goes_on(
    name: str, content: bytes, room: Callable[..., Any], made: Path, tmp_path: Path
) -> None:
    session, ask = room(runs=damaged(made, tmp_path, name, content))
    assert [row["name"] for row in ask("runs")["runs"]] == ["bad"]
    session.set("run", "bad")
    with pytest.raises(FileFormatError):
        ask("look")
    assert ask("look", "digits")["blank"]


@pytest.mark.parametrize("content", [b"nothing", None])
def test_without_a_checkpoint_a_run_opens_all_the_same(
    content: bytes | None, room: Callable[..., Any], made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made / "iris", tmp_path / "iris")
    (tmp_path / "iris" / "checkpoint.safetensors").unlink()
    if content is not None:
        (tmp_path / "iris" / "checkpoint.safetensors").write_bytes(content)
    session, ask = room(runs=tmp_path)
    session.set("run", "iris")
    ask("open_playground")
    assert session.model.optimizer.steps == 0  # as its memories: nothing
    assert not any(vector.any() for vector in session.model.optimizer.state.values())


def test_a_run_that_is_gone_is_said(room: Callable[..., Any], made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "xor", tmp_path / "xor")
    session, ask = room(run=str(tmp_path / "xor"), runs=tmp_path / "none")
    session.set("run", "xor")
    assert ask("look")["data"] == "xor"
    shutil.rmtree(tmp_path / "xor")
    assert [row["kind"] for row in ask("runs")["runs"]] == ["file"]
    with pytest.raises(FileFormatError, match="cannot be read"):
        ask("look")


def test_a_run_that_is_too_large_is_refused(
    room: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, ask = room()
    session.set("run", "wine")
    monkeypatch.setattr(saved, "MOST_BYTES", 100)
    with pytest.raises(RefusedError, match="too large"):
        ask("look")
    monkeypatch.setattr(saved, "MOST_BYTES", 10**9)
    monkeypatch.setattr(saved, "MOST_PARAMETERS", 10)
    with pytest.raises(RefusedError, match="too large"):
        ask("look")


def test_a_run_that_went_on_is_read_anew(
    room: Callable[..., Any], made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made / "xor", tmp_path / "xor")
    session, ask = room(runs=tmp_path)
    session.set("run", "xor")
    assert ask("look")["data"] == "xor"
    shutil.rmtree(tmp_path / "xor")
    shutil.copytree(made / "vertical", tmp_path / "xor")
    (tmp_path / "xor" / "report.json").touch()
    assert ask("look")["data"] == "vertical"


# ---- networks over images --------------------------------------------------------------------


@pytest.mark.parametrize("series", [False, True])
def test_a_network_with_feature_maps_is_shown_where_a_room_can(
    series: bool, room: Callable[..., Any], tmp_path: Path
) -> None:
    first: list[Any] = [layers.Reshape((8, 8, 1)), layers.Conv2D(3, 3, activation="relu"),
                        layers.MaxPooling2D(2)]  # fmt: skip
    if series:
        first = [layers.Reshape((32, 2)), layers.Conv1D(3, 3, activation="relu"),
                 layers.GlobalMaxPooling1D()]  # fmt: skip
    model = Sequential([*first, layers.Flatten(), layers.Dense(10, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build(64)
    path = tmp_path / "maps.safetensors"
    model.save(path)
    session, ask = room(run=str(path))
    name = ask("runs")["runs"][0]["name"]
    session.set("run", name)
    shown = ask("look")
    kinds = [layer["kind"] for layer in shown["layers"]]
    assert kinds[1] == ("conv1d" if series else "conv2d")
    assert shown["weights"][0]["shape"] == ([3, 2, 3] if series else [3, 3, 1, 3])
    drawing = base64.b64decode(shown["drawing"]).decode()
    assert "3 maps" in drawing and "conv 3" in drawing
    to_json(shown)
    reason = opening.columns_of(saved.open_named(session, name).model.layers)
    assert "does not build its layer conv" in str(reason)
    with pytest.raises(RefusedError, match="without a run"):
        ask("open_playground")
    if not series:  # the room of digits shows its filters
        assert shown["pictures"]["filters"] and shown["pictures"]["shape"] == [3, 3]
        ask("open_digits")
        found = ask("look", "digits", strokes=[[18, False, [70, 60, 190, 60, 110, 210]]])
        assert found["maps"]["shape"] == [3, 6, 6]
        return
    with pytest.raises(RefusedError, match="neither a Dense layer nor a convolution"):
        ask("open_digits")
    session.set("digits_run", name)  # as a link could ask for
    with pytest.raises(RefusedError, match="neither a Dense layer nor a convolution"):
        ask("progress", "digits")


def test_a_run_that_started_from_another_says_so_and_opens(
    made: Path, tmp_path: Path, room: Callable[..., Any]
) -> None:
    given = {"start": str(made / "digits"), "epochs": 2}
    work.train(settings_for("digits", given), tmp_path / "second", verbose=0, plots=False)
    session, ask = room(runs=tmp_path)
    (row,) = ask("runs")["runs"]
    assert row["network"] == f"← {made / 'digits'}" and row["kind"] == "accuracy"
    session.values["run"] = "second"
    assert ask("look")["parameters"] == 64 * 12 + 12 + 13 * 10


def test_digits_stand_where_the_run_ended_and_say_what_it_learned_from(
    room: Callable[..., Any], made: Path
) -> None:
    session, ask = room()
    session.set("digits_run", "digits")
    told = ask("progress", "digits")
    assert told["epoch"] == RUNS["digits"]["epochs"]
    assert told["n_train"] == 1438  # the pictures as they are, without copies
    history = RunFolder.open(made / "digits").history().history
    assert told["curves"][2][:-1] == pytest.approx(history["val_loss"][:-1], rel=1e-5)
