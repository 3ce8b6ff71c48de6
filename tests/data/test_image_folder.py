"""Folders of images: read at one size, divided fairly, and whatever cannot be used is said."""

import os
import shutil
import struct
import unicodedata
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import glassnet
from glassnet import data, layers
from glassnet.data import image_files, image_reading
from glassnet.data.image_doubles import groups, in_two_classes
from glassnet.data.image_files import in_place
from glassnet.data.image_names import spelled
from glassnet.data.image_parts import divided
from glassnet.data.image_reading import header, pixels
from glassnet.data.image_walk import Found, holds_images
from glassnet.errors import ConfigError, DataError, FileFormatError, LabelError


def said(dataset):
    return "\n".join(dataset.notes)


def png(width, height, rows=b""):
    """A PNG whose header promises more than its file holds."""

    def chunk(kind, content):
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )  # fmt: skip


# ---- one image ------------------------------------------------------------------------------


def test_an_image_worked_by_hand(tmp_path):
    """4×2 pixels: red, red, blue, blue. The middle 2×2 is red beside blue."""
    photo = np.zeros((2, 4, 3), np.uint8)
    photo[:, :2, 0] = photo[:, 2:, 2] = 255
    Image.fromarray(photo).save(tmp_path / "a.png")
    cropped = pixels(tmp_path / "a.png", (2, 2))
    assert cropped[0].tolist() == [[255, 0, 0], [0, 0, 255]]
    padded = pixels(tmp_path / "a.png", (4, 4), aspect="pad")
    assert (padded[1:3] == photo).all() and not padded[[0, 3]].any()
    assert pixels(tmp_path / "a.png", (2, 4), aspect="stretch").tolist() == photo.tolist()
    # 0.299·255 = 76, 0.114·255 = 29
    assert pixels(tmp_path / "a.png", (2, 4), 1)[0, :, 0].tolist() == [76, 76, 29, 29]


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif", "bmp", "tif", "ppm"])
def test_formats_are_known_by_their_contents(tmp_path, suffix):
    """A file with the wrong name is read as what it is."""
    Image.new("RGB", (20, 20), (200, 100, 0)).save(tmp_path / f"a.{suffix}")
    (tmp_path / f"a.{suffix}").rename(tmp_path / "named.png")
    assert np.abs(pixels(tmp_path / "named.png", (8, 8)).astype(int) - [200, 100, 0]).max() < 12


@pytest.mark.parametrize(
    ("mode", "save"),
    [
        ("L", "png"),
        ("1", "png"),
        ("P", "png"),
        ("LA", "png"),
        ("RGBA", "png"),
        ("CMYK", "jpg"),
        ("I;16", "png"),
        ("F", "tif"),
    ],
)
def test_every_mode_becomes_8_bits(tmp_path, mode, save):
    """A photo half white, half black, looks the same in every mode."""
    half = np.zeros((32, 32), np.uint8)
    half[:, 16:] = 255
    if mode == "I;16":
        photo = Image.fromarray(half.astype(np.uint16) * 257)
    elif mode == "F":
        photo = Image.fromarray(half.astype(np.float32) / 255)
    else:
        photo = Image.fromarray(half).convert("RGB").convert(mode)
    photo.save(tmp_path / f"a.{save}", **({"quality": 95} if save == "jpg" else {}))
    for channels in (1, 3):
        seen = pixels(tmp_path / f"a.{save}", (32, 32), channels)
        assert seen.shape == (32, 32, channels) and seen.dtype == np.uint8
        assert seen[:, :14].max() < 12 and seen[:, 18:].min() > 243


def test_transparent_is_white(tmp_path):
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert (pixels(tmp_path / "a.png", (8, 8)) == 255).all()


