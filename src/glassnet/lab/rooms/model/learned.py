"""What a run on a table has learned, by the rows that were held out; and one row of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.errors import GlassnetError
from glassnet.insight import Rows, Study, explain_row
from glassnet.insight.baseline import Constant
from glassnet.insight.shown import say
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.rooms.playground.exporting import LANGUAGES
from glassnet.lab.session import saved, saved_data
from glassnet.lab.session.state import Session
from glassnet.runs.judge import in_units, judge
from glassnet.runs.new_rows import Judged, to_judge

MOST_ROWS = 2000  # held-out rows that are looked at
ANSWERS = 20_000  # rows that go through the network for importance
MOST_CLASSES = 20  # of a matrix
SUREST = 8
GROUPS = 12  # those with the largest errors
POINTS = 500  # of the picture of predicted and true values


def learned(session: Session, args: Args) -> dict[str, Any] | None:
    """Figures beside those of others, importance, dependence, groups, errors, the surest wrong.

    None: the run is not about the rows of a table.
    """
    language = args.choice("language", LANGUAGES, "en")
    study = _study(session)
    if study is None:
        return None
    run = saved.open_named(session, session.values["run"])
    rows, facts = study.held_out, run.facts
    assert facts is not None
    k = len(rows.class_names) if rows.class_names is not None else None
    dropped = _dropped(session, run)
    if dropped is None:
        data = saved_data.data_of(session, run)
        x, y = data.x_test[: len(rows)], data.y_test[: len(rows)]
        one = Constant.of(np.asarray(data.learned) if k else in_units(run.model, data.learned), k)
    else:  # what the run learned from is not known here
        x, y = dropped[1].x[: len(rows)], dropped[1].y[: len(rows)]
        one = Constant.of(rows.y, k)
    numbers = judge(run.model, x, y, facts)
    found: dict[str, Any] = {
        "rows": len(rows),
        "dropped": None if dropped is None else dropped[0],
        "given": dropped is None and run.given,
        "classes": None if rows.class_names is None else list(rows.class_names),
        "scores": {n: numbers[n] for n in ("accuracy", "r2", "mae", "rmse") if n in numbers},
        "constant": one.scores(rows.y),
        "constant_answer": rows.label(int(one.answer)) if k else one.answer,
        "importance": study.importance.to_dict()["columns"][:20],
        "surest": [{**one, "number": _number(rows, one["place"])} for one in study.surest[:SUREST]],
        "calibration": None if study.calibration is None else study.calibration.to_dict(),
        "matrix": None,
        "dependence": [
            one.to_dict() | {"at": list(one.grid) if one.number else None}
            for one in study.dependence
        ],
        "groups": _groups(study, language),
        "residuals": _residuals(study, language),
        "compare": None if dropped is not None else (run.report or {}).get("compare"),
    }
    if k and k <= MOST_CLASSES:
        cells = np.zeros((k, k), int)
        np.add.at(cells, (rows.y, rows.given.argmax(axis=1)), 1)
        found["matrix"] = cells.ravel().tolist()
    return found


def _groups(study: Study, language: str) -> dict[str, Any]:
    """The groups of rows with the largest errors, and what stands out, in words."""
    found = study.groups
    words = {say(key): say(key, language) for key in ("nothing", "others")}
    worst = [vars(group) | {"group": words.get(group.group, group.group)}
             for group in found.worst(GROUPS)]  # fmt: skip
    return {
        "headline": found.headline(language), "sentences": found.sentences(language),
        "error": found.error, "worst": worst,
    }  # fmt: skip


def _residuals(study: Study, language: str) -> dict[str, Any] | None:
    """True and predicted values of some rows, and the errors by the size of the prediction."""
    found = study.residuals
    if found is None:
        return None
    few = np.linspace(0, len(found.true) - 1, min(len(found.true), POINTS)).astype(int)
    pairs = np.column_stack([found.true[few], found.predicted[few]])
    return {"headline": found.headline(language), "target": found.target,
            "pairs": pairs.tolist(), "parts": [vars(part) for part in found.parts]}  # fmt: skip


def one_row(session: Session, args: Args) -> dict[str, Any]:
    """Which columns moved the answer for one held-out row."""
    study = _study(session)
    if study is None:
        raise RefusedError("This run is not about the rows of a table.", "model.no_table")
    row = args.whole("row", 0, len(study.held_out) - 1)
    language = args.choice("language", LANGUAGES, "en")
    why = explain_row(study.held_out, row)
    columns = [
        {"name": e.column, "value": e.value, "effect": e.effect, "text": why.text(e.effect, True)}
        for e in why.effects
    ]
    number = _number(study.held_out, row)
    return {"row": row, "number": number, "rows": len(study.held_out),
            "headline": why.headline(language), "sentences": why.sentences(language),
            "columns": columns}  # fmt: skip


def _number(rows: Rows, place: int) -> int:
    """What a row is called: its number in a spreadsheet, else the how manieth it is."""
    return place + 1 if rows.numbers is None else int(rows.numbers[place])


def use_table(session: Session, args: Args) -> dict[str, Any]:
    """Look at the chosen run by the table that was dropped on the page, if it has its columns.

    Raises:
        RefusedError: the run is not about a table, or this one lacks a column of its.
    """
    run, table = saved.open_named(session, session.values["run"]), session.table
    if run.model.table is None or table is None:
        raise RefusedError("This run is not about the rows of a table.", "model.no_table")
    wanted = (*run.model.table.column_names, run.model.table.target.name)
    lacks = [name for name in wanted if name not in table.columns]
    if lacks:
        said = f"{table.name} lacks columns that the run has learned from: {', '.join(lacks)}."
        raise RefusedError(said, "model.lacks", data=table.name, columns=", ".join(lacks))
    try:
        with table.on_disk() as path:
            judged = to_judge(run.model.table, path)
    except GlassnetError as error:
        raise RefusedError(str(error), "model.no_rows", why=table.plain(error)) from None
    session.room_state["dropped"] = (run, table.name, judged)
    session.room_state.pop("study", None)
    return {"rows": len(judged.x)}


def _dropped(session: Session, run: saved.Saved) -> tuple[str, Judged] | None:
    """The name and the rows of the table that was dropped for this run."""
    kept = session.room_state.get("dropped")
    return None if kept is None or kept[0] is not run else kept[1:]


def _study(session: Session) -> Study | None:
    """Kept until another run is looked at."""
    run = saved.open_named(session, session.values["run"])
    kept = session.room_state.get("study")
    if kept is None or kept[0] is not run:
        kept = session.room_state["study"] = (run, _make(session, run))
    study: Study | None = kept[1]
    return study


def _make(session: Session, run: saved.Saved) -> Study | None:
    facts = run.facts
    if facts is None or facts.image_shape is not None or len(run.model.input_shape or ()) != 1:
        return None
    found: Any = _dropped(session, run)
    if found is not None:
        x, y, of_file = found[1].x, found[1].y, found[1].rows
    else:
        data = saved_data.data_of(session, run)
        x, y, of_file = data.x_test, data.y_test, data.rows_test
    x, y = x[:MOST_ROWS], y[:MOST_ROWS]
    numbers = None if of_file is None else of_file[:MOST_ROWS]
    return Study(Rows.of(run.model, x, y, data=facts, numbers=numbers), most=ANSWERS)
