"""The commands, by name. A command more is a line here and a file in ``commands/``."""

from __future__ import annotations

import click

from glassnet import __version__
from glassnet.cli.failures import MainGroup

COMMANDS = {
    "train": (
        "glassnet.cli.commands.train:train", "Train a network on a data set and judge it."
    ),
    "tune": (
        "glassnet.cli.commands.tune:tune", "Search the best settings of a network."
    ),
    "evaluate": (
        "glassnet.cli.commands.evaluate:evaluate", "Judge a trained network on data."
    ),
    "predict": (
        "glassnet.cli.commands.predict:predict", "Answer for the rows of a table, or for images."
    ),
    "mistakes": (
        "glassnet.cli.commands.mistakes:mistakes", "Show what a trained network gets wrong."
    ),
    "explain": (
        "glassnet.cli.commands.explain:explain", "Take one training step apart, number by number."
    ),
    "summary": (
        "glassnet.cli.commands.summary:summary", "Show a run: network, settings, results."
    ),
    "export": (
        "glassnet.cli.commands.export:export", "Write a network as ONNX, Keras, PyTorch, C, Python."
    ),
    "import": (
        "glassnet.cli.commands.importing:import_", "Take in a network of ONNX, Keras, PyTorch."
    ),
    "plot": ("glassnet.cli.commands.plot:plot", "Draw a picture: of a run, data, functions."),
    "experiment": (
        "glassnet.cli.commands.experiment:experiment", "Show one thing by an experiment."
    ),
    "datasets": ("glassnet.cli.commands.datasets:datasets", "List the data sets."),
    "verify": (
        "glassnet.cli.commands.verify:verify", "Check this installation."
    ),
    "learn": ("glassnet.cli.commands.learn:learn", "Read a lesson of the course."),
    "check": ("glassnet.cli.commands.check:check", "Judge what you wrote for a lesson."),
    "lab": ("glassnet.cli.commands.lab:lab", "Open the lab: watch a network learn in the browser."),
}  # fmt: skip

root = MainGroup(
    COMMANDS,
    name="glassnet",
    help="""A neural network you can see through, fast enough to use.

    \b
    glassnet train digits               learn to read handwritten digits
    glassnet train flowers.csv --target species
    glassnet predict runs/digits seven.png
    """,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
click.version_option(__version__, "--version", message="glassnet %(version)s")(root)
