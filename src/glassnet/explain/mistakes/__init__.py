"""The classic mistakes of hand-written backpropagation, to be switched on one by one.

Each changes a number of the right step at one place, as the mistake in the code would; the
network itself is not written a second time.  The check beside the numbers then shows it.
"""

from glassnet.explain.mistakes.base import Mistake
from glassnet.explain.mistakes.chosen import MISTAKES, ChosenMistakes, choose_mistakes

__all__ = ["MISTAKES", "ChosenMistakes", "Mistake", "choose_mistakes"]
