"""Words that people bring from Keras, PyTorch and scikit-learn, where glassnet has none for them.

What is merely spelled otherwise, or goes by another name, is found without a word
(``registry.named``).  Here stands what would be another thing, or is none here: the error says
what to write instead.  Each sentence names something that exists; ``tests/test_coming_from.py``
holds that.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

_SHAPE = "the shape comes with the data, or from Input((n_features,)) as the first layer."
_NO_RECURRENCE = "glassnet has no recurrent layers; Conv1D reads series."
_WHOLE_DATA = "an epoch is all of the data, in batches of batch_size."
_BY_DATASET = (
    "data.load(name) gives a data set: X, y = dataset, and dataset.x_test, dataset.y_test."
)
_MODE = "there is no mode to switch: predict and evaluate never drop units, fit always does."
_GRADIENTS = "each step writes the gradients anew: there is nothing to clear."

# where the word was said → the word, as ``spelled`` has it → what to write
INSTEAD: Mapping[str, Mapping[str, str]] = {
    "loss": {
        "crossentropy": "did you mean 'sparse_categorical_crossentropy' (class numbers), "
        "'categorical_crossentropy' (one-hot rows) or 'binary_crossentropy' (yes or no)?",
        "logloss": "did you mean 'binary_crossentropy' (yes or no) or "
        "'sparse_categorical_crossentropy' (class numbers)?",
        "nll": "did you mean 'sparse_categorical_crossentropy', with 'softmax' before it?",
        "nllloss": "did you mean 'sparse_categorical_crossentropy', with 'softmax' before it?",
        "squaredhinge": "did you mean 'hinge'?",
        "logcosh": "did you mean 'huber'?",
    },
    "activation": {
        "none": "give None, or 'linear'.",
        "hardsigmoid": "did you mean 'sigmoid'?",
        "mish": "did you mean 'silu'?",
        "hardswish": "did you mean 'silu'?",
        "prelu": "did you mean 'leaky_relu'?",
    },
    "optimizer": {
        "adadelta": "did you mean 'adagrad' or 'rmsprop'?",
        "adamax": "did you mean 'adam'?",
        "lbfgs": "every optimizer here takes steps of mini-batches: 'adam' is a good first one.",
        "ftrl": "did you mean 'adagrad'?",
        "lion": "did you mean 'adamw'?",
    },
    "fit": {
        "validationfreq": "the validation is measured after each epoch; leave it out.",
        "validationsteps": "the validation data are measured as a whole; leave it out.",
        "validationbatchsize": "it changes no result; leave it out.",
        "workers": "the data are read by the process itself; leave it out.",
        "usemultiprocessing": "the data are read by the process itself; leave it out.",
        "maxqueuesize": "the data are read by the process itself; leave it out.",
        "nepochs": "did you mean 'epochs'?",
        "maxiter": "did you mean 'epochs'?",
        "lr": "the learning rate belongs to the optimizer: compile(Adam(0.01), …).",
        "learningrate": "the learning rate belongs to the optimizer: compile(Adam(0.01), …).",
        "optimizer": "it belongs to compile(optimizer, loss).",
        "loss": "it belongs to compile(optimizer, loss).",
    },
    "evaluate": {
        "steps": _WHOLE_DATA,
        "callbacks": "nothing is called while evaluating; leave it out.",
        "workers": "the data are read by the process itself; leave it out.",
        "usemultiprocessing": "the data are read by the process itself; leave it out.",
        "maxqueuesize": "the data are read by the process itself; leave it out.",
    },
    "predict": {
        "steps": _WHOLE_DATA,
        "callbacks": "nothing is called while predicting; leave it out.",
        "workers": "the data are read by the process itself; leave it out.",
        "usemultiprocessing": "the data are read by the process itself; leave it out.",
        "maxqueuesize": "the data are read by the process itself; leave it out.",
    },
    "compile": {
        "runeagerly": "what it computes can always be looked at: leave it out.",
        "jitcompile": "small dense networks are compiled by themselves; leave it out.",
        "stepsperexecution": "leave it out: it changes no result.",
        "weightedmetrics": "metrics=[…] are weighted as the loss is, with sample_weight and "
        "class_weight of fit.",
        "lossweights": "a network here has one output and one loss; leave it out.",
        "lr": "the learning rate belongs to the optimizer: compile(Adam(0.01), …).",
        "learningrate": "the learning rate belongs to the optimizer: compile(Adam(0.01), …).",
    },
    "glassnet.layers": {
        "batchnorm1d": "BatchNormalization() is it; the number of features comes with the data.",
        "layernorm": "LayerNormalization() is it.",
        "maxpool2d": "MaxPooling2D() is it.",
        "avgpool2d": "AveragePooling2D() is it.",
        "inputlayer": "Input((n_features,)) is it.",
        "identity": "Activation('linear') is it.",
        "sequential": "glassnet.Sequential is it; a block within one is Residual([…]).",
        "lstm": _NO_RECURRENCE,
        "gru": _NO_RECURRENCE,
        "simplernn": _NO_RECURRENCE,
        "rnn": _NO_RECURRENCE,
        "embedding": "there is none; Dense on one-hot rows is the same product.",
        "normalization": "data.Standardizer learns mean and deviation; Rescaling divides.",
        "prelu": "LeakyReLU() is the nearest: its slope is not learned.",
    },
    "glassnet": {
        "model": "networks here are layers in a row: Sequential([…]).",
        "models": "Sequential is glassnet.Sequential, load_model is glassnet.load.",
        "nn": "layers are in glassnet.layers, losses in glassnet.losses.",
        "optim": "optimizers are in glassnet.optimizers.",
        "keras": "glassnet has Keras's words itself: glassnet.Sequential, glassnet.layers.",
        "loadmodel": "glassnet.load(path) is it.",
        "savemodel": "model.save(path) is it.",
        "datasets": "data sets are in glassnet.data: " + _BY_DATASET,
        "utils": "to_categorical and train_test_split are in glassnet.data.",
        "activation": "the functions are in glassnet.activations.",
        "regularizers": "L1, L2 and L1L2 are in glassnet.layers.",
        "tensor": "NumPy arrays are what everything here takes and gives.",
        "nograd": "gradients are computed by fit only: call predict as it is.",
        "mlpclassifier": "it is in glassnet.sklearn.",
    },
    "glassnet.data": {
        "mnist": _BY_DATASET,
        "loadmnist": _BY_DATASET,
        "loaddigits": _BY_DATASET,
        "loadiris": _BY_DATASET,
        "makemoons": "did you mean 'moons'?",
        "makecircles": "did you mean 'circles'?",
        "makeblobs": "did you mean 'blobs'?",
        "dataloader": "fit(x, y, batch_size=32) makes the batches; or give it yours.",
        "tensordataset": "fit takes x and y as they are.",
        "spiraldata": "did you mean 'spiral'?",
        "verticaldata": "did you mean 'vertical'?",
    },
    "glassnet.callbacks": {
        "backupandrestore": "did you mean 'Checkpoint'? fit(…, resume_from=path) goes on from it.",
        "terminateonnan": "fit ends by itself when the loss becomes NaN: leave it out.",
        "history": "fit returns the history.",
        "progbarlogger": "fit(verbose=1) shows a bar.",
    },
    "glassnet.optimizers.schedules": {},
    "model": {
        "eval": _MODE,
        "train": _MODE + " fit(x, y) trains.",
        "zerograd": _GRADIENTS,
        "to": "everything is computed on the CPU; copy(dtype) is a network of another type.",
        "cuda": "everything is computed on the CPU.",
        "cpu": "everything is computed on the CPU.",
        "predictonbatch": "did you mean 'predict'?",
        "testonbatch": "did you mean 'evaluate'?",
        "fitgenerator": "fit takes a generator of batches, too.",
        "loadmodel": "glassnet.load(path) is it.",
        "score": "evaluate(x, y) is it; the estimators of glassnet.sklearn have score.",
        "predictlogproba": "numpy.log(model.predict(x)) is it.",
        "namedparameters": "model.parameters.names and .view(name) are it; state_dict() copies.",
        "inputs": "model.input_shape says the shape; the arrays come with fit and predict.",
        "children": "model.layers are they.",
        "modules": "model.layers are they.",
        "coefs": "model.get_weights()[::2] are the matrices.",
        "intercepts": "model.get_weights()[1::2] are the vectors.",
    },
}  # fmt: skip


def instead(where: str, word: str) -> str | None:
    """What to write for ``word``, said to or of ``where``; None: nothing is known of it.

    >>> instead("glassnet.layers", "LayerNorm")
    'LayerNormalization() is it.'
    """
    return INSTEAD.get(where.removeprefix("setting of "), {}).get(spelled(word))


def spelled(name: str) -> str:
    """The letters and digits of a name, small: "Leaky-ReLU" and "leaky_relu" are one."""
    return "".join(c for c in name.lower() if c.isalnum())


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """The text for a name that is not among ``known``."""
    names = list(known)
    hint = instead(kind, str(name))
    if hint is not None:
        return f"unknown {kind} {name!r}: {hint} Known are {', '.join(names)}."
    lowered = {n.lower(): n for n in names}
    close = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.5)
    hint = f"did you mean {lowered[close[0]]!r}? " if close else ""
    return f"unknown {kind} {name!r}: {hint}Known are {', '.join(names)}."


def missing(module: str, name: str, names: Iterable[str]) -> AttributeError:
    """What reading ``name`` of a module raises that has only ``names``."""
    text = f"module {module!r} has no attribute {name!r}"
    if name.startswith("_"):
        return AttributeError(text)
    hint = instead(module, name)
    if hint is None:
        letters = {spelled(n): n for n in names if n[:1] != "_"}
        close = difflib.get_close_matches(spelled(name), letters, n=1, cutoff=0.7)
        hint = f"did you mean {letters[close[0]]!r}?" if close else None
    return AttributeError(text if hint is None else f"{text}: {hint}")
