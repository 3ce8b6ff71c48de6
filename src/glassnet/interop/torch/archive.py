"""PyTorch's own files, ``.pt`` and ``.pth``: a zip of a pickle and the bytes of its tensors.

Read without PyTorch, and nothing in them is run: the pickle goes through the machine of
``interop/pickle_machine.py``, which knows two functions of PyTorch more, and those only rebuild
tensors out of bytes that are in the file.
"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.pickle_machine import Machine, RefusedError

MAX_MEMBERS = 20_000
MAX_PICKLE = 16 << 20
OLD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # how files of before PyTorch 1.6 begin

# the storages of PyTorch that hold numbers as NumPy has them
STORAGES = {
    "FloatStorage": np.float32,
    "DoubleStorage": np.float64,
    "HalfStorage": np.float16,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "ShortStorage": np.int16,
    "CharStorage": np.int8,
    "ByteStorage": np.uint8,
    "BoolStorage": np.bool_,
}
BFLOAT = "BFloat16Storage"  # the upper half of float32
NOTE = "glassnet.json"  # beside the pickle; PyTorch passes over it


# ---- read --------------------------------------------------------------------------------


def is_archive(data: bytes) -> bool:
    """Whether this is a file of ``torch.save``, of today or of long ago."""
    return data.startswith((b"PK", OLD))


def read(data: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    """The tensors of a ``state_dict`` by name, and what glassnet wrote beside them.

    Raises:
        FileFormatError: damaged, built to harm, or something else than weights.
    """
    if data.startswith(OLD):
        raise FileFormatError(
            "it was saved in the format of before PyTorch 1.6, which is not read. In PyTorch load "
            "it and save it again: torch.save(torch.load(path), path)"
        )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = _Members(archive, len(data))
        try:
            value = _Tensors(members.read("data.pkl", MAX_PICKLE), members).run()
        except RefusedError as error:
            raise FileFormatError(str(error).rstrip(".")) from None
        except (pickle.UnpicklingError, AttributeError, IndexError, AssertionError) as error:
            raise FileFormatError(f"its pickle is damaged ({error})") from None
        note = members.read(NOTE, about.MAX_TEXT).decode() if members.has(NOTE) else ""
    return _state(value), {about.KEY: note}


def _state(value: Any) -> dict[str, Array]:
    """The dict of tensors: the value itself, or the one that a checkpoint has beside others."""
    if not isinstance(value, dict):
        what = "tensor" if isinstance(value, np.ndarray) else type(value).__name__
        raise FileFormatError(f"it holds one {what}, not a state_dict")
    if _is_state(value):
        return value
    inside = {str(key): inner for key, inner in value.items() if _is_state(inner)}
    named = {key: inner for key, inner in inside.items() if "state_dict" in key or key == "model"}
    found = inside if len(inside) == 1 else named
    if len(found) != 1:
        raise FileFormatError(
            f"it holds {', '.join(str(key)[:40] for key in list(value)[:8]) or 'nothing'}: not one "
            "state_dict. In PyTorch save the weights alone: torch.save(model.state_dict(), path)"
        )
    return next(iter(found.values()))


def _is_state(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(k, str) and isinstance(v, np.ndarray) for k, v in value.items())
    )


class _Members:
    """The members of the zip in its one folder; together no larger than the file."""

    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        self.archive, self.left = archive, size
        found = archive.infolist()
        if len(found) > MAX_MEMBERS:
            raise FileFormatError(
                f"it has {len(found):,} members; at most {MAX_MEMBERS:,} are read"
            )
        self.infos = {info.filename: info for info in found}
        if len(self.infos) < len(found):
            raise FileFormatError("it has two members of one name")
        pickles = [name for name in self.infos if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise FileFormatError("it is a zip without a data.pkl, and no file of torch.save")
        self.folder = pickles[0].removesuffix("data.pkl")
        if self.has("constants.pkl"):
            raise FileFormatError(
                "it is a program of TorchScript, which is not read. In PyTorch save the weights: "
                "torch.save(torch.jit.load(path).state_dict(), path)"
            )
        if self.has("byteorder") and self.read("byteorder", 20) != b"little":
            raise FileFormatError("its numbers have their first byte first (big endian)")

    def has(self, name: str) -> bool:
        return self.folder + name in self.infos

    def read(self, name: str, most: int) -> bytes:
        info = self.infos.get(self.folder + name)
        if info is None:
            raise FileFormatError(f"it has no {name[:60]}")
        if info.compress_type != zipfile.ZIP_STORED:
            raise FileFormatError(f"its {name[:60]} is packed, which PyTorch does not do")
        most = min(most, self.left)
        with self.archive.open(info) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise FileFormatError(f"its {name[:60]} is larger than {most:,} bytes")
        self.left -= len(content)
        return content


@dataclass(frozen=True)
class _Known:
    """A name of PyTorch's that a pickle of tensors speaks of."""

    name: str
    machine: _Tensors

    def __call__(self, *arguments: Any) -> Any:
        match self.name, arguments:
            case "OrderedDict", ():
                return {}
            case "_rebuild_tensor_v2", (
                np.ndarray() as storage, int() as offset, tuple() as size, tuple() as stride, *_,
            ):  # fmt: skip
                return _tensor(storage, offset, size, stride)
            case "_rebuild_parameter", (np.ndarray() as tensor, *_):
                return tensor
        raise RefusedError(f"the pickle calls {self.name} in an unusual way")


