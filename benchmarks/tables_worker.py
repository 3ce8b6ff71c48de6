"""One measurement of tables.py, in a process of its own: a table split, a peer fitted and judged.

The seed chooses the rows, and of glassnet the weights; a peer's own is always 0.

python tables_worker.py '{"kind": "hgb", "file": "f.csv", "seed": 0, "threads": 2, "values": false}'

The last line of what it prints is JSON: error, seconds, memory in megabytes.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import resource
import sys
import time
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

TRAINING, TEST = 8000, 5000  # rows at most
MANY = 100_000  # rows whose prediction is timed
INSIDE = 1e-6  # probabilities are kept so far from 0 and 1


@dataclass
class Split:
    """What is learned from, and what is judged on; ``classes`` is None where values are."""

    x: Any
    y: Any
    x_test: Any
    y_test: Any
    classes: list[Any] | None

    @property
    def labels(self) -> Any:
        """y as numbers: values, or the places of the classes."""
        return self.y if self.classes is None else np.searchsorted(self.classes, self.y)


def split(file: str, seed: int, values: bool) -> Split:
    """A fifth is held out, of every class the same share."""
    full = pd.read_csv(file)
    train, test = train_test_split(
        full, test_size=0.2, random_state=seed, stratify=None if values else full["target"]
    )
    train = train.sample(min(len(train), TRAINING), random_state=seed).reset_index(drop=True)
    test = test.sample(min(len(test), TEST), random_state=seed).reset_index(drop=True)
    classes = None if values else sorted(full["target"].unique())
    y, y_test = (part["target"].to_numpy(float if values else None) for part in (train, test))
    if classes is not None:
        y_test = np.searchsorted(classes, y_test)
    return Split(train.drop(columns="target"), y, test.drop(columns="target"), y_test, classes)


def error(y: Any, answers: Any, classes: list[Any] | None) -> float:
    """1 - R² = Σ(y - ŷ)² / Σ(y - ȳ)², or the log loss."""
    answers = np.asarray(answers, float)
    if classes is None:
        answers = answers.reshape(-1)
        return float(((y - answers) ** 2).sum() / ((y - y.mean()) ** 2).sum())
    p = np.clip(answers, INSIDE, 1 - INSIDE)
    p = p / p.sum(1, keepdims=True)
    return float(-np.log(p[np.arange(len(y)), y]).mean())


def as_categories(x: Any, x_test: Any) -> tuple[Any, Any]:
    """Text as pandas' categories, those of the training rows: how boosting wants it."""
    x, x_test = x.copy(), x_test.copy()
    for name in x:
        if x[name].dtype.kind not in "iufb":
            x[name] = x[name].astype("category")
            x_test[name] = pd.Categorical(x_test[name], categories=x[name].cat.categories)
    return x, x_test


def as_text(x: Any, x_test: Any) -> tuple[Any, Any]:
    """Categories as objects, with NaN for gaps and for what is unknown."""
    frames = as_categories(x, x_test)
    return tuple(
        frame.assign(**{c: frame[c].astype(object) for c in categories(frame)}) for frame in frames
    )  # type: ignore[return-value]  # a tuple of two, as it was given


def categories(x: Any) -> list[str]:
    return [name for name in x if x[name].dtype.name == "category"]


def without_gaps(x: Any, x_test: Any) -> tuple[Any, Any]:
    """Gaps among the numbers as the median: RealMLP and TabM take none."""
    x, x_test = as_categories(x, x_test)
    for name in x:
        if x[name].dtype.name != "category":
            median = x[name].median()
            x[name] = x[name].astype(float).fillna(median)
            x_test[name] = x_test[name].astype(float).fillna(median)
    return x, x_test


def boosting(values: bool, threads: int, x: Any, seed: int = 0) -> Any:
    from sklearn import ensemble

    kind = "HistGradientBoosting" + ("Regressor" if values else "Classifier")
    return getattr(ensemble, kind)(random_state=seed, categorical_features="from_dtype")


def lightgbm(values: bool, threads: int, x: Any, seed: int = 0) -> Any:
    import lightgbm

    kind = lightgbm.LGBMRegressor if values else lightgbm.LGBMClassifier
    return kind(random_state=seed, verbose=-1, n_jobs=threads)


def catboost(values: bool, threads: int, x: Any, seed: int = 0) -> Any:
    import catboost

    kind = catboost.CatBoostRegressor if values else catboost.CatBoostClassifier
    return kind(
        random_state=seed, verbose=0, thread_count=threads, allow_writing_files=False,
        cat_features=[c for c in x if x[c].dtype.kind not in "iufb"],
    )  # fmt: skip


