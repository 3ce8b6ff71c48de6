"""What a search is: the settings it begins with, what it tries, and how it judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from glassnet import __version__
from glassnet._core.registry import lookup
from glassnet._core.settings import whole_number
from glassnet.errors import ConfigError, FileFormatError
from glassnet.runs.recipes import MADE_UP, NAMED, Settings, is_images, settings_for
from glassnet.tune import space as spaces
from glassnet.tune.space import Space

VALIDATION = 0.2  # of the training samples, where neither the user nor the recipe says a share
TRIALS = 30
MONITORS = ("loss", "accuracy")
PRUNERS = ("halving", "hyperband", "none")
PATHS = ("data", "test", "start", "data_dir")


@dataclass(frozen=True)
class Plan:
    """A search, as its storage keeps it: whoever joins reads it there.

    Attributes:
        settings: those of the first trial.
        given: what the user said of them; the command line that is typed later says it again.
        space: what is tried.
        trials: how many are to come to an end.
        monitor: "loss" or "accuracy" of the validation samples; the loss is without penalties,
            so that a stronger L2 does not look worse by itself.
        pruner: which trials end early: "halving", "hyperband", "none".
        fingerprint: of the data.
        paths: where the files of ``settings`` lie, whatever folder a worker is started in.
    """

    settings: Settings
    given: dict[str, Any]
    space: Space
    trials: int = TRIALS
    monitor: str = "loss"
    pruner: str = "halving"
    fingerprint: str = ""
    paths: dict[str, str] | None = None

    @property
    def direction(self) -> str:
        """As Optuna says it."""
        return "minimize" if self.monitor == "loss" else "maximize"

    def located(self) -> Settings:
        """The settings with paths that hold in any folder of this machine."""
        return replace(self.settings, **(self.paths or {}))  # type: ignore[arg-type]

    def at(self, params: Mapping[str, Any], located: bool = True) -> Settings:
        """The settings of a trial."""
        settings = self.located() if located else self.settings
        return replace(settings, **spaces.chosen(params))

    def given_with(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What a user would give to train with the settings of a trial."""
        return {**self.given, **spaces.chosen(params)}

    def to_config(self) -> dict[str, Any]:
        """Plain JSON."""
        given = {k: list(v) if isinstance(v, tuple) else v for k, v in self.given.items()}
        return {
            "glassnet": __version__,
            "settings": self.settings.to_config(),
            "given": given,
            "space": spaces.to_config(self.space),
            "trials": self.trials,
            "monitor": self.monitor,
            "pruner": self.pruner,
            "fingerprint": self.fingerprint,
            "paths": self.paths,
        }

    @classmethod
    def from_config(cls, config: Any) -> Plan:
        """What :meth:`to_config` wrote.

        Raises:
            FileFormatError: not such a description.
        """
        try:
            settings = Settings.from_config(config["settings"])
            given = {
                k: tuple(v) if isinstance(v, list) else v for k, v in dict(config["given"]).items()
            }
            space = spaces.from_config(config["space"])
            rest = {name: config[name] for name in ("monitor", "pruner", "fingerprint", "paths")}
            return cls(settings, given, space, int(config["trials"]), **rest)
        except (KeyError, TypeError, ValueError) as error:
            raise FileFormatError(f"the description of the search is damaged ({error})") from None


def make(
    data: str,
    given: Mapping[str, Any],
    search: Mapping[str, Any],
    *,
    trials: int | None = None,
    monitor: str = "loss",
    pruner: str = "halving",
) -> Plan:
    """The plan for ``data``: what is not given is chosen to suit it, as of ``settings_for``.

    The space still lacks what depends on the number of samples: see :func:`with_space`.

    Args:
        given: settings that all trials have.
        search: what is to be searched in another range than the customary one.

    Raises:
        UnknownNameError, ConfigError: settings that cannot be.
    """
    said = {name: value for name, value in given.items() if value is not None}
    if "effort" in said:
        raise ConfigError(
            "effort= trains several networks by a recipe of their own; a search is for the "
            "settings of one network. Leave effort= out."
        )
    lookup("number to judge by", {name: name for name in MONITORS}, monitor)
    lookup("way to end trials early", {name: name for name in PRUNERS}, pruner)
    if data not in MADE_UP and "validation" not in said:
        said["validation"] = VALIDATION
    if data not in NAMED and not is_images(data) and "start" not in said:
        said.setdefault("network", "mlp")  # one network, and no ensemble
    settings = settings_for(data, said)
    if not settings.validation and data not in MADE_UP:
        raise ConfigError(
            "validation=0 leaves nothing to compare the trials by: give a share such as 0.2. The "
            "samples to judge on in the end are not for choosing."
        )
    space = spaces.read(search, settings)
    both = [name for name in space if name in said]
    if both:
        raise ConfigError(
            f"--{both[0].replace('_', '-')} gives all trials one value, and --search {both[0]} "
            "tries several: leave out one of the two."
        )
    paths = {
        name: str(Path(value).absolute())
        for name in PATHS
        if (value := getattr(settings, name)) and value not in NAMED and Path(value).exists()
    }
    count = whole_number("tune", "trials", TRIALS if trials is None else trials)
    said = {k: v for k, v in said.items() if k in {f.name for f in fields(Settings)}}
    return Plan(settings, said, space, count, monitor, pruner, paths=paths)


def with_space(plan: Plan, settings: Settings, count: int, task: str, fingerprint: str) -> Plan:
    """The plan for the data as it was found: so many samples to learn from.

    Raises:
        ConfigError: accuracy, and no classes; or nothing is left to search.
    """
    if plan.monitor == "accuracy" and task != "classification":
        raise ConfigError(
            f"accuracy is for classes, but {settings.target or settings.data!r} is predicted as a "
            "value: leave --monitor out."
        )
    space = {**spaces.customary(settings, count, plan.given), **plan.space}
    space = {name: space[name] for name in spaces.SEARCHED if name in space}
    if not any(not isinstance(of, spaces.Choice) or len(of.values) > 1 for of in space.values()):
        raise ConfigError(
            "nothing is left to search: every setting was given. Leave some out, or name values to "
            "try, as in --search learning_rate=1e-4..1e-1."
        )
    return replace(plan, settings=settings, space=space, fingerprint=fingerprint)