def test_of_several_pictures_the_first_is_taken(tmp_path):
    first, second = (Image.new("L", (8, 8), grey) for grey in (10, 200))
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert (pixels(tmp_path / "a.gif", (8, 8), 1) == 10).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_image(tmp_path, orientation):
    """However the camera was held, the same scene is seen."""
    scene = np.zeros((32, 64, 3), np.uint8)
    scene[:16, :32] = (255, 0, 0)
    scene[16:, 32:] = (0, 255, 0)
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    photo = Image.fromarray(scene)
    if back is not None:
        photo = photo.transpose(Image.Transpose(back))
    exif = Image.Exif()
    exif[274] = orientation
    photo.save(tmp_path / "a.jpg", exif=exif, quality=100, subsampling=0)
    assert header(tmp_path / "a.jpg")[:2] == (32, 64)
    seen = pixels(tmp_path / "a.jpg", (32, 64)).astype(int)
    assert np.abs(seen[4:12, 4:28] - [255, 0, 0]).max() < 10
    assert np.abs(seen[20:28, 36:60] - [0, 255, 0]).max() < 10


def test_a_large_jpeg_is_decoded_small(tmp_path, monkeypatch):
    """As a half, a quarter or an eighth, and looks as if it had been decoded whole."""
    wave = np.sin(np.arange(1024) / 80)
    photo = np.uint8(127 + 100 * wave[:, None] * wave)
    Image.fromarray(photo).convert("RGB").save(tmp_path / "a.jpg", quality=95)
    small = pixels(tmp_path / "a.jpg", (64, 64)).astype(int)
    monkeypatch.setattr("PIL.JpegImagePlugin.JpegImageFile.draft", lambda *_: None)
    assert np.abs(small - pixels(tmp_path / "a.jpg", (64, 64))).max() < 6


def test_bombs_are_refused_by_their_header(tmp_path, monkeypatch):
    """Nothing is unpacked: load is never called."""
    (tmp_path / "a.png").write_bytes(png(10_000, 10_000, b"\0" * 65_536))
    (tmp_path / "b.png").write_bytes(png(60_000, 60_000))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", None)
    for name in ("a.png", "b.png"):
        for read in (header, lambda path: pixels(path, (8, 8))):
            with pytest.raises(image_reading.TooLargeError, match="pixels"):
                read(tmp_path / name)