def for_catboost(x: Any, x_test: Any) -> tuple[Any, Any]:
    """Text, and a word for its gaps."""
    frames = as_categories(x, x_test)
    return tuple(
        frame.assign(**{
            c: frame[c].astype(object).fillna("gap").astype(str).astype(object)
            for c in categories(frame)
        })
        for frame in frames
    )  # type: ignore[return-value]  # of two  # fmt: skip


def mlp(values: bool, threads: int, x: Any, seed: int = 0) -> Any:
    """The pipeline of scikit-learn's own examples."""
    from sklearn.compose import (
        TransformedTargetRegressor,
        make_column_selector,
        make_column_transformer,
    )
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    texts = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (texts, make_column_selector(dtype_exclude="number")),
    )
    if not values:
        return make_pipeline(columns, MLPClassifier(random_state=seed))
    network = MLPRegressor(random_state=seed)
    scaled = TransformedTargetRegressor(network, transformer=StandardScaler())
    return make_pipeline(columns, scaled)


def pytabkit(name: str) -> Callable[..., Any]:
    def make(values: bool, threads: int, x: Any, seed: int = 0) -> Any:
        import pytabkit

        kind = getattr(pytabkit, f"{name}_{'Regressor' if values else 'Classifier'}")
        return kind(device="cpu", random_state=seed, n_threads=threads, verbosity=0)

    return make


def glassnet(effort: str) -> Callable[..., Any]:
    def make(values: bool, threads: int, x: Any, seed: int) -> Any:
        import glassnet.sklearn as own

        kind = own.TabularRegressor if values else own.TabularClassifier
        rows = np.arange(64)  # what is loaded and compiled at the first call is so before
        warm = pd.DataFrame({"a": rows % 7 / 7, "b": [f"{row % 3}" for row in rows]})
        kind(effort="quick", random_state=0).fit(warm, rows / 9 if values else rows % 2)
        return kind(effort=effort, random_state=seed)

    return make


# name → (its estimator, the frames as it wants them, the package of its version)
PEERS: dict[str, tuple[Callable[..., Any], Callable[..., Any] | None, str]] = {
    "hgb": (boosting, as_categories, "scikit-learn"),
    "lgbm": (lightgbm, as_categories, "lightgbm"),
    "cat": (catboost, for_catboost, "catboost"),
    "mlp": (mlp, as_text, "scikit-learn"),
    "realmlp": (pytabkit("RealMLP_TD"), without_gaps, "pytabkit"),
    "tabm": (pytabkit("TabM_D"), without_gaps, "pytabkit"),
    "quick": (glassnet("quick"), None, "glassnet"),
    "default": (glassnet("default"), None, "glassnet"),
    "best": (glassnet("best"), None, "glassnet"),
}


def measure(kind: str, file: str, seed: int, threads: int, values: bool) -> dict[str, Any]:
    """Fit, predict, judge. The frames are made before the clock starts."""
    make, frames, package = PEERS[kind]
    data = split(file, seed, values)
    own = frames is None  # glassnet is given the table, and the classes by name, as they are
    x, x_test = frames(data.x, data.x_test) if frames else (data.x, data.x_test)
    y = data.y if own else data.labels
    model = make(values, threads, x, **({"seed": seed} if own else {}))
    began, busy = time.perf_counter(), time.process_time()
    model.fit(x, y)
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    ask = model.predict if values else model.predict_proba
    began = time.perf_counter()
    answers = np.asarray(ask(x_test))
    predicting = time.perf_counter() - began
    if data.classes is not None:
        answers = in_order(answers, list(model.classes_), data, own)
    row = {
        "error": error(data.y_test, answers, data.classes),
        "seconds": seconds, "processor": processor, "predicting": predicting, "rows": len(x),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "threads": threads, "version": f"{package} {importlib.metadata.version(package)}",
        "of": zlib.crc32(data.y_test.astype(float).tobytes()),  # the same rows for every peer
    }  # fmt: skip
    if len(x) == TRAINING:
        many = x_test.iloc[np.arange(MANY) % len(x_test)].reset_index(drop=True)
        began = time.perf_counter()
        ask(many)
        row["predicting_many"] = time.perf_counter() - began
    return row


def in_order(p: Any, known: list[Any], data: Split, named: bool) -> Any:
    """A column for each class of the table, 0 for one that no training row had."""
    assert data.classes is not None
    wanted = data.classes if named else range(len(data.classes))
    zero = np.zeros(len(p))
    return np.stack([p[:, known.index(c)] if c in known else zero for c in wanted], 1)


def main() -> None:
    warnings.filterwarnings("ignore")
    order = json.loads(sys.argv[1])
    try:
        row = measure(**order)
    except Exception as failure:
        row = {"failed": f"{type(failure).__name__}: {failure}"[:300], "error": math.nan}
    print(f"\n{json.dumps(row)}")


if __name__ == "__main__":
    main()
