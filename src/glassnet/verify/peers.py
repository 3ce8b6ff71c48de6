"""The other systems: PyTorch and Keras, where they are installed, loaded without noise."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from glassnet.texts import word
from glassnet.verify.measure import KERAS, PYTORCH

PACKAGES = {PYTORCH: "torch", KERAS: "keras"}
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "GLOG_minloglevel": "3", "GRPC_VERBOSITY": "NONE"}


@dataclass(frozen=True)
class Peer:
    """PyTorch or Keras, present or not.

    Attributes:
        state: "present", "missing", or "broken": installed, but it cannot be imported.
        reason: why it is broken.
        module: the package; None unless present.
    """

    name: str
    state: str
    version: str = ""
    reason: str = ""
    module: Any = None

    @property
    def present(self) -> bool:
        return self.state == "present"

    def to_dict(self) -> dict[str, str]:
        return {
            "name": self.name, "state": self.state, "version": self.version, "reason": self.reason,
        }  # fmt: skip

    def __str__(self) -> str:
        if self.present:
            return word("{name} {version}: compared", name=self.name, version=self.version)
        if self.state == "missing":
            said = "{name} is not installed: nothing was compared with it (pip install {package})"
            return word(said, name=self.name, package=PACKAGES[self.name])
        said = "{name} is installed but does not work ({reason}): nothing was compared with it"
        return word(said, name=self.name, reason=self.reason)


def find() -> list[Peer]:
    """PyTorch and Keras, each imported if it can be."""
    return [load(name) for name in PACKAGES]


def load(name: str) -> Peer:
    """Import one of them; whatever goes wrong is said in the result, not raised."""
    package = PACKAGES[name]
    try:
        with silence():
            module = importlib.import_module(package)
            if name == KERAS:
                backend = module.backend.backend()
                float(module.ops.convert_to_numpy(module.ops.ones(())))  # it truly computes
                return Peer(name, "present", f"{module.__version__} on {backend}", module=module)
            float(module.ones(()).item())
            return Peer(name, "present", str(module.__version__), module=module)
    except ModuleNotFoundError as error:
        if error.name == package:
            return Peer(name, "missing")
        return Peer(name, "broken", reason=_one_line(error))
    except (Exception, SystemExit) as error:
        return Peer(name, "broken", reason=_one_line(error))


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Nothing on standard error, not even from C++; no warnings.

    TensorFlow reads its settings for logging while it is imported and writes past Python's
    ``sys.stderr`` to the file descriptor.
    """
    before = {key: os.environ.get(key) for key in QUIET}
    for key, value in QUIET.items():
        os.environ.setdefault(key, value)
    try:
        with warnings.catch_warnings(), _captured():
            warnings.simplefilter("ignore")
            yield
    finally:
        for key, old in before.items():
            if old is None:
                os.environ.pop(key, None)


@contextlib.contextmanager
def _captured() -> Iterator[None]:
    """File descriptor 2 goes to a file that is thrown away."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, ValueError):  # there is no standard error: nothing to keep quiet
        yield
        return
    try:
        with tempfile.TemporaryFile() as sink:
            os.dup2(sink.fileno(), 2)
            try:
                with contextlib.redirect_stderr(io.StringIO()):
                    yield
            finally:
                os.dup2(kept, 2)
    finally:
        os.close(kept)
