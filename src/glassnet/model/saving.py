"""A model as a file, and back."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from glassnet import layers
from glassnet._core import custom
from glassnet._core.attributes import from_settings, is_ours, settings_of
from glassnet._core.registry import lookup
from glassnet._core.storage import PathLike, read_safetensors, read_tensors, write_tensors
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import (
    ConfigError,
    FileFormatError,
    GlassnetError,
    ShapeError,
    UnknownNameError,
)
from glassnet.model.trainable import Trainable
from glassnet.training.run import Run

Model = TypeVar("Model", bound=Trainable)

# What others would look for under these names, and what writes it.
OTHERS = {
    ".keras": "to_keras", ".h5": "to_keras", ".hdf5": "to_keras", ".onnx": "to_onnx",
    ".pt": "save_torch_weights", ".pth": "save_torch_weights",
}  # fmt: skip

BASE = ("layers", "seed", "dtype", "name")  # the arguments of Sequential

MODEL, CHECKPOINT = "model.safetensors", "checkpoint.safetensors"  # in the folder of a run

TRAINING = "training/"  # the tensors that only a resumed run needs
NETWORKS_IN_TRAINING = "ensemble"  # in the contents of a file that is no model yet


def config_of(model: Trainable) -> dict[str, Any]:
    """The network, how it learns, and what it knows of its data, as plain JSON."""
    learning = None
    if model.objective is not None:
        learning = {
            "optimizer": model.optimizer.get_config(),
            "loss": model.objective.given.get_config(),
            "metrics": [metric.get_config() for metric in model.metrics],
        }
    preprocessing = model.preprocessing
    kind = type(model)
    return {
        **({} if is_ours(kind.__module__) else {"class": kind.kind, "settings": _settings(model)}),
        "name": model.name,
        "dtype": model.dtype.name,
        "seed": model.seed,
        "input_shape": None if model.input_shape is None else list(model.input_shape),
        "layers": [layer.get_config() for layer in model.layers],
        "compile": learning,
        "classes": None if model.classes is None else model.classes.tolist(),
        "preprocessing": None if preprocessing is None else preprocessing.to_config(),
        **({} if model.started_from is None else {"started_from": model.started_from}),
    }


def _settings(model: Trainable) -> dict[str, Any]:
    """The arguments of the ``__init__`` of a class of a user's, beside those of Sequential."""
    own = [name for name in settings_of(type(model)) if name not in BASE]
    missing = [name for name in own if name not in vars(model)]
    if missing:
        raise ConfigError(custom.lost_setting(type(model), missing[0]))
    return {name: getattr(model, name) for name in own}


def _made(cls: type[Model], config: dict[str, Any]) -> Model:
    """The network without weights, of its own class."""
    if "class" in config:
        named = lookup("model", {"sequential": cls}, config["class"])
        cls = named if issubclass(named, cls) else cls
    stack = [layers.from_config(c) for c in config["layers"]]
    base = dict(zip(BASE, (stack, config.get("seed"), config.get("dtype", "float32"),
                           config.get("name"))))  # fmt: skip
    takes = [name for name in settings_of(cls) if name != "layers" or _takes_layers(cls)]
    settings = {k: v for k, v in config.get("settings", {}).items() if k in takes}
    model: Model = from_settings(cls, {**settings, **{k: v for k, v in base.items() if k in takes}})
    if "layers" not in takes:  # it makes its own layers; the file knows what became of them
        Trainable.__init__(model, **base)
    return model


def _takes_layers(cls: type[Any]) -> bool:
    """Whether it is given its layers by name: what goes on by ``**more`` it may make itself."""
    init = next(vars(base)["__init__"] for base in cls.__mro__ if "__init__" in vars(base))
    return "layers" in inspect.signature(init).parameters


def kinds_of(model: Trainable) -> list[Any]:
    """The network, its layers, its optimizer, its loss, its metrics, and what these hold."""
    things: list[Any] = list(model.all_layers())
    if model.objective is not None:
        things += [model.optimizer, model.objective.given, *model.metrics]
    return [model, *(thing for kind in things for thing in (kind, *custom.inside(kind)))]


def from_config(
    cls: type[Model], config: dict[str, Any], known: Mapping[str, Any] | None = None
) -> Model:
    """A new network from :func:`config_of`; ``known``: classes of one's own by name.

    Raises:
        FileFormatError: not such a description.
        UnknownNameError: a kind that is neither glassnet's nor registered.
    """
    with custom.named(known):
        return _from_config(cls, config)


# What reading what another hand wrote may raise: a key that is not there, a word in a number's
# place, a number that is too large.
DAMAGED = (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError,
           RecursionError)  # fmt: skip


