import os
import subprocess
import sys
import threading

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from glassnet import plots
from glassnet.errors import UnknownNameError
from glassnet.plots import style


def lightness(color: str) -> float:
    """L* of CIELAB: what a greyscale print keeps."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 116 * np.cbrt(np.dot([0.2126, 0.7152, 0.0722], linear)) - 16


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    return result.stdout


def test_classes_differ_in_colour_and_marker():
    signs = [(style.class_color(i), style.class_marker(i)) for i in range(64)]
    assert len(set(signs)) == 64
    # The first eight differ in each of the two: for those who see only one of them.
    assert len({color for color, _ in signs[:8]}) == 8
    assert len({marker for _, marker in signs[:8]}) == 8


def test_curves_differ_in_colour_and_dashes():
    signs = [(style.line_color(i), str(style.line_style(i))) for i in range(28)]
    assert len(set(signs)) == 28
    assert all(lightness(color) < 75 for color, _ in signs)  # none too pale for white


def test_diverging_scale_is_paper_at_zero_and_as_dark_on_both_sides():
    norm = style.symmetric([-1.0, 4.0, np.nan])
    assert (norm.vmin, norm(0.0), norm.vmax) == (-4.0, 0.5, 4.0)
    assert lightness(style.DIVERGING(0.5)) > 95
    for t in (0.1, 0.25, 0.4):
        below, above = lightness(style.DIVERGING(t)), lightness(style.DIVERGING(1 - t))
        assert below == pytest.approx(above, abs=3)
    orange, blue = to_rgb(to_hex(style.DIVERGING(0.0))), to_rgb(to_hex(style.DIVERGING(1.0)))
    assert orange[0] > orange[2] and blue[2] > blue[0]


@pytest.mark.parametrize("values", [[0.0, 0.0], [np.nan], []])
def test_scale_of_nothing_is_still_a_scale(values):
    assert style.symmetric(values).vmax == 1.0


def test_shorten_keeps_both_ends():
    assert style.shorten("short", 10) == "short"
    names = [style.shorten(f"a class with a long name {i}", 12) for i in range(30)]
    assert len(set(names)) == 30
    assert max(map(len, names)) <= 12


def test_long_titles_are_broken_into_lines(assert_tidy):
    figure, ax = style.figure_and_axes(None, 5, 3)
    style.label(ax, "A title that is much too long for one line " * 2, "x", "y", "and below " * 12)
    assert_tidy(style.finish(figure))


PNG = b"\x89PNG"


@pytest.mark.parametrize(
    ("suffix", "magic"), [(".png", PNG), (".svg", b"<?xml"), (".pdf", b"%PDF"), (".PNG", PNG)]
)
def test_save_by_suffix(tmp_path, suffix, magic):
    figure, _ = style.figure_and_axes(None, 2, 2)
    path = plots.save(figure, tmp_path / f"a{suffix}")
    assert path.read_bytes().startswith(magic)
    assert [p.name for p in tmp_path.iterdir()] == [f"a{suffix}"]


@pytest.mark.parametrize("name", ["a.gif", "a", "a.pnk"])
def test_save_unknown_suffix_leaves_nothing(tmp_path, name):
    with pytest.raises(UnknownNameError, match=r"Known are \.png, \.svg, \.pdf"):
        plots.save(style.figure(2, 2), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_save_on_a_full_disk_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        plots.save(style.figure(2, 2), path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_save_where_no_folder_can_be(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        plots.save(style.figure(2, 2), tmp_path / "file" / "a.png")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_figure_that_cannot_be_drawn_leaves_nothing(tmp_path):
    figure, ax = style.figure_and_axes(None)
    ax.set_title(r"$\nonsense{$")
    with pytest.raises(ValueError, match="nonsense"):
        plots.save(figure, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def without_korean_fonts(monkeypatch):
    """As on a bare machine: Matplotlib's own fonts are all there is."""
    own = [font for font in font_manager.fontManager.ttflist if font.name.startswith("DejaVu")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [])
    style.fonts.cache_clear()
    yield
    style.fonts.cache_clear()


