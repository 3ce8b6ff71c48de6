"""What each piece of the tables' recipe is worth: the recipe without it, on the same rows.

    python benchmarks/recipe_pieces.py --folder FOLDER --results pieces.jsonl

FOLDER holds CSV files, each with a column ``target``. The figure of a piece is the error without
it ÷ the error of the whole recipe (eight networks), both at least 0.001, each ratio within 0.5 and
2, as the geometric mean of the tables. What stands in the file of results is not measured again.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from tables import CONFIRMED, GRADES, TUNED, Results, is_value
from tables_report import markdown, number, ratio
from tables_worker import error, in_order, split

import glassnet.sklearn as own
from glassnet.tabular import training, weighting
from glassnet.tabular.calibration import log_loss, of_own_class, softmax
from glassnet.tabular.recipe import EFFORTS, MemberSettings, Recipe

WHOLE = "the whole recipe"


def with_settings(**changes: Any) -> Callable[[Recipe], Recipe]:
    """The recipe, its networks' settings changed."""

    def change(recipe: Recipe) -> Recipe:
        rounds = tuple(tuple(replace(s, **changes) for s in group) for group in recipe.rounds)
        return replace(recipe, rounds=rounds)

    return change


def with_recipe(**changes: Any) -> Callable[[Recipe], Recipe]:
    return lambda recipe: replace(recipe, **changes)


ONE_KIND = ((MemberSettings("relu", dropout=0.2),),)
PIECES: dict[str, Callable[[Recipe], Recipe]] = {
    WHOLE: with_recipe(),
    "one network instead of eight": with_recipe(members=1),
    "four folds": with_recipe(folds=4),
    "no bins": with_settings(bins=False),
    "at most 16 bins": with_recipe(bins=16),
    "waves in the place of the bins": with_settings(bins=False, waves=0.5),
    "no dropout": with_settings(dropout=0.0),
    "no weight decay": with_recipe(weight_decay=0.0),
    "β₂ 0.999": with_recipe(beta_2=0.999),
    "a hidden layer of 96": with_recipe(units=(96,)),
    "two of 32": with_recipe(units=(32, 32)),
    "two of 256": with_recipe(units=(256, 256)),
    "relu with dropout 0.2 for values, too": with_recipe(rounds=ONE_KIND),
    "the epoch chosen at temperature 1": with_recipe(),
    "no temperature at all": with_recipe(),
}
ONLY = {  # whether a piece is one of values; of both where it does not stand here
    "relu with dropout 0.2 for values, too": True,
    "the epoch chosen at temperature 1": False,
    "no temperature at all": False,
}


def at_one(
    logits: Any, y: Any, weight: Any = None, candidates: Any = None
) -> tuple[float, float]:  # fmt: skip
    """In the place of ``best_temperature``: 1, and its loss."""
    return 1.0, log_loss(of_own_class(softmax(logits), y), weight)


@contextlib.contextmanager
def without_temperature(piece: str) -> Iterator[None]:
    """As the piece's name says."""
    with contextlib.ExitStack() as stack:
        if piece in ("the epoch chosen at temperature 1", "no temperature at all"):
            stack.enter_context(mock.patch.object(training, "best_temperature", at_one))
        if piece == "no temperature at all":
            stack.enter_context(mock.patch.object(weighting, "best_temperature", at_one))
            stack.enter_context(mock.patch.object(weighting, "FINE", np.ones(1)))
            stack.enter_context(mock.patch.object(weighting, "extrapolated", lambda *_, **__: 1.0))
        yield


def measure(piece: str, file: Path, seed: int, values: bool) -> float:
    """The error of the recipe without the piece."""
    data = split(str(file), seed, values)
    recipe = PIECES[piece](EFFORTS["default"]["regression" if values else "classification"])
    kind = own.TabularRegressor if values else own.TabularClassifier
    with without_temperature(piece):
        model = kind(effort=recipe, random_state=seed).fit(data.x, data.y)
    answers = np.asarray(model.predict(data.x_test) if values else model.predict_proba(data.x_test))
    if data.classes is not None:
        answers = in_order(answers, list(model.classes_), data, True)
    return error(data.y_test, answers, data.classes)


def report(rows: list[dict[str, Any]]) -> str:
    found = {(r["kind"], r["table"], r["seed"]): r["error"] for r in rows}
    lines = [["", "all", "tuned on", "confirmed on", "classes", "values", "tables"],
             ["---", *["--:"] * 6]]  # fmt: skip
    values = {r["table"] for r in rows if r["values"]}
    for piece in PIECES:
        ratios = {
            (table, seed): ratio(e, found[WHOLE, table, seed])
            for (kind, table, seed), e in found.items()
            if kind == piece and (WHOLE, table, seed) in found
        }

        def mean(wanted: Callable[[str], bool], ratios: dict[Any, float] = ratios) -> str:
            some = [r for (table, _), r in ratios.items() if wanted(table)]
            return number(statistics.geometric_mean(some) if some else math.nan)

        lines.append([
            piece, mean(lambda t: True), mean(lambda t: t in TUNED), mean(lambda t: t in CONFIRMED),
            mean(lambda t: t not in values), mean(lambda t: t in values), str(len(ratios)),
        ])  # fmt: skip
    return markdown(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="of CSV files")
    parser.add_argument("--results", type=Path, default=Path("pieces.jsonl"))
    parser.add_argument("--tables", help="comma-separated; default: all of the folder")
    parser.add_argument("--seeds", default="0")
    args = parser.parse_args()
    files = {path.stem: path for path in sorted(args.folder.glob("*.csv"))}
    names = args.tables.split(",") if args.tables else list(files)
    if wrong := [name for name in names if name not in files] or not files:
        parser.error(f"--folder, --tables: no CSV file for {wrong}; there are {', '.join(files)}")
    results = Results(args.results)
    for seed in map(int, args.seeds.split(",")):
        for name in names:
            values = name in GRADES or is_value(files[name])
            for piece in PIECES:
                if (piece, name, seed) in results.rows or ONLY.get(piece, values) != values:
                    continue
                e = measure(piece, files[name], seed, values)
                results.add(
                    {"kind": piece, "table": name, "seed": seed, "values": values, "error": e}
                )
                print(f"seed {seed}  {name:12} {piece:40} {e:.4f}", flush=True)
    print(report(list(results.rows.values())))


if __name__ == "__main__":
    main()