def test_a_progressive_jpeg_has_no_discount(tmp_path):
    """libjpeg keeps all of its coefficients, however small it is decoded."""
    Image.new("L", (8000, 7000)).save(tmp_path / "a.jpg", progressive=True, quality=5)
    with pytest.raises(image_reading.TooLargeError, match="8,000×7,000"):
        pixels(tmp_path / "a.jpg", (8, 8))
    Image.new("L", (8000, 7000)).save(tmp_path / "b.jpg", quality=5)
    assert pixels(tmp_path / "b.jpg", (8, 8), 1).max() < 12


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"]))
def test_damaged_files_are_one_error(seed, form):
    """Bytes changed at random are an image, or a FileFormatError; never another exception."""
    import io
    import warnings

    rng = np.random.default_rng(seed)
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (12, 12, 3), np.uint8)).save(file, form)
    content = bytearray(file.getvalue())
    for place in rng.integers(0, len(content), 3):
        content[place] = rng.integers(256)
    broken = bytes(content[: rng.integers(1, len(content) + 1)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            assert pixels(broken, (8, 8)).shape == (8, 8, 3)
        except FileFormatError as error:
            assert str(error)


# ---- a folder -------------------------------------------------------------------------------


def test_a_folder_of_photos(draw, tmp_path):
    photos = draw(tmp_path / "photos", ("circle", "square", "small circle"), 10)
    dataset = data.image_folder(photos)
    assert dataset.class_names == ("circle", "small circle", "square")
    assert dataset.x.shape == (24, 48, 48, 3) and dataset.x.dtype == np.uint8
    assert np.bincount(dataset.y_test).tolist() == [2, 2, 2]
    assert dataset.name == "photos" and dataset.image_shape == (48, 48, 3)
    # Rows and files belong together.
    for x, y, file in zip(dataset.x, dataset.y, dataset.files):
        assert (pixels(image_files.content_of(file), (48, 48)) == x).all()
        assert dataset.class_names[y] in file
    both = {*dataset.files, *dataset.files_test}
    assert len(both) == 30 and len(dataset.files_test) == 6


def test_the_same_seed_gives_the_same_parts(draw, tmp_path):
    photos = draw(tmp_path, each=20)
    one, two, other = (data.image_folder(photos, seed=seed) for seed in (1, 1, 2))
    assert (one.x == two.x).all() and one.files_test == two.files_test
    assert set(one.files_test) != set(other.files_test)


def test_size_and_colour_are_chosen_and_said(draw, tmp_path):
    photos = draw(tmp_path, each=10)
    assert "48×48 pixels" in said(data.image_folder(photos))
    assert "all" not in said(data.image_folder(photos, size=24))
    grey = data.image_folder(photos, (24, 16), False)
    assert grey.x.shape[1:] == (24, 16, 1) and "in grey, as asked for" in said(grey)
    same = draw(tmp_path / "same", each=10, side=20, suffix=".png")
    assert "20×20 pixels, as they all are" in said(data.image_folder(same))
    assert "scaled" not in said(data.image_folder(same))
    for path in same.rglob("*.png"):
        Image.open(path).convert("L").convert("RGB").save(path)
    assert "in grey, for they show no colour" in said(data.image_folder(same))
    with pytest.raises(ConfigError, match="from 4 to 4096"):
        data.image_folder(photos, size=2)
    with pytest.raises(ConfigError, match="aspect"):
        data.image_folder(photos, aspect="keep")


@pytest.mark.parametrize(
    ("names", "lengths"),
    [
        (("train", "test"), (20, 0, 20)),
        (("Training", "val"), (20, 0, 20)),
        (("train", "val", "test"), (20, 20, 20)),
    ],
)
def test_parts_in_folders_are_taken_at_their_word(draw, tmp_path, names, lengths):
    for seed, name in enumerate(names):
        draw(tmp_path / name, each=10, seed=seed)
    dataset = data.image_folder(tmp_path)
    watched = 0 if dataset.x_validation is None else len(dataset.x_validation)
    assert (len(dataset.x), watched, len(dataset.x_test)) == lengths
    assert all(f"{names[0]}{os.sep}" in file for file in dataset.files)
    assert all(f"{names[-1]}{os.sep}" in file for file in dataset.files_test)
    with pytest.raises(ConfigError, match=r"test=0\.5"):
        data.image_folder(tmp_path, test=0.5)


def test_a_run_inside_is_no_class(draw, tmp_path, monkeypatch):
    """Of a training that was begun inside the folder: its pictures are no photos."""
    monkeypatch.chdir(draw(tmp_path / "photos"))
    run = tmp_path / "photos/runs/photos"
    run.mkdir(parents=True)
    Image.new("L", (20, 20)).save(run / "curves.png")
    for name in ("settings.json", "model.safetensors"):
        (run / name).write_text("{}")
    dataset = data.image_folder(".")
    assert dataset.name == "photos" and dataset.class_names == ("circle", "square")


def test_a_class_may_be_called_train(draw, tmp_path):
    assert data.image_folder(draw(tmp_path, ("bus", "train"))).class_names == ("bus", "train")


def test_another_folder_may_judge(draw, tmp_path):
    photos = draw(tmp_path / "photos", each=10)
    other = draw(tmp_path / "other", ("circle", "oval", "square"), 5, seed=3)
    dataset = data.image_folder(photos, test=other)
    assert (len(dataset.x), len(dataset.x_test)) == (20, 10)
    assert "left out: 5 images of a class that is not learned" in said(dataset)


def test_one_folder_around_all_is_passed_through(draw, tmp_path):
    draw(tmp_path / "photos" / "photos")
    dataset = data.image_folder(tmp_path / "photos")
    assert dataset.class_names == ("circle", "square") and "in photos/" in said(dataset)


def test_korean_names_are_one_class_however_they_are_written(draw, tmp_path):
    apart = unicodedata.normalize("NFD", "동그라미")
    draw(tmp_path, (apart, "네모"), 8)
    draw(tmp_path, ("동그라미",), 8, seed=1)
    dataset = data.image_folder(tmp_path)
    assert dataset.class_names == ("네모", "동그라미")
    assert np.bincount(dataset.y).tolist() == [6, 13]
    assert "written in two ways: 동그라미/" in said(dataset)


def test_names_that_are_not_utf8(draw, tmp_path):
    draw(tmp_path)
    try:
        (tmp_path / "circle").rename(tmp_path / os.fsdecode("강아지".encode("cp949")))
        (tmp_path / "square/001.jpg").rename(tmp_path / os.fsdecode(b"square/\xff\x1b.jpg"))
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    dataset = data.image_folder(tmp_path)
    assert dataset.class_names == ("square", "강아지")
    assert len(dataset.x) + len(dataset.x_test) == 20
    assert "강아지/ (taken for 강아지)" in said(dataset)
    assert r"\xff\x1b.jpg" in said(dataset)  # no control character on a terminal
    said(dataset).encode()


# ---- what cannot be used --------------------------------------------------------------------


def test_all_that_is_wrong_is_said_at_once(draw, tmp_path):
    photos = draw(tmp_path / "photos", each=20)
    whole = (photos / "circle/000.jpg").read_bytes()
    (photos / "circle/cut.jpg").write_bytes(whole[: len(whole) // 2])
    (photos / "circle/empty.jpg").write_bytes(b"")
    (photos / "circle/text.png").write_text("hello")
    (photos / "square/bomb.png").write_bytes(png(20_000, 20_000, b"\0" * 65_536))
    (photos / "square/phone.heic").write_bytes(b"x")
    (photos / "square/notes.txt").write_text("hello")
    (photos / "nothing").mkdir()
    (photos / "alone.jpg").write_bytes(whole)
    (photos / "square/inside").mkdir()
    (photos / "square/000.jpg").rename(photos / "square/inside/000.jpg")
    outside = tmp_path / "secret"
    shutil.copytree(photos / "circle", outside)
    (photos / "square/out").symlink_to(outside)
    (photos / "square/out.jpg").symlink_to(outside / "000.jpg")
    (photos / "square/circle").symlink_to("..")
    (photos / "square/gone.jpg").symlink_to("nowhere.jpg")
    for passed_over in (".DS_Store", "Thumbs.db", "__MACOSX/circle/._000.jpg", ".trash/a.jpg"):
        (photos / passed_over).parent.mkdir(parents=True, exist_ok=True)
        (photos / passed_over).write_bytes(b"x")
    os.mkfifo(photos / "square/pipe.jpg")
    dataset = data.image_folder(photos)
    assert len(dataset.x) + len(dataset.x_test) == 40
    assert dataset.class_names == ("circle", "square")
    lines = dataset.notes[1:]
    assert lines == (
        "1 image lies deeper inside the folder of a class, and counts for it",
        "left out: 3 images that cannot be read, circle/cut.jpg (cut off), circle/empty.jpg "
        "(empty), circle/text.png (not an image); save anew, or delete",
        "left out: 1 image that would be too large unpacked, square/bomb.png (400,000,000 pixels); "
        "make smaller",
        "left out: 1 file in a format that is not read here, square/phone.heic; save as JPEG or "
        "PNG",
        "left out: 2 files that are no images, square/notes.txt, square/pipe.jpg (no file)",
        f"left out: 2 links that lead out of the folder, square/out (→ {outside}), square/out.jpg "
        f"(→ {outside / '000.jpg'}); put copies there instead",
        "left out: 1 link that goes in a circle, square/circle; delete",
        "left out: 1 link that leads nowhere, square/gone.jpg; delete",
        "left out: 1 image beside the folders of the classes, alone.jpg; move into the folder of "
        "the class",
        "left out: 1 folder without an image, nothing/; no class is made of it",
    )
    with pytest.raises(DataError) as error:
        data.image_folder(photos, strict=True)
    assert all(line in str(error.value) for line in lines)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda f, draw: None, "no such folder"),
        (lambda f, draw: f.write_text("x"), "is a file"),
        (lambda f, draw: f.mkdir(), "there is no image to learn from"),
        (lambda f, draw: draw(f, ("circle",)), "only one class, 'circle'"),
        (lambda f, draw: draw(f.parent, (f.name,)), "in no folder of a class"),
        (lambda f, draw: draw(f, each=1), "too few to hold out"),
    ],
)
def test_folders_that_cannot_be_learned_from(draw, tmp_path, make, said):
    make(tmp_path / "photos", draw)
    with pytest.raises(DataError, match=said):
        data.image_folder(tmp_path / "photos")


def test_a_class_whose_images_are_all_broken_is_none(draw, tmp_path):
    draw(tmp_path, ("circle", "square", "star"), 5)
    for path in (tmp_path / "star").iterdir():
        path.write_bytes(path.read_bytes()[:300])
    dataset = data.image_folder(tmp_path)
    assert dataset.class_names == ("circle", "square") and "5 images that cannot" in said(dataset)
    assert set(dataset.y) == {0, 1}


def test_what_may_not_be_read(draw, tmp_path, monkeypatch):
    draw(tmp_path)
    real = image_files._at_once

    def refusing(path, flags):
        if path.endswith("003.jpg"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr(image_files, "_at_once", refusing)
    dataset = data.image_folder(tmp_path)
    assert len(dataset.x) + len(dataset.x_test) == 18
    assert "2 files or folders that may not be read, circle/003.jpg, square/003.jpg" in said(
        dataset
    )


# ---- doubles --------------------------------------------------------------------------------


def test_a_photo_in_two_classes_is_said(draw, tmp_path):
    draw(tmp_path, each=20)
    shutil.copy(tmp_path / "circle/007.jpg", tmp_path / "square/again.jpg")
    dataset = data.image_folder(tmp_path)
    assert "in two classes, one of which is wrong: circle/007.jpg = square/again.jpg" in said(
        dataset
    )
    assert not [f for f in dataset.files_test if ("007" in f and "circle" in f) or "again" in f]


def test_copies_go_to_one_side_whatever_the_seed(draw, tmp_path):
    draw(tmp_path, each=20)
    for i in range(10):  # as other files of the same pixels, too
        copy = tmp_path / f"circle/{i:03}"
        Image.open(copy.with_suffix(".jpg")).save(copy.with_suffix(".bmp"))
    for seed in range(5):
        dataset = data.image_folder(tmp_path, seed=seed, validation=0.2)
        sides = [{x.tobytes() for x in part}
                 for part in (dataset.x, dataset.x_test, dataset.x_validation)]  # fmt: skip
        assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
    assert "10 images are copies of another" in said(dataset)


def test_a_copy_of_a_held_out_photo_is_not_learned_from(draw, tmp_path):
    draw(tmp_path / "train", each=10)
    draw(tmp_path / "test", each=5, seed=1)
    shutil.copy(tmp_path / "test/circle/000.jpg", tmp_path / "train/circle/again.jpg")
    dataset = data.image_folder(tmp_path)
    assert (len(dataset.x), len(dataset.x_test)) == (20, 10)
    assert "not learned from, for a copy is held out: train/circle/again.jpg" in said(dataset)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 25)), min_size=12, max_size=60),
       st.integers(0, 5))  # fmt: skip