def korean_picture(path):
    x = np.random.default_rng(0).normal(size=(40, 2))
    names = ["키", "몸무게"]
    figure = plots.data_points(x, ["고양이", "강아지"] * 20, title="동물", feature_names=names)
    plots.save(figure, path)  # warnings are errors


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_korean_is_drawn_without_missing_glyphs(tmp_path, suffix):
    korean_picture(tmp_path / f"a.{suffix}")


@pytest.mark.usefixtures("without_korean_fonts")
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_korean_is_drawn_where_no_font_is_installed(tmp_path, suffix, caplog):
    assert style.fonts() == ("DejaVu Sans", "NanumGothic")
    korean_picture(tmp_path / f"a.{suffix}")
    assert not caplog.records  # Matplotlib complains in its log of a face that is not there


@pytest.mark.usefixtures("without_korean_fonts")
def test_a_font_that_came_after_the_list_was_made_is_found(monkeypatch, tmp_path):
    files = style._packaged()
    damaged = tmp_path / "damaged.ttf"
    damaged.write_bytes(b"this is something else")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [str(damaged), *files])
    monkeypatch.setattr(style, "_packaged", list)
    assert style.fonts() == ("DejaVu Sans", "NanumGothic")


@pytest.mark.usefixtures("without_korean_fonts")
def test_without_any_korean_font_it_goes_on(monkeypatch):
    monkeypatch.setattr(style, "_packaged", list)
    assert style.fonts() == ("DejaVu Sans",) and not style.has_korean()


def test_the_packages_font_changes_no_settings():
    code = ("import sys; from glassnet.plots import style; style._add_fonts(style._packaged());"
            "print('koreanize_matplotlib' in sys.modules)")  # fmt: skip
    assert run(code).strip() == "False"


def test_a_figure_shows_itself_in_a_notebook():
    assert style.figure(2, 2)._repr_png_().startswith(b"\x89PNG")


def test_plots_change_no_global_state():
    before = dict(mpl.rcParams)
    plots.data_points([[0.0, 1.0], [1.0, 0.0]], [0, 1]).canvas.draw()
    assert dict(mpl.rcParams) == before


def test_figures_can_be_drawn_in_threads():
    pictures: dict[int, bytes] = {}

    def draw(i: int) -> None:
        figure = plots.learning_rate_curve(lambda step: 0.1 / (1 + step), 50, title="t")
        pictures[i] = figure._repr_png_()  # type: ignore[attr-defined]

    threads = [threading.Thread(target=draw, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({*pictures.values()}) == 1 and len(pictures) == 2


def test_matplotlib_is_loaded_late_and_pyplot_never():
    loaded = run(
        "import sys; from glassnet import plots; print('matplotlib' in sys.modules)\n"
        "plots.learning_curves({'loss': [1.0]}); print('matplotlib.pyplot' in sys.modules)"
    )
    assert loaded.split() == ["False", "False"]


def test_every_public_name_is_there_and_documented():
    assert plots.__all__ == dir(plots)
    for name in plots.__all__:
        assert getattr(plots, name).__doc__, name
    with pytest.raises(AttributeError, match="scatterplot"):
        _ = plots.scatterplot


def test_a_png_drawn_once_is_what_savefig_writes(tmp_path):
    whole = plots.learning_curves({"loss": [2.0, 1.0, 0.5], "val_loss": [2.1, 1.4, 1.2]})
    canvas, dpi = whole.canvas, whole.dpi
    plots.save(whole, tmp_path / "once.png")
    assert whole.canvas is canvas and whole.dpi == dpi
    whole = plots.learning_curves({"loss": [2.0, 1.0, 0.5], "val_loss": [2.1, 1.4, 1.2]})
    whole.savefig(tmp_path / "twice.png", dpi=style.DPI)
    once, twice = (Image.open(tmp_path / f"{name}.png") for name in ("once", "twice"))
    assert np.array_equal(np.asarray(once), np.asarray(twice)) and once.info == twice.info
