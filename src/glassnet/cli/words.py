"""Words of other programs on the command line: understood, or answered with ours."""

from __future__ import annotations

import click

from glassnet._core.habits import LEARNING_RATE, RATES, spelled

# our option → what it is called elsewhere, without signs
ELSEWHERE = {
    "--layers": "hidden hiddenlayers hiddenlayersizes units neurons",
    "--epochs": "maxiter numepochs nepochs epoch",
    "--batch-size": "batch bs",
    "--network": "model arch",
    "--l2": "weightdecay alpha regularization",
    "--seed": "randomstate",
    "--out": "output outputdir name save o",
    "--validation": "valsplit validationsplit testsize",
    "--patience": "earlystopping",
    "--target": "label labels y column",
    "--optimizer": "optim solver",
    "--schedule": "scheduler lrscheduler",
    "--activation": "act",
    "DATA, without an option": "data dataset file",
    "--quiet": "silent q",
    "--resume": "continue checkpoint",
    "--top": "k",
    "--limit": "n",
}
OURS = {word: option for option, words in ELSEWHERE.items() for word in words.split()}


def customary(command: click.Command, args: list[str]) -> list[str]:
    """``args`` with the learning rate under its one name, and with - where _ was written.

    Raises:
        click.UsageError: an option that the command does not have, but by another name.
    """
    taken = {word for option in command.params for word in option.opts}
    metavars = {option.metavar for option in command.params}
    rate = "--" + LEARNING_RATE.replace("_", "-")
    understood: list[str] = []
    for i, arg in enumerate(args):
        if arg == "--":
            return understood + args[i:]
        word, equals, value = arg.partition("=")
        if word[:1] == "-" and word not in taken and not word[1:2].isdigit():
            dashed = word.replace("_", "-")
            ours = OURS.get(spelled(word))
            if dashed in taken:
                word = dashed
            elif word.lstrip("-") in RATES and rate in taken:
                word = rate
            elif word.lstrip("-") in RATES and "NAME:RATE" in metavars:
                raise click.UsageError(
                    f"No such option '{word}': rates stand behind names here, --optimizer adam:0.3."
                )
            elif word[:2] == "--" and ours is not None and (ours in taken or ours[:2] != "--"):
                raise click.UsageError(f"No such option '{word}': it is {ours} here.")
        understood.append(word + equals + value)
    return understood
