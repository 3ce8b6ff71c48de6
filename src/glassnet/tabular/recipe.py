"""How a table is learned: the settings of the networks, and how many there are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassnet._core.registry import lookup


@dataclass(frozen=True)
class MemberSettings:
    """How a network of the ensemble is made and trained.

    Attributes:
        activation, dropout: of the hidden layers.
        learning_rate: the highest one, for batches of 256; smaller ones take a smaller share.
        bins: whether the networks see the bins of the numbers, or the numbers alone.
        waves: the spread of the first frequencies of the learned cosines that they see, too
            (``sigma`` of :class:`~glassnet.layers.PeriodicEmbedding`); 0: none.
    """

    activation: str = "relu"
    dropout: float = 0.1
    learning_rate: float = 4e-3
    bins: bool = True
    waves: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """What is trained on a table.

    Attributes:
        rounds: each cuts the rows into folds, and trains one network for each fold: by its
            settings in turns. Networks of different settings go wrong in different places.
        folds: in how many parts the rows are cut; each network leaves one of them out.
        members: how many networks of a round are trained; None: one for each fold.
        units: of the two hidden layers.
        bins, rows_per_bin: of the encoding of the numbers: at most so many, each of so many rows.
        steps: updates of a network, unless the epochs are fewer or more than these.
        min_epochs, max_epochs: how often it goes through the rows at least and at most.
        patience: the share of the epochs without a better one after which a round ends.
        weight_decay, beta_2: of AdamW.
    """

    rounds: tuple[tuple[MemberSettings, ...], ...] = ((MemberSettings(),),)
    folds: int = 8
    members: int | None = None
    units: tuple[int, ...] = (96, 96)
    bins: int = 48
    rows_per_bin: int = 40
    steps: int = 800
    min_epochs: int = 30
    max_epochs: int = 200
    patience: float = 0.2
    weight_decay: float = 0.02
    beta_2: float = 0.95

    @property
    def networks(self) -> int:
        """How many are trained, where there are rows for all folds."""
        return len(self.rounds) * (self.members or self.folds)

    def batch_size(self, n: int) -> int:
        """The power of two next to n/16, from 32 to 256."""
        return int(min(256, max(32, 2 ** round(math.log2(max(n, 1) / 16)))))

    def epochs(self, steps_per_epoch: int) -> int:
        """So many that the steps come out, within the two limits."""
        return min(self.max_epochs, max(self.min_epochs, -(-self.steps // steps_per_epoch)))


# What was better on ten public tables, over three seeds (the guide Tables): for classes stronger
# dropout, for values weaker, and two activations in turns.
RELU, STRONG = MemberSettings("relu"), MemberSettings("relu", dropout=0.2)
SILU = MemberSettings("silu", learning_rate=8e-3)
NO_BINS = MemberSettings("silu", learning_rate=8e-3, bins=False)
WAVES = MemberSettings("silu", learning_rate=8e-3, bins=False, waves=0.5)
LONG_WAVES = MemberSettings("silu", learning_rate=8e-3, bins=False, waves=0.2)

EFFORTS = {
    "quick": {
        "classification": Recipe(rounds=((STRONG,),), members=1),
        "regression": Recipe(rounds=((SILU,),), members=1),
    },
    "default": {
        "classification": Recipe(rounds=((STRONG,),)),
        "regression": Recipe(rounds=((RELU, SILU),)),
    },
    "best": {
        "classification": Recipe(rounds=((STRONG,), (WAVES,), (LONG_WAVES,))),
        "regression": Recipe(rounds=((RELU, SILU), (SILU, RELU), (NO_BINS, WAVES))),
    },
}


def recipe_for(effort: str | Recipe, task: str) -> Recipe:
    """The recipe of a name, quick, default or best, for classes or for values.

    Raises:
        UnknownNameError: none of them.
    """
    return effort if isinstance(effort, Recipe) else lookup("effort", EFFORTS, effort)[task]
