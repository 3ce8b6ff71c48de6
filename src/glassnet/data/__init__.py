"""Data: made-up sets, well-known sets, tables of your own, and the batches drawn from them.

What reads tables needs pyarrow, and is loaded when it is first used.
"""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
