"""glassnet.sklearn beside scikit-learn's own MLP: same parameters, same data, same run.

    python benchmarks/sklearn_mlp_table.py --data-dir FOLDER    # the folder with the MNIST files

prints a table in Markdown. The two take turns in one process, so that they share NumPy, its
BLAS and its threads; each seed of ``random_state`` is fitted by both, and the table shows
medians. On a machine with other work on it: ``--clock cpu`` with ``OPENBLAS_NUM_THREADS=1``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import sklearn
import sklearn.neural_network
from idx import load_mnist
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import glassnet.sklearn

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
PREDICTIONS = 10  # of all test rows, timed together


class Data(NamedTuple):
    """One data set, split and scaled."""

    name: str
    kind: str
    x: Any
    y: Any
    x_test: Any
    y_test: Any


class Case(NamedTuple):
    """One line of the table."""

    data: Data
    dtype: str
    settings: dict[str, Any]
    seeds: int


def small(name: str) -> Data:
    """One of the sets that come with scikit-learn; a quarter is held out."""
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    regression = name == "diabetes"
    split = train_test_split(
        x, y, test_size=0.25, random_state=0, stratify=None if regression else y
    )
    x, x_test, y, y_test = split
    scaler = StandardScaler().fit(x)
    if regression:
        y, y_test = ((v - split[2].mean()) / split[2].std() for v in (y, y_test))
    kind = "MLPRegressor" if regression else "MLPClassifier"
    words = name.replace("_", " ")
    return Data(words, kind, scaler.transform(x), y, scaler.transform(x_test), y_test)


def mnist(folder: str) -> Data:
    """60,000 digits to learn from, 10,000 to judge by."""
    x, y, x_test, y_test = load_mnist(folder)
    flat = [(a.reshape(len(a), -1) / 255.0) for a in (x, x_test)]
    return Data("MNIST", "MLPClassifier", flat[0], y, flat[1], y_test)


def cases(folder: str | None, repeats: int) -> list[Case]:
    """The default settings; other solvers and small batches on digits; ten epochs of MNIST."""
    found = [
        Case(small(name), dtype, {}, repeats)
        for name in ("digits", "breast_cancer", "wine", "diabetes")
        for dtype in ("float64", "float32")
    ]
    digits = found[0].data
    others: list[dict[str, Any]] = [{"batch_size": 32}, {"solver": "sgd"}, {"solver": "lbfgs"}]
    found += [Case(digits, "float64", settings, repeats) for settings in others]
    if folder:
        data = mnist(folder)
        few = max(1, repeats // 2)
        found += [Case(data, d, {"max_iter": 10}, few) for d in ("float64", "float32")]
    return found


def measure(case: Case, clock: Any) -> dict[str, Any]:
    """Both libraries, seed by seed."""
    data = case.data
    x, x_test = (a.astype(case.dtype) for a in (data.x, data.x_test))
    libraries = {"scikit-learn": sklearn.neural_network, "glassnet": glassnet.sklearn}
    found: dict[str, Any] = {
        name: {"fit": [], "predict": [], "score": [], "epochs": []} for name in libraries
    }
    apart = []
    for seed in range(case.seeds):
        fitted = {}
        for name, module in libraries.items():
            model = getattr(module, data.kind)(random_state=seed, **case.settings)
            began = clock()
            model.fit(x, data.y)
            found[name]["fit"].append(clock() - began)
            began = clock()
            for _ in range(PREDICTIONS):
                model.predict(x_test)
            found[name]["predict"].append((clock() - began) / PREDICTIONS)
            found[name]["score"].append(model.score(x_test, data.y_test))
            found[name]["epochs"].append(model.n_iter_)
            fitted[name] = model
        pairs = zip(fitted["scikit-learn"].coefs_, fitted["glassnet"].coefs_)
        apart.append(max(float(abs(a - b).max()) for a, b in pairs))
    return {**found, "apart": statistics.median(apart)}


def line(case: Case, found: dict[str, Any]) -> str:
    """A row of the table."""
    theirs, ours = (
        {what: statistics.median(values) for what, values in found[name].items()}
        for name in ("scikit-learn", "glassnet")
    )
    solver = case.settings.get("solver", "adam")
    if "batch_size" in case.settings:
        solver += f", batches of {case.settings['batch_size']}"
    digits = 3 if case.data.kind == "MLPRegressor" else 4
    cells = [
        case.data.name, solver, case.dtype, f"{ours['epochs']:.0f}",
        seconds(theirs["fit"]), f"**{seconds(ours['fit'])}**",
        f"{theirs['fit'] / ours['fit']:.1f} ×",
        f"{theirs['predict'] * 1e3:.2g} / {ours['predict'] * 1e3:.2g} ms",
        f"{theirs['score']:.{digits}f}", f"**{ours['score']:.{digits}f}**", f"{found['apart']:.0e}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def seconds(value: float) -> str:
    """0.32 s, 18 ms."""
    return f"{value:.2f} s" if value >= 0.1 else f"{value * 1e3:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", help="folder with the MNIST files; without it no MNIST")
    parser.add_argument("--repeats", type=int, default=7, help="seeds (MNIST: half of them)")
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    args = parser.parse_args()
    if args.repeats < 1:
        parser.error("--repeats must be at least 1")
    warnings.simplefilter("ignore", ConvergenceWarning)  # the default 200 epochs are few
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "as NumPy likes")
    print(
        f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}; Python "
        f"{platform.python_version()}, NumPy {np.__version__}, scikit-learn {sklearn.__version__}; "
        f"{args.clock} time, BLAS threads: {threads}; medians over {args.repeats} seeds, MNIST "
        f"{max(1, args.repeats // 2)}.\n"
    )
    print(
        "| data | solver | type | epochs | fit: scikit-learn | glassnet | faster | predict: both "
        "| score: scikit-learn | glassnet | weights apart |\n"
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
    clock = CLOCKS[args.clock]
    chosen = cases(args.data_dir, args.repeats)
    for dtype in ("float64", "float32"):  # what is compiled at the first call is compiled now
        for case in chosen:
            warm = Case(case.data, dtype, {**case.settings, "max_iter": 1}, 1)
            if case.data.name != "MNIST":
                measure(warm, clock)
    for case in chosen:
        print(line(case, measure(case, clock)), flush=True)


def processor() -> str:
    """What it runs on."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for text in info.read_text().splitlines():
            if text.startswith("model name"):
                return text.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