def _from_config(
    cls: type[Model], config: dict[str, Any], shapes: Mapping[str, tuple[int, ...]] | None = None
) -> Model:
    """``shapes``: those of the tensors of its file, by name."""
    try:
        model = _made(cls, config)
        if config.get("classes") is not None:
            model.classes = _classes(config["classes"])
        if config.get("preprocessing") is not None:
            from glassnet.data.kept import preprocessing_from

            model.preprocessing = preprocessing_from(config["preprocessing"])
        if config.get("started_from") is not None:
            model.started_from = str(config["started_from"])
        if config.get("input_shape") is not None:
            model.build(tuple(config["input_shape"]), expecting=shapes)
        if config.get("compile") is not None:
            learning = config["compile"]
            model.compile(learning["optimizer"], learning["loss"], learning["metrics"])
    except GlassnetError:
        raise
    except DAMAGED as error:
        raise FileFormatError(
            f"the description of the network is damaged ({type(error).__name__}: {error})."
        ) from None
    return model


def _classes(listed: Any) -> Array:
    """The classes in their order.

    Raises:
        FileFormatError: no list of plain values.
    """
    found = np.asarray(listed) if isinstance(listed, list) else np.empty(())
    if found.ndim != 1 or found.dtype.kind not in "biufU":
        raise FileFormatError("the classes in the description of the network are damaged.")
    return found


def save(model: Trainable, path: PathLike) -> None:
    """Write one file, whole or not at all.

    Raises:
        ConfigError: a name that promises the format of another library.
    """
    model.need_built("save")
    other = OTHERS.get(Path(path).suffix.lower())
    if other is not None:
        raise ConfigError(
            f"{path}: save writes glassnet's own format, as in model.safetensors. For this one: "
            f"glassnet.interop.{other}(model, path)."
        )
    custom.refuse_unknown_kinds(kinds_of(model), str(path))
    _refuse_unwritable(model)
    write_tensors(path, model.parameters.tensors(), {"model": config_of(model)})


def _refuse_unwritable(model: Trainable) -> None:
    """Raises ConfigError for a setting of a kind of a user's own that no file can hold."""
    for thing in kinds_of(model)[1:]:
        if is_ours(type(thing).__module__):
            continue
        for name, value in thing.get_config().items():
            try:
                to_json(value)
            except TypeError:
                raise ConfigError(
                    f"{getattr(thing, 'title', type(thing).__name__)}: its setting {name!r} is "
                    f"{value!r}, which no file can hold. Keep a number, a text or a list of them, "
                    "or a kind of glassnet's."
                ) from None


def in_folder(path: PathLike, names: tuple[str, ...] = (MODEL, CHECKPOINT)) -> Path:
    """The file, where ``path`` is the folder of a run.

    Raises:
        FileFormatError: a folder without one.
    """
    place = Path(path)
    if not place.is_dir():
        return place
    for name in names:
        if (place / name).is_file():
            return place / name
    runs = sorted(f.parent.name for name in names for f in place.glob(f"*/{name}"))
    hint = f" Did you mean {place / runs[0]}?" if runs else ""
    raise FileFormatError(f"{place}: is a folder without a {names[0]} in it.{hint}")


def load(cls: type[Model], path: PathLike, known: Mapping[str, Any] | None = None) -> Model:
    """The model in a file of :func:`save` or :func:`save_checkpoint`, or in the folder of a run."""
    path = in_folder(path)
    tensors, contents = read_tensors(path)
    _refuse_unfinished(path, contents)
    with custom.named(known):
        return _loaded(cls, path, tensors, contents)


def _refuse_unfinished(path: PathLike, contents: dict[str, Any]) -> None:
    if NETWORKS_IN_TRAINING in contents:
        raise FileFormatError(
            f"{path}: is no model yet, but where the training of several networks stood. Go on "
            f"with: glassnet train --resume {Path(path).parent}"
        )


def _loaded(
    cls: type[Model], path: PathLike, tensors: dict[str, Array], contents: dict[str, Any]
) -> Model:
    try:
        own = {k: v for k, v in tensors.items() if not k.startswith(TRAINING)}
        model = _from_config(cls, contents["model"], {k: v.shape for k, v in own.items()})
        fill(model, own)
    except UnknownNameError as error:
        if error.kind not in custom.FAMILIES:
            raise FileFormatError(f"{path}: its network cannot be built ({error}).") from None
        raise FileFormatError(
            f"{path}: holds the {error.kind} {error.name!r}, which is not glassnet's own (or one "
            "of a newer version). Import the file that defines it, with @glassnet.register above "
            f"it, or name it here: load(path, custom={{{error.name!r}: …}})."
        ) from None
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from None
    except (GlassnetError, *DAMAGED) as error:
        raise FileFormatError(
            f"{path}: its network cannot be built ({str(error).rstrip('.')}). The file is damaged, "
            "or made by another version."
        ) from None
    return model


