"""The Python script that does what was built by hand on the page.

It uses the library's public names only.  From the same seed it goes through the same data in
the same order as the page did, so it ends with the same weights, unless something was changed
by hand while the network learned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet.lab.session import building
from glassnet.lab.session.samples import PLANAR, STAND_IN, TABLES
from glassnet.lab.session.state import Session
from glassnet.lab.session.table import HEADERS, TASKS

# The features of the field of that name, written out.
FORMULAS = {
    "x1": "x1", "x2": "x2", "x1^2": "x1 * x1", "x2^2": "x2 * x2", "x1x2": "x1 * x2",
    "sin_x1": "np.sin(np.pi * x1)", "sin_x2": "np.sin(np.pi * x2)",
}  # fmt: skip

HILLS = """centres = [
    (-0.5, 0.5, 1), (0.5, 0.5, -1), (0.0, 0.0, 1), (-0.5, -0.5, -1), (0.5, -0.5, 1),
]
heights = [s * np.exp(-8 * ((x1 - p) ** 2 + (x2 - q) ** 2)) for p, q, s in centres]
y = sum(heights)"""


def script(session: Session) -> str:
    """The whole script, ready to run."""
    values = session.values
    parts = [
        _head(session),
        "import numpy as np\n\nfrom glassnet import Sequential, data, layers" + _imports(values),
        "# ---- data\n" + _data(session),
        _inputs(session),
        "# ---- network\n" + _network(session),
        "# ---- training\n" + _training(session),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(session: Session) -> str:
    words = [
        '"""What was built in the glassnet lab, as a script.',
        "",
        "It begins with the initial weights of the seed and trains with the settings as they were",
        "when it was exported; weights that were set by hand, and settings that were changed while",
        "the network learned, are not repeated.",
    ]
    run = _plain(session.trainer.opened)
    if run:
        words += [
            "",
            f"On the page the weights came from the saved run {run}, with",
            "which this script does not begin: it trains the same network from the start.",
        ]
    if session.values["data"] == "own" and session.table is not None:
        words += ["", f"Put the table {_file_name(session)} beside it."]
    return "\n".join([*words, '"""'])


def _imports(values: dict[str, Any]) -> str:
    return ", optimizers" + (", schedules" if values["schedule"] != "constant" else "")


# ---- data ----------------------------------------------------------------------------------------


def _data(session: Session) -> str:
    values = session.values
    writers: dict[str, Callable[[Session], str]] = {
        "plane": _surface, "hills": _surface, "drawn": _drawn, "own": _own,
    }  # fmt: skip
    name = values["data"]
    if name in writers:
        return writers[name](session)
    share, seed = values["test_share"], values["data_seed"]
    if name in PLANAR:
        stratify = not session.samples.regression
        made = (
            f"made = data.{name}({values['samples']}, noise={values['noise']!r}, seed={seed})\n"
            f"made = made.split({share!r}, seed={seed}, stratify={stratify})"
        )
        return made + "\n" + _parts(session)
    return f'made = data.load("{name}", test_fraction={share!r}, seed={seed})\n' + _parts(session)


def _parts(session: Session) -> str:
    """x, y, x_test, y_test out of ``made``."""
    lines = ["x, y, x_test, y_test = made.x, made.y, made.x_test, made.y_test"]
    if session.samples.image_shape is not None:
        white = 16 if session.samples.name == "digits" else 255
        lines += [f"{part} = {part}.reshape(len({part}), -1).astype(np.float32) / {white}"
                  for part in ("x", "x_test")]  # fmt: skip
    elif session.samples.regression:
        if session.values["data"] in TABLES:
            lines.append("mean, scale = y.mean(), y.std()")
            lines.append("y, y_test = (y - mean) / scale, (y_test - mean) / scale")
        lines.append("y, y_test = y.astype(np.float32), y_test.astype(np.float32)")
    return "\n".join(lines)


def _surface(session: Session) -> str:
    values = session.values
    n, seed, share = 2 * values["samples"], values["data_seed"], values["test_share"]
    height = "y = (x1 + x2) / 2" if values["data"] == "plane" else HILLS
    return (
        f"random = np.random.default_rng({seed})\n"
        f"x1, x2 = random.uniform(-1, 1, ({n}, 2)).T\n"
        f"{height}\n"
        f"y = y + {values['noise']!r} * random.standard_normal({n})\n"
        "x, y = np.column_stack([x1, x2]).astype(np.float32), y.astype(np.float32)\n"
        f"train, test = data.hold_out(y, {share!r}, seed={seed}, stratify=False)\n"
        "x, y, x_test, y_test = x[train], y[train], x[test], y[test]"
    )


def _drawn(session: Session) -> str:
    values = session.values
    points = values["points"]
    if len(points) < 4 or len({label for _, _, label in points}) < 2:
        points = (*STAND_IN, *points)
    counts = [sum(1 for p in points if p[2] == k) for k in {p[2] for p in points}]
    rows = "".join(f"    ({x!r}, {y!r}, {label}),\n" for x, y, label in points)
    share, seed = values["test_share"], values["data_seed"]
    return (
        f"points = [  # x1, x2, class\n{rows}]\n"
        "x = np.array([(a, b) for a, b, _ in points], dtype=np.float32)\n"
        "y = np.unique([label for _, _, label in points], return_inverse=True)[1]\n"
        f"train, test = data.hold_out(y, {share!r}, seed={seed}, stratify={min(counts) >= 2})\n"
        "x, y, x_test, y_test = x[train], y[train], x[test], y[test]"
    )