def test_no_copies_on_two_sides(rows, seed):
    """Of any classes and any copies."""
    y = np.array([label for label, _ in rows])
    copies = np.array([number for _, number in rows])
    files = [Found(str(i), str(i), str(k), None) for i, k in enumerate(y)]
    try:
        split = divided(files, y, copies, 0.25, 0.25, seed)
    except DataError:
        return
    parts = [set(copies[part]) for part in split.parts]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert sorted(np.concatenate(split.parts)) == list(range(len(y)))


def test_empty_pictures_are_no_copies():
    """Where one image makes a large part of all, only files of the same bytes are copies."""
    seen = np.array([1] * 30 + list(range(2, 32)), np.uint64)
    exact = np.arange(60, dtype=np.uint64)
    assert len(np.unique(groups(exact, seen))) == 60
    exact[1] = exact[0]
    assert len(np.unique(groups(exact, seen))) == 59
    assert in_two_classes(np.array([7, 8, 7, 8]), np.array([0, 1, 1, 1])).tolist() == [
        True, False, True, False,
    ]  # fmt: skip


# ---- memory ---------------------------------------------------------------------------------


@given(st.permutations(range(12)), st.integers(0, 12), st.integers(0, 12))
def test_rows_are_put_in_order_in_place(order, first, second):
    x = np.arange(12) * 10
    first, second = sorted((first, second))
    parts = [np.array(order[:first], int), np.array(order[first:second], int)]
    one, two = in_place(x, parts)
    assert one.tolist() == [10 * i for i in order[:first]]
    assert two.tolist() == [10 * i for i in order[first:second]]
    assert one.base is x or not len(one)