def fill(model: Trainable, tensors: dict[str, Array]) -> None:
    """Put the tensors into the parameters of the same names.

    Raises:
        FileFormatError: a name or shape that differs; then nothing is changed.
    """
    model.need_built("load_weights")
    parameters = model.parameters
    wanted = [*parameters.slices, *parameters.state_slices]
    missing = [name for name in wanted if name not in tensors]
    extra = [name for name in tensors if name not in wanted]
    if missing or extra:
        raise FileFormatError(
            f"the tensors do not fit the network: missing {missing[:5]}, unknown {extra[:5]}; "
            f"expected {wanted[:8]}."
        )
    for name in wanted:
        if tensors[name].shape != parameters.shapes[name]:
            raise FileFormatError(
                f"{name} has shape {tensors[name].shape} in the file, {parameters.shapes[name]} in "
                "the network."
            )
        if tensors[name].dtype.kind != "f":
            raise FileFormatError(f"{name} holds {tensors[name].dtype}, expected floats.")
    for name in wanted:
        parameters.view(name)[...] = tensors[name]


def load_weights(model: Trainable, path: PathLike) -> None:
    """Take the weights from any safetensors file with the same names and shapes."""
    path = in_folder(path)
    tensors, _ = read_safetensors(path)
    fill(model, {k: v for k, v in tensors.items() if not k.startswith(TRAINING)})


def duplicate(model: Model, dtype: Any = None) -> Model:
    """A network of its own with the same weights, optimizer state and random state."""
    config = config_of(model)
    if dtype is not None:
        config["dtype"] = np.dtype(dtype).name
    with custom.named(custom.own(kinds_of(model))):
        return _twin(model, from_config(type(model), config))


def _twin(model: Model, twin: Model) -> Model:
    if model.built:
        twin.parameters.values[...] = model.parameters.values
        twin.parameters.state[...] = model.parameters.state
    if model.built and model.objective is not None and model.optimizer.size is not None:
        state = model.optimizer.get_state()
        state["vectors"] = {k: v.astype(twin.dtype) for k, v in state["vectors"].items()}
        twin.optimizer.set_state(state)
    twin.rng.bit_generator.state = model.rng.bit_generator.state
    return twin


# ---- checkpoints -------------------------------------------------------------------------


def save_checkpoint(model: Trainable, path: PathLike, run: Run) -> None:
    """The model, and everything that the run needs to go on as if it had not stopped."""
    custom.refuse_unknown_kinds(kinds_of(model), str(path))
    _refuse_unwritable(model)
    values, arrays = run.get_state()
    optimizer = model.optimizer.get_state()
    vectors = optimizer.pop("vectors")
    tensors = model.parameters.tensors()
    tensors |= {f"{TRAINING}optimizer/{k}": v for k, v in vectors.items()}
    tensors |= {f"{TRAINING}run/{k}": v for k, v in arrays.items()}
    contents = {
        "model": config_of(model),
        "run": values,
        "optimizer": optimizer,
        "random": model.rng.bit_generator.state,
    }
    write_tensors(path, tensors, contents)


def resume(model: Trainable, run: Run, path: PathLike) -> None:
    """Put the model and the run where the checkpoint was made.

    Raises:
        FileFormatError: not a checkpoint, or one of another network.
        DataError: one of another run.
    """
    path = in_folder(path, (CHECKPOINT,))
    tensors, contents = read_tensors(path, "checkpoint")
    _refuse_unfinished(path, contents)
    if "run" not in contents:
        raise FileFormatError(
            f"{path}: a model, but not a checkpoint: it does not say where the training stood."
        )
    before = _state_of(model, run)
    try:
        _resumed(model, run, path, tensors, contents)
    except BaseException as error:
        for put_back in before:
            put_back()
        if isinstance(error, GlassnetError) or not isinstance(error, DAMAGED):
            raise
        raise FileFormatError(
            f"{path}: where the training stood is damaged ({type(error).__name__}: {error}). "
            "Begin the training anew, or go on from another checkpoint."
        ) from None


def _state_of(model: Trainable, run: Run) -> list[Callable[[], None]]:
    """What puts model and run back, should a checkpoint turn out to be damaged half-way."""
    # a network that is built under way stays built: its layers have their places
    things = [run, *([model] if model.built else []), *run.metrics, *run.callbacks]
    back: list[Callable[[], None]] = [
        partial(_put_back, thing, dict(vars(thing))) for thing in things
    ]
    random = model.rng.bit_generator.state
    back.append(lambda: setattr(model.rng.bit_generator, "state", random))
    if not model.built:
        return back
    parameters = model.parameters
    values, state = parameters.values.copy(), parameters.state.copy()
    back += [partial(np.copyto, parameters.values, values),
             partial(np.copyto, parameters.state, state)]  # fmt: skip
    if model.objective is not None and model.optimizer.size is not None:
        back.append(partial(model.optimizer.set_state, model.optimizer.get_state()))
    return back