def _own(session: Session) -> str:
    values, table = session.values, session.table
    assert table is not None
    target = table.target(values["target"])
    share, seed = values["test_share"], values["data_seed"]
    more = "" if table.encoding == "utf-8" else f" encoding={table.encoding!r},"
    if left := table.left(values["own_left"], target):
        more += f" ignore={left!r},"
    if (task := TASKS[values["own_task"]]) is not None:
        more += f" task={task!r},"
    own = (values["own_task"], values["own_left"], values["own_header"])
    limit = table.read(values["target"], share, seed, *own)[1]
    header = False if table.headless else HEADERS[values["own_header"]]
    if header is not None:
        more += f" header={header},"
    return (
        f"made = data.load_table(\n    {_file_name(session)!r}, {target!r}, "
        f"test_fraction={share!r}, seed={seed},\n    scale_target=True, "
        f"max_categories={limit},{more}\n)\n" + _parts(session)
    )


def _file_name(session: Session) -> str:
    """The table's name: no folders, and nothing that could end a text of Python."""
    assert session.table is not None
    name = session.table.name.replace("\\", "/").rpartition("/")[2]
    plain = _plain(name).strip(". ")
    return plain if plain.lower().endswith((".csv", ".tsv", ".txt")) else f"{plain or 'table'}.csv"


def _plain(name: str) -> str:
    """Only letters that cannot end a text of Python."""
    return "".join(c for c in name if c.isalnum() or c in " ._-()")


def _inputs(session: Session) -> str:
    """The features of two columns, where they are not just these two."""
    if len(session.samples.columns) != 2 or session.inputs == ["x1", "x2"]:
        return ""
    columns = ", ".join(FORMULAS[name] for name in session.inputs)
    return (
        "\n\ndef inputs(x):\n"
        '    """What the network is given of each point."""\n'
        "    x1, x2 = x[:, 0], x[:, 1]\n"
        f"    return np.column_stack([{columns}]).astype(np.float32)\n\n\n"
        "x, x_test = inputs(x), inputs(x_test)"
    )


# ---- network -------------------------------------------------------------------------------------


def _network(session: Session) -> str:
    values = session.values
    outputs, activation, _ = building.head_for(session.samples, values["loss"])
    lines = []
    for i, (units, function, dropout, norm, skip) in enumerate(values["layers"]):
        name = f"hidden{i + 1}"
        row = [_dense(units, None if norm else function, name)]
        if norm:
            row.append(f'layers.BatchNormalization(momentum=0.9, name="{name}_norm")')
            row.append(f'layers.Activation("{function}", name="{name}_activation")')
        if dropout:
            row.append(f'layers.Dropout({dropout!r}, name="{name}_dropout")')
        if skip:  # y = x + F(x)
            inside = "".join(f"{'':16}{line},\n" for line in row)
            block = f'{"":12}[\n{inside}{"":12}],\n{"":12}name="{name}_skip",\n'
            row = [f"layers.Residual(\n{block}        )"]
        lines += row
    lines.append(_dense(outputs, activation, "output"))
    inside = "".join(f"        {line},\n" for line in lines)
    return (
        f"{_kernel(values)}\n"
        f"model = Sequential(\n    [\n{inside}    ],\n    seed={values['seed']},\n)\n"
        "model.build(x.shape[1:])"
    )


def _kernel(values: dict[str, Any]) -> str:
    """How the weights of all layers begin, and what is added to the loss for them."""
    spread = building.SPREADS.get(values["init"])
    initializer = f'"{values["init"]}"'
    if spread is not None:
        initializer = f'{{"name": "random_normal", "stddev": {spread!r}}}'
    said = f'kernel = {{"kernel_initializer": {initializer}'
    if values["l1"] or values["l2"]:
        said += f', "kernel_regularizer": layers.L1L2({values["l1"]!r}, {values["l2"]!r})'
    return said + "}"


def _dense(units: int, activation: str | None, name: str) -> str:
    said = str(units) if activation is None else f'{units}, "{activation}"'
    return f'layers.Dense({said}, **kernel, name="{name}")'


# ---- training ------------------------------------------------------------------------------------


def _training(session: Session) -> str:
    values = session.values
    _, _, loss = building.head_for(session.samples, values["loss"])
    lines = []
    rate = f"{float(values['learning_rate'])!r}"
    if values["schedule"] != "constant":
        total = values["schedule_epochs"] * max(session.trainer.steps_per_epoch, 1)
        rate = f'schedules.by_name("{values["schedule"]}", {rate}, {total}).get_config()'
    lines.append(f'optimizer = optimizers.get({{"name": "{values["optimizer"]}", '
                 f'"learning_rate": {rate}}})')  # fmt: skip
    k = len(session.samples.classes)
    if building.one_hot(session.samples, session.model.loss):
        one_hot = f"np.eye({k}, dtype=np.float32)"
        lines.append(f"y, y_test = {one_hot}[y], {one_hot}[y_test]")
    metrics = "" if session.samples.regression else ', metrics=["accuracy"]'
    lines.append(f'model.compile(optimizer, "{loss}"{metrics})')
    lines.append(
        "history = model.fit(\n"
        f"    x, y, batch_size={values['batch_size']}, epochs={_epochs(session)}, "
        "validation_data=(x_test, y_test), verbose=0,\n)"
    )
    lines.append("print(model.evaluate(x_test, y_test))")
    lines.append('model.save("model.safetensors")')
    return "\n".join(lines)


def _epochs(session: Session) -> int:
    """As many as the page has trained; if none yet, as many as "until" says, or 100."""
    values = session.values
    if session.trainer.epoch:
        return session.trainer.epoch
    return max(1, round(values["until_value"])) if values["until"] == "epochs" else 100
