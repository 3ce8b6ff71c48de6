import numpy as np
import pytest
from PIL import Image

from glassnet.calculus import Formula, gradient_descent, race
from glassnet.errors import ConfigError, ShapeError
from glassnet.plots.film import descent_animation

BOWL = Formula.parse("x0**2 + x1**2")
VALLEY = Formula.parse("x0**2/20 + x1**2")


def test_a_film(tmp_path):
    runs = race(VALLEY, (-7, 2), steps=6)
    path = descent_animation(VALLEY, runs, tmp_path / "race.gif", frames_per_second=5)
    with Image.open(path) as film:
        assert film.format == "GIF" and film.n_frames == 7 and film.info["loop"] == 0
        assert film.info["duration"] == 200
        first = np.asarray(film.convert("RGB"))
        film.seek(6)
        last = np.asarray(film.convert("RGB"))
        assert film.info["duration"] == 1700
    assert first.shape == (600, 720, 3) and (first != last).any()
    assert first[2, 2].tolist() == [255, 255, 255]
    assert [p.name for p in tmp_path.iterdir()] == ["race.gif"]


def test_a_film_of_one_descent_and_of_many_steps(tmp_path):
    run = gradient_descent(lambda x: x**2, -3, lr=0.01, step_num=500)
    with Image.open(descent_animation("x**2", run, tmp_path / "a.GIF", frames=4)) as film:
        assert film.n_frames == 4
    run = gradient_descent(BOWL, (-3, 4), lr=10.0, step_num=3)
    with Image.open(descent_animation(BOWL, run, tmp_path / "b.gif")) as film:
        assert film.n_frames == 4
    run = gradient_descent(BOWL, (-3, 4), step_num=0)
    with Image.open(descent_animation(BOWL, run, tmp_path / "c.gif")) as film:
        assert film.n_frames == 1


def test_a_film_is_written_whole_or_not_at_all(tmp_path):
    run = gradient_descent(BOWL, (-3, 4), step_num=3)
    old = tmp_path / "old.gif"
    old.write_bytes(b"old")
    with pytest.raises(ShapeError):
        descent_animation(BOWL, gradient_descent(np.sum, [1.0, 2, 3]), old)
    assert old.read_bytes() == b"old"
    with pytest.raises(ConfigError, match="written as GIF"):
        descent_animation(BOWL, run, tmp_path / "a.mp4")
    with pytest.raises(ConfigError, match="make no film"):
        descent_animation(BOWL, run, old, frames=1)
    with pytest.raises(ConfigError, match="make no film"):
        descent_animation(BOWL, run, old, frames_per_second=0)
    with pytest.raises(OSError):
        descent_animation(BOWL, run, old / "a.gif")
    assert [p.name for p in tmp_path.iterdir()] == ["old.gif"]