def test_what_does_not_fit_is_read_beside_the_training(draw, tmp_path):
    photos = draw(tmp_path, each=40, side=16)
    whole = data.image_folder(photos, validation=0.1)
    room = whole.x.nbytes // 2
    parts = data.image_folder(photos, validation=0.1, memory=room)
    assert parts.stream is not None and whole.stream is None
    assert len(parts.x) < parts.n_samples == len(whole.x)
    assert "read again in each epoch, beside the training: 58 images" in said(parts)
    # The same batches as out of memory, for the same generator; and those behind skipped ones.
    stream = parts.stream.of(10)
    kept = data.ArrayBatches(whole.x, whole.y, batch_size=10)
    for skip in (0, 3):
        both = [source.epoch(np.random.default_rng(5), skip) for source in (stream, kept)]
        for one, two in zip(*both, strict=True):
            assert (one.x == two.x).all() and (one.y == two.y).all()


def network(dataset):
    model = glassnet.Sequential(
        [layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2, activation="softmax")], seed=0
    )
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model


def test_both_ways_of_reading_give_the_same_weights(draw, tmp_path):
    photos = draw(tmp_path, each=20, side=16)
    found = []
    for memory in (None, 20_000):
        dataset = data.image_folder(photos, memory=memory)
        assert (dataset.stream is None) == (memory is None)
        model = network(dataset)
        model.fit(dataset, epochs=2, batch_size=8, verbose=0)
        found.append(model)
    assert (found[0].parameters.values == found[1].parameters.values).all()


