"""Pictures of what a run makes of images, on the command line."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Three colours, a folder each."""
    folder = tmp_path_factory.mktemp("data") / "photos"
    rng = np.random.default_rng(0)
    for k, name in enumerate(("red", "green", "푸른색")):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            picture = rng.integers(0, 90, (20, 20, 3), np.uint8)
            picture[4:16, 4:16, k] = 220
            Image.fromarray(picture).save(folder / name / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory, glassnet):
    out = tmp_path_factory.mktemp("runs") / "photos"
    glassnet("train", photos, "--network", "lenet", "--epochs", 1, "--out", out, "--quiet")
    return out


IMAGE_PICTURES = ("filters", "featuremaps", "units", "embedding")


def test_a_run_on_photos_has_them_all(run):
    made = {path.stem for path in run.glob("*.png")}
    assert set(IMAGE_PICTURES) <= made and "weights" not in made and "gradcam" not in made


@pytest.mark.parametrize(
    "options",
    [
        ("filters", "--layer", "conv2d_1", "--limit", 3),
        ("featuremaps", "-s", 1, "-s", 2, "--layer", "conv2d"),
        ("featuremaps", "FILE"),
        ("units", "--layer", "dense", "--unit", 4, "--top", 3),
        ("occlusion", "FILE", "--class", "red", "--patch", 5),
        ("saliency", "--sample", 3),
        ("gradcam", "FILE", "--class", "red", "--class", "푸른색", "--layer", "conv2d"),
        ("embedding", "--images"),
        ("embedding", "--layer", "dense"),
    ],
    ids=str,
)
def test_each_is_drawn_where_it_is_asked_to(glassnet, run, photos, workplace, options):
    kind, *rest = [photos / "red" / "3.png" if o == "FILE" else o for o in options]
    shown = glassnet("plot", kind, run, *rest, "--out", "made.png").stdout
    assert shown.strip() == "made.png"
    with Image.open("made.png") as picture:
        assert picture.size[0] > 600


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("gradcam", "--class", "rad"), "unknown class 'rad': did you mean 'red'?"),
        (("gradcam", "--layer", "conf2d"), "unknown layer 'conf2d': did you mean 'conv2d'?"),
        (("gradcam", "--layer", "dense"), "no rows and columns. Those with rows and columns:"),
        (("filters", "--layer", "dense"), "Those that have: conv2d, conv2d_1."),
        (("units", "--unit", 99), "conv2d_1 has 16 filters, numbered from 0: there is no 99."),
        (("saliency", "--sample", 99), "there is no sample 99: 7 images were held out"),
        (("featuremaps", "nowhere.png"), "nowhere.png: there is no such file or folder."),
        (("saliency", "FOLDER"), "12 images came, and saliency looks at one: name one file."),
        (("featuremaps", "FOLDER"), "12 images side by side are too small to see: name 6"),
        (("occlusion", "FILE", "-s", 1), "choose one"),
    ],
)
def test_what_cannot_be_is_said(glassnet, run, photos, workplace, asked, message):
    places = {"FOLDER": photos / "red", "FILE": photos / "red" / "3.png"}
    kind, *rest = [places.get(o, o) for o in asked]
    assert message in glassnet.error("plot", kind, run, *rest)


def test_runs_without_images_or_convolution(glassnet, runs):
    for kind in (*IMAGE_PICTURES, "occlusion", "saliency", "gradcam"):
        assert "does not fit a network for" in glassnet.error("plot", kind, runs / "things")
    message = glassnet.error("plot", "gradcam", runs / "digits")
    assert "It needs a network with convolutions" in message and "occlusion" in message