def _put_back(thing: Any, attributes: dict[str, Any]) -> None:
    vars(thing).clear()
    vars(thing).update(attributes)


def _resumed(
    model: Trainable, run: Run, path: PathLike, tensors: dict[str, Array], contents: dict[str, Any]
) -> None:
    own_tensors = {k: v for k, v in tensors.items() if not k.startswith(TRAINING)}
    saved, own, older = contents["model"], config_of(model), False
    for what in ("dtype", "layers", "compile"):
        mine = own[what]
        same = _without_frozen(saved.get(what)) == _without_frozen(mine)
        if what == "layers" and not same:
            same = older = _same_without_augmentation(saved.get(what), mine)
        if not same and not (what == "compile" and _same_learning(saved, own)):
            raise _other_settings(path, f"{what} differ")
    if not model.built:
        shapes = {name: array.shape for name, array in own_tensors.items()}
        model.build(tuple(saved["input_shape"]), expecting=shapes)
    fill(model, own_tensors)
    if saved["classes"] is not None:
        model.classes = _classes(saved["classes"])
    if model.targets is None:
        model.prepare()  # the optimizer's vectors, before they are filled
    model.optimizer.set_state(_optimizer(tensors, contents))
    model.rng.bit_generator.state = contents["random"]
    start = f"{TRAINING}run/"
    if older and contents["run"].get("batch_size") is None:  # the images came in batches then
        contents["run"]["batch_size"] = run.batch_size
    run.set_state(
        contents["run"],
        {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)},
    )
    if (
        config_of(model)["layers"] != saved["layers"] and not older
    ):  # after callbacks have freed some
        raise _other_settings(path, "other layers are frozen")


def _other_settings(path: PathLike, what: str) -> ShapeError:
    return ShapeError(
        f"{path}: was made by another network or other settings ({what}). Resume with the same."
    )


def _without_frozen(config: Any) -> Any:
    """The description without what is frozen: a callback may free it under way."""
    if isinstance(config, dict):
        return {k: _without_frozen(v) for k, v in config.items() if k != "trainable"}
    return [_without_frozen(one) for one in config] if isinstance(config, list) else config


def _same_without_augmentation(saved: Any, mine: Any) -> bool:
    """Whether a checkpoint of before there were layers for it is of the same network.

    The images were changed then before they came in, and dense layers had theirs flattened first.
    """

    if not isinstance(saved, list) or any(map(_augments, saved)):
        return False
    only_shapes = ("flatten", "reshape")

    def told(config: list[Any]) -> list[Any]:
        kept = [one for one in _without_frozen(config) if not _augments(one)]
        return [one for one in kept if one.get("layer") not in only_shapes]

    return bool(any(map(_augments, mine)) and told(saved) == told(mine))


def _augments(layer: Any) -> bool:
    kind = layers.LAYERS.get(layer.get("layer"))
    return kind is not None and kind.augments


def optimizer_state(path: PathLike) -> dict[str, Any]:
    """What a checkpoint keeps of the optimizer: as ``Optimizer.get_state`` gives it.

    Raises:
        FileFormatError: not a checkpoint.
    """
    tensors, contents = read_tensors(path, "checkpoint")
    if "optimizer" not in contents:
        raise FileFormatError(f"{path}: not a checkpoint: it keeps nothing of the optimizer.")
    return _optimizer(tensors, contents)


def _optimizer(tensors: dict[str, Any], contents: dict[str, Any]) -> dict[str, Any]:
    start = f"{TRAINING}optimizer/"
    vectors = {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}
    return {**contents["optimizer"], "vectors": vectors}


def _same_learning(saved: dict[str, Any], own: dict[str, Any]) -> bool:
    """Whether only the learning rate differs, which callbacks may have lowered.

    Nor is it looked at where a metric cuts: it follows the loss, and older files say 0.5.
    """

    def without(config: dict[str, Any], name: str) -> dict[str, Any]:
        return {k: v for k, v in config.items() if k != name}

    def rest(config: dict[str, Any]) -> Any:
        learning = config.get("compile") or {}
        return {
            **learning,
            "optimizer": without(learning.get("optimizer", {}), "learning_rate"),
            "metrics": [without(metric, "threshold") for metric in learning.get("metrics", ())],
        }

    return bool(rest(saved) == rest(own))