KNOWN = {
    "collections.OrderedDict": "OrderedDict",
    "torch._utils._rebuild_tensor_v2": "_rebuild_tensor_v2",
    "torch._utils._rebuild_parameter": "_rebuild_parameter",
    **{f"torch.{name}": name for name in (*STORAGES, BFLOAT)},
}


class _Tensors(Machine):
    """The machine for plain values, with tensors as arrays."""

    opcodes = (*Machine.opcodes, "BINPERSID")

    def __init__(self, data: bytes, members: _Members) -> None:
        super().__init__(data, budget=members.left)
        self.members = members
        self.storages: dict[str, Array] = {}

    def find_class(self, module: str, name: str) -> Any:
        spoken = f"{module}.{name}"
        if spoken in KNOWN:
            return _Known(KNOWN[spoken], self)
        if module.startswith(("torch.nn", "__main__")) or module.partition(".")[0] not in (
            "numpy", "_codecs", "__builtin__", "torch", "collections",
        ):  # fmt: skip
            raise RefusedError(
                f"it holds an object of the class {spoken[:100]!r}, as a whole module has; nothing "
                "was run. In PyTorch save the weights alone: torch.save(model.state_dict(), path)"
            )
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> Array:
        """The numbers of a storage, which are a member of the zip."""
        match pid:
            case ("storage", _Known(name=name), str() as key, str(), int() as count) if (
                name in STORAGES or name == BFLOAT
            ):
                place = f"{name} {key}"
                if place not in self.storages:
                    self.storages[place] = self._storage(name, key, count)
                return self.storages[place]
        raise RefusedError("the pickle names its tensors in an unusual way")

    def _storage(self, name: str, key: str, count: int) -> Array:
        kind = np.dtype(np.uint16 if name == BFLOAT else STORAGES[name]).newbyteorder("<")
        content = self.members.read(f"data/{key}", self.members.left)
        if len(content) != count * kind.itemsize:
            raise RefusedError(
                f"its storage {key[:40]} has {len(content):,} bytes, but {count:,} numbers of "
                f"{kind.itemsize} bytes are told"
            )
        array = np.frombuffer(content, kind).astype(kind.newbyteorder("="), copy=False)
        if name == BFLOAT:
            return (array.astype(np.uint32) << 16).view(np.float32)
        return array.astype(np.float32) if array.dtype == np.float16 else array

    def load_build(self) -> None:
        """An OrderedDict's attributes, such as the versions of its modules, are passed over."""
        if type(self.stack[-2]) is dict:
            self.stack.pop()
        else:
            super().load_build()


def _tensor(storage: Array, offset: int, size: tuple[Any, ...], stride: tuple[Any, ...]) -> Array:
    """A window on the storage, which lies in it and is no larger."""
    numbers = (offset, *size, *stride)
    if (
        len(size) != len(stride)
        or len(size) > 16
        or not all(type(n) is int and 0 <= n < 1 << 40 for n in numbers)
    ):
        raise RefusedError(f"a tensor of the shape {str(size)[:100]}")
    count = math.prod(size)
    last = offset + sum((n - 1) * step for n, step in zip(size, stride))
    if count > storage.size or (count and last >= storage.size):
        raise RefusedError(
            f"a tensor of the shape {size} does not lie in its storage of {storage.size:,} numbers"
        )
    if not count:
        return np.zeros(size, storage.dtype)
    steps = tuple(step * storage.itemsize for step in stride)
    return np.lib.stride_tricks.as_strided(storage[offset:], size, steps, writeable=False)


# ---- written -----------------------------------------------------------------------------


def written(tensors: Mapping[str, Array], note: str) -> bytes:
    """A file that ``torch.load(path, weights_only=True)`` gives back as a ``state_dict``."""
    members = {"data.pkl": _pickle(tensors), "byteorder": b"little"}
    for number, array in enumerate(tensors.values()):
        members[f"data/{number}"] = array.astype(array.dtype.newbyteorder("<")).tobytes()
    members |= {"version": b"3\n", NOTE: note.encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():  # a ZipInfo has no time of today: the same bytes
            archive.writestr(zipfile.ZipInfo(f"archive/{name}"), data)
    return out.getvalue()


def _pickle(tensors: Mapping[str, Array]) -> bytes:
    """The program that makes the dict: each tensor is rebuilt from a storage of its own."""
    names = {np.dtype(kind): name for name, kind in STORAGES.items()}
    empty = b"ccollections\nOrderedDict\n)R"
    parts = [pickle.PROTO, b"\x02", empty, pickle.MARK]
    for number, (name, array) in enumerate(tensors.items()):
        strides = tuple(step // array.itemsize for step in np.ascontiguousarray(array).strides)
        parts += [
            _plain(name),
            b"ctorch._utils\n_rebuild_tensor_v2\n",
            pickle.MARK,
            pickle.MARK,
            _plain("storage"),
            f"ctorch\n{names[array.dtype]}\n".encode(),
            _plain(str(number)),
            _plain("cpu"),
            _plain(array.size),
            pickle.TUPLE,
            pickle.BINPERSID,
            _plain(0),
            _plain(array.shape),
            _plain(strides),
            _plain(False),
            empty,
            pickle.TUPLE,
            pickle.REDUCE,
        ]
    return b"".join([*parts, pickle.SETITEMS, pickle.STOP])


def _plain(value: Any) -> bytes:
    """The opcodes of a plain value."""
    return pickle.dumps(value, protocol=2)[2:-1]
