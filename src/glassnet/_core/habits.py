"""Words that people bring from Keras, PyTorch and scikit-learn, where glassnet has none for them.

What is merely spelled otherwise, or goes by another name, is found without a word
(``registry.named``).  Here stands what would be another thing, or is none here: the error says
what to write instead.  Each sentence names something that exists; ``tests/test_coming_from.py``
holds that.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from glassnet.errors import ConfigError

_SHAPE = "the shape comes with the data, or from Input((n_features,)) as the first layer."
_NO_RECURRENCE = "glassnet has no recurrent layers; Conv1D reads series."
_WHOLE_DATA = "an epoch is all of the data, in batches of batch_size."
_AUGMENT = (
    'images are changed by layers: layers.augment("shift=2,flip", image_shape) gives some to put '
    'in front of the others, and networks.cnn(image_shape, augment="shift=2,flip") has them.'
)
_BY_DATASET = (
    "data.load(name) gives a data set: X, y = dataset, and dataset.x_test, dataset.y_test."
)
_MODE = "there is no mode to switch: predict and evaluate never drop units, fit always does."
_GRADIENTS = "each step writes the gradients anew: there is nothing to clear."

# The learning rate has one name everywhere; these are understood where a rate is given.
LEARNING_RATE = "learning_rate"
RATES = ("lr", "rate", "eta")

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
        "normalization": "StandardScaler of scikit-learn learns means; Rescaling divides.",
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
        "augmentation": _AUGMENT,
        "augmentedbatches": _AUGMENT,
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
    "measured number": {
        "valloss": "fit(…, validation_data=(x, y)) measures it.",
        "valaccuracy": "fit(…, validation_data=(x, y)) measures it.",
        "valacc": "fit(…, validation_data=(x, y)) measures it.",
    },
    "estimator setting": {
        "epochs": "did you mean 'max_iter'?",
        "nepochs": "did you mean 'max_iter'?",
        "seed": "did you mean 'random_state'?",
        "patience": "did you mean 'n_iter_no_change'?",
        "validationsplit": "did you mean 'validation_fraction'?",
        "dropoutrate": "did you mean 'dropout'?",
        "solver": "did you mean 'optimizer'?",
        "hidden": "did you mean 'hidden_layer_sizes'?",
        "layers": "did you mean 'hidden_layer_sizes'? NetworkClassifier([…]) takes layers.",
        "model": "did you mean 'network'?",
        "l2": "did you mean 'alpha'?",
        "weightdecay": "did you mean 'alpha'?",
    },
    "gradient_descent": {
        "steps": "did you mean 'step_num'?",
        "epochs": "did you mean 'step_num'?",
        "numsteps": "did you mean 'step_num'?",
        "x0": "did you mean 'init_x'?",
        "start": "did you mean 'init_x'?",
    },
    "glassnet.schedules": {
        "steplr": "StepDecay(0.1, step_size=30, factor=0.1) is it.",
        "exponentiallr": "ExponentialDecay(0.1, decay_steps=1, decay_rate=0.9) is it.",
        "cosineannealinglr": "CosineDecay(0.1, decay_steps=1000) is it.",
        "onecyclelr": "OneCycle is it.",
        "linearlr": "Warmup is the nearest.",
        "reducelronplateau": "it is a callback: glassnet.callbacks.ReduceLROnPlateau.",
        "learningratescheduler": "it is a callback: glassnet.callbacks.LearningRateScheduler.",
    },
    "glassnet.plots": {
        "show": "a notebook shows a figure that ends its cell; elsewhere plots.save(figure, path), "
        "or plt.show(), if matplotlib.pyplot was imported before the figure was made.",
        "plot": "learning_curves(history), data_points(x, y), decision_boundary(model, x, y) are "
        "some.",
        "history": "learning_curves(history) is it.",
        "plothistory": "learning_curves(history) is it.",
        "plotmodel": "network_drawing(model) is it.",
        "imshow": "image_strip(images) is it.",
        "savefig": "save(figure, path) is it.",
    },
    "history": {
        "plot": "glassnet.plots.learning_curves(history) draws it.",
        "show": "glassnet.plots.learning_curves(history) draws it.",
        "items": "history.history is the dict of its numbers.",
        "values": "history.history is the dict of its numbers.",
        "params": "history.epoch has the epochs, history.history the numbers.",
    },
    "data set": {
        "data": "x holds the samples.",
        "images": "x holds the samples.",
        "features": "x holds the samples.",
        "x": "x holds the samples.",
        "target": "y holds the labels or values.",
        "targets": "y holds the labels or values.",
        "labels": "y holds the labels or values.",
        "targetnames": "class_names has them.",
        "classes": "class_names has them.",
        "train": "x, y are what is learned from; x_test, y_test are held out.",
        "test": "x_test and y_test are held out.",
        "xtrain": "x holds the samples to learn from.",
        "ytrain": "y holds the labels or values of x.",
        "shape": "x.shape has it.",
    },
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


def one_rate(
    owner: str, given: Mapping[str, Any], known: Iterable[str], name: str = LEARNING_RATE
) -> dict[str, Any]:
    """The arguments with the learning rate under its one ``name``, whatever it was called.

    >>> one_rate("sgd", {"lr": 0.1}, ["learning_rate"])
    {'learning_rate': 0.1}

    Raises:
        ConfigError: it came twice.
    """
    takes = {*known}
    words = [w for w in (LEARNING_RATE, *RATES) if w in given and w not in takes]
    if not words or name not in takes:
        return dict(given)
    if len(words) > 1 or name in given:
        raise ConfigError(f"{owner}: {words[0]} is {name}; give one of the two.")
    return {name if k == words[0] else k: v for k, v in given.items()}


def missing_attribute(thing: object, kind: str, name: str, names: Iterable[str]) -> AttributeError:
    """What reading ``name`` of a ``thing`` raises that is none of its ``names``."""
    text = f"{type(thing).__name__!r} object has no attribute {name!r}"
    return _pointing(text, kind, name, names)


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
    return _pointing(text, module, name, names)


def _pointing(text: str, where: str, name: str, names: Iterable[str]) -> AttributeError:
    if name.startswith("_"):
        return AttributeError(text)
    hint = instead(where, name)
    if hint is None:
        letters = {spelled(n): n for n in names if n[:1] != "_"}
        close = difflib.get_close_matches(spelled(name), letters, n=1, cutoff=0.7)
        hint = f"did you mean {letters[close[0]]!r}?" if close else None
    return AttributeError(text if hint is None else f"{text}: {hint}")
