"""Not a library: the matrix products of a step alone."""

from peers.numpy_book import Matrices, versions
from works import Material

__all__ = ["Steps", "versions"]


class Steps(Matrices):
    def __init__(self, material: Material) -> None:
        super().__init__(material)

    def losses(self) -> None:
        self.run(20)
