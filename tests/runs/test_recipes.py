import json

import pytest

from glassnet.data import DATASETS
from glassnet.errors import ConfigError, FileFormatError, UnknownNameError
from glassnet.layers import augment
from glassnet.networks import NETWORKS
from glassnet.runs import recipes
from glassnet.runs.recipes import IMAGES, RECIPES, Settings, describe, settings_for


def test_every_data_set_has_a_recipe_that_is_described():
    assert set(DATASETS) <= set(RECIPES)
    for name in RECIPES:
        assert "epochs" in describe(name)


def test_what_is_given_takes_the_place_of_the_recipe_and_none_does_not():
    settings = settings_for("spiral", {"epochs": 7, "layers": None})
    assert settings.epochs == 7
    assert settings.layers == settings_for("spiral").layers


@pytest.mark.parametrize("network", [n for n in NETWORKS if n != "mlp"])
@pytest.mark.parametrize("data", IMAGES)
def test_every_network_for_images_has_a_recipe(network, data):
    settings = settings_for(data, {"network": network})
    assert settings.network == network and settings.layers == ()
    assert augment(settings.augment, (32, 32, 3))
    assert describe(data, network).startswith(f"{network}, adam")
    assert settings_for(data, {"network": network.upper()}) == settings
    assert settings_for(data, {"network": network, "augment": "none"}).augment == "none"


def test_another_optimizer_gets_a_rate_that_suits_it():
    adam = settings_for("digits").learning_rate
    assert settings_for("digits", {"optimizer": "sgd"}).learning_rate > 5 * adam
    assert settings_for("digits", {"optimizer": "sgd", "learning_rate": 0.3}).learning_rate == 0.3


def test_settings_survive_json():
    settings = settings_for("digits", {"layers": (5, 4), "seed": 3})
    assert Settings.from_config(json.loads(json.dumps(settings.to_config()))) == settings


def test_settings_of_an_older_run_are_read():
    settings = settings_for("flowers.csv", {"target": "species"})
    config = settings.to_config()
    for later in ("ignore", "encoding", "network", "augment"):
        del config[later]
    assert Settings.from_config(config) == settings


@pytest.mark.parametrize("config", [None, [], {}, {"data": "digits"}])
def test_damaged_settings_are_refused(config):
    with pytest.raises(FileFormatError):
        Settings.from_config(config)


@pytest.mark.parametrize(
    "damage", [{"layers": ["many"]}, {"layers": "64"}, {"layers": None}, {"ignore": "id"}]
)
def test_damaged_layers_are_refused(damage):
    config = settings_for("digits").to_config() | damage
    with pytest.raises(FileFormatError, match="damaged"):
        Settings.from_config(config)


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0, float("nan")])
def test_validation_must_be_a_share(share):
    with pytest.raises(ConfigError, match="validation"):
        settings_for("digits", {"validation": share})


def test_held_out_samples_may_not_choose_when_to_stop():
    with pytest.raises(ConfigError, match="patience= needs validation"):
        settings_for("digits", {"patience": 3})


def test_an_unknown_setting_names_the_closest():
    with pytest.raises(UnknownNameError, match="did you mean 'epochs'"):
        settings_for("digits", {"epoch": 3})


@pytest.mark.parametrize(
    ("images", "network", "epochs"),
    [(6, "convnet", 60), (2000, "convnet", 20), (10_000, "vgg", 15)],
)
def test_the_network_for_a_folder_follows_from_its_number_of_images(
    tmp_path, monkeypatch, images, network, epochs
):
    """Names are counted; no image is opened."""
    for kind in ("cat", "dog"):
        (tmp_path / kind).mkdir()
        for number in range(3):
            (tmp_path / kind / f"{number}.jpg").touch()
    assert recipes.count_of(str(tmp_path)) == 6
    monkeypatch.setattr(recipes, "count_of", lambda folder: images)
    settings = settings_for(str(tmp_path))
    assert (settings.network, settings.epochs) == (network, epochs)
    assert "flip" in settings.augment
    chosen = settings_for(str(tmp_path), {"network": "lenet", "epochs": 3, "augment": "none"})
    assert (chosen.network, chosen.epochs, chosen.augment) == ("lenet", 3, "none")