def test_reading_ahead_is_bounded_and_ends(draw, tmp_path):
    """Never more than some batches; threads end when an epoch is left."""
    import threading

    photos = draw(tmp_path, each=40, side=16)
    stream = data.image_folder(photos, memory=30_000).stream.of(4)
    read = []
    real = image_files.ImageFiles.known
    before = threading.active_count()
    try:
        image_files.ImageFiles.known = lambda self, path: read.append(path) or real(self, path)
        epoch = stream.epoch(np.random.default_rng(0))
        for _ in range(2):
            next(epoch)
        assert len(read) <= 2 * 4 + 3 * 4
        epoch.close()
    finally:
        image_files.ImageFiles.known = real
    assert threading.active_count() == before


def test_a_file_that_is_gone_while_it_learns(draw, tmp_path):
    photos = draw(tmp_path, each=20, side=16)
    stream = data.image_folder(photos, memory=20_000).stream
    for path in stream.paths:
        Path(path).unlink()
    with pytest.raises(DataError, match="has changed since the folder was looked over"):
        list(stream.epoch(np.random.default_rng(0)))


# ---- what is kept with the model ------------------------------------------------------------


def test_reading_is_kept_with_the_model(draw, tmp_path):
    photos = draw(tmp_path / "photos", each=10)
    dataset = data.image_folder(photos, 16)
    model = network(dataset)
    model.fit(dataset, epochs=2, verbose=0)
    model.save(tmp_path / "model.safetensors")
    loaded = glassnet.load(tmp_path / "model.safetensors")
    assert loaded.preprocessing == dataset.preprocessing
    files = list(dataset.files_test)
    assert np.allclose(loaded.predict(files), model.predict(dataset.x_test))
    assert np.allclose(loaded.predict(files[0]), model.predict(dataset.x_test[:1]))
    assert np.allclose(
        loaded.predict([Image.open(files[0])]), model.predict(dataset.x_test[:1]), atol=0.05
    )
    assert set(loaded.predict_classes(photos / "circle")) <= {"circle", "square"}
    assert len(loaded.predict(photos / "circle")) == 10
    again = loaded.evaluate(files, [dataset.class_names[k] for k in dataset.y_test])
    assert again["accuracy"] == pytest.approx(model.evaluate(dataset)["accuracy"])
    with pytest.raises(LabelError, match="'star' is not one of the classes: circle, square"):
        loaded.evaluate(files[:1], ["star"])
    with pytest.raises(DataError, match="no such file"):
        loaded.predict("nothing.jpg")
    (tmp_path / "a.jpg").write_text("x")
    (tmp_path / "b.jpg").write_text("y")
    with pytest.raises(DataError, match=r"a\.jpg \(not an image\), .*b\.jpg"):
        loaded.predict([tmp_path / "a.jpg", files[0], tmp_path / "b.jpg"])


