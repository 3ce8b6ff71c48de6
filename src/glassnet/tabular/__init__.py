"""Learning from tables: an ensemble of small networks, made into one."""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