def test_another_folder_as_a_model_reads(draw, tmp_path):
    learned = data.image_folder(draw(tmp_path / "photos"), (16, 12), False).preprocessing
    draw(tmp_path / "other", ("oval", "square"), 4, seed=2)
    other = data.image_folder(tmp_path / "other", preprocessing=learned)
    assert other.x.shape == (4, 16, 12, 1) and other.y.tolist() == [1] * 4
    assert "left out: 4 images of classes that the network does not know" in said(other)
    with pytest.raises(DataError, match="the classes are circle, square"):
        data.image_folder(draw(tmp_path / "third", ("star",), 2), preprocessing=learned)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"size": [3]},
        {"size": ["a", "b"]},
        {"color": 1},
        {"aspect": "keep"},
        {"classes": [1]},
        {"size": None},
    ],
)
def test_damaged_descriptions_are_refused(change):
    config = data.ImagePreprocessing((8, 8), True, ("a", "b")).to_config()
    assert data.ImagePreprocessing.from_config(config).size == (8, 8)
    with pytest.raises(FileFormatError):
        data.ImagePreprocessing.from_config({**config, **change})


def test_arrays_are_scaled_as_files_are():
    learned = data.ImagePreprocessing((8, 8), True, ("a", "b"))
    x = np.random.default_rng(0).integers(0, 255, (3, 8, 8, 3), np.uint8)
    assert learned.transform(x) is x
    assert (
        learned.transform(np.full((2, 30, 20), 7, np.uint8)).tolist() == [[[[7] * 3] * 8] * 8] * 2
    )
    with pytest.raises(ValueError, match="uint8"):
        learned.transform(np.zeros((3, 8, 8, 3)))


def test_what_holds_images(draw, tmp_path):
    assert holds_images(draw(tmp_path / "photos"))
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/a.parquet").write_bytes(b"x")
    (tmp_path / "tables/picture.png").write_bytes(b"x")
    assert not holds_images(tmp_path / "tables")
    assert not holds_images(tmp_path / "nowhere")
    assert spelled("a\n.jpg") == r"a\n.jpg"
