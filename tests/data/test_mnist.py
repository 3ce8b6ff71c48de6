"""Where the four files are looked for, and what is refused; with small made-up files."""

import dataclasses
import gzip
import hashlib
import os
import struct
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from glassnet.data import load, mnist
from glassnet.data.mnist import PARTS
from glassnet.errors import DataError, DownloadError, FileFormatError


def idx(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def contents(seed=0, n=12, n_test=5):
    rng = np.random.default_rng(seed)
    return {
        "train-images": idx(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)),
        "train-labels": idx(rng.integers(0, 10, n, dtype=np.uint8)),
        "t10k-images": idx(rng.integers(0, 256, (n_test, 28, 28), dtype=np.uint8)),
        "t10k-labels": idx(rng.integers(0, 10, n_test, dtype=np.uint8)),
    }


def fill(folder, content, *, packed=True, separator="-"):
    folder.mkdir(parents=True, exist_ok=True)
    for part, kind in PARTS:
        name = f"{part}{separator}{kind}"
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content[part], mtime=0))
        else:
            (folder / name).write_bytes(content[part])
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """No file of the person who runs the tests is read or written."""
    monkeypatch.delenv("GLASSNET_DATA", raising=False)
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(mnist, "cache_folder", lambda: tmp_path / "cache")
    # Nor is anything fetched from the net.
    for name in ("MNIST", "FASHION"):
        source = dataclasses.replace(getattr(mnist, name), mirrors=("http://127.0.0.1:9/",))
        monkeypatch.setattr(mnist, name, source)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("separator", ["-", "."])
@pytest.mark.parametrize("folder", ["", "mnist", "MNIST/raw"])
def test_the_files_are_found_under_all_their_names(tmp_path, packed, separator, folder):
    content = contents()
    fill(tmp_path / "data" / folder, content, packed=packed, separator=separator)
    data = load("mnist", data_dir=tmp_path / "data")
    assert data.x.shape == (12, 28, 28) and data.x.dtype == np.uint8
    assert data.x_test.shape == (5, 28, 28) and data.y.dtype == data.y_test.dtype == np.int64
    assert data.x.tobytes() == content["train-images"][16:]
    assert bytes(data.y.astype(np.uint8)) == content["train-labels"][8:]
    assert data.image_shape == (28, 28) and data.image_max == 255


def test_data_dir_comes_before_the_variable_and_the_variable_before_the_cache(
    tmp_path, monkeypatch
):
    one = fill(tmp_path / "one", contents(1, n=11))
    two = fill(tmp_path / "two", contents(2, n=12))
    fill(tmp_path / "cache" / "mnist", contents(3, n=13))
    assert len(load("mnist").x) == 13
    monkeypatch.setenv("GLASSNET_DATA", str(two))
    assert len(load("mnist").x) == 12
    assert len(load("mnist", data_dir=one).x) == 11


def test_an_empty_variable_counts_as_none_and_a_folder_of_other_things_is_passed_over(
    tmp_path, monkeypatch
):
    fill(tmp_path / "cache" / "mnist", contents(3, n=13))
    monkeypatch.setenv("GLASSNET_DATA", "")
    assert len(load("mnist").x) == 13
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path / "other"))
    assert len(load("mnist").x) == 13


def test_a_named_folder_that_lacks_files_is_refused_and_they_are_named(tmp_path, monkeypatch):
    folder = fill(tmp_path / "data", contents())
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"data_dir .*missing t10k-labels-idx1-ubyte\[\.gz\]$"):
        load("mnist", data_dir=folder)
    monkeypatch.setenv("GLASSNET_DATA", str(folder))
    with pytest.raises(DataError, match=r"GLASSNET_DATA .*missing t10k-labels"):
        load("mnist")
    with pytest.raises(DataError, match="not a folder"):
        load("mnist", data_dir=tmp_path / "nowhere")


def test_the_files_of_a_look_alike_are_not_taken_for_this_set(tmp_path, monkeypatch):
    content = contents()
    digest = hashlib.sha256(content["train-labels"]).hexdigest()
    known = dataclasses.replace(mnist.MNIST, sha256={**mnist.MNIST.sha256, "train-labels": digest})
    monkeypatch.setattr(mnist, "MNIST", known)
    folder = fill(tmp_path / "data", content)
    with pytest.raises(DataError, match="belongs to mnist"):
        load("fashion_mnist", data_dir=folder)
    fill(folder / "fashion-mnist", contents(7, n=3))
    assert len(load("fashion_mnist", data_dir=folder).x) == 3
    assert len(load("mnist", data_dir=folder).x) == 12


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("train-images", idx(np.zeros((12, 28, 27), np.uint8)), r"\(n, 28, 28\)"),
        ("train-images", idx(np.zeros((0, 28, 28), np.uint8)), r"\(0, 28, 28\)"),
        ("train-images", idx(np.zeros(12, np.uint8)), r"\(n, 28, 28\)"),
        ("train-labels", idx(np.zeros(11, np.uint8)), "expected 12 labels"),
        ("t10k-labels", idx(np.full(5, 10, np.uint8)), "the largest 10"),
        ("t10k-images", b"<html>", "not an IDX file"),
    ],
)
def test_files_that_do_not_fit_are_named(tmp_path, part, content, message):
    folder = fill(tmp_path / "data", contents() | {part: content})
    with pytest.raises(FileFormatError, match=message) as caught:
        load("mnist", data_dir=folder)
    assert part in str(caught.value)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A mirror on this machine with the made-up files, and their checksums in the table."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    folder = fill(tmp_path / "site", contents(5, n=9))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    for name in ("MNIST", "FASHION"):
        source = getattr(mnist, name)
        known = dataclasses.replace(
            source,
            mirrors=(f"http://127.0.0.1:{server.server_port}/",),
            sha256={
                part: hashlib.sha256(
                    contents(5, n=9)[part]
                    if source.of_content
                    else (folder / f"{part}-{kind}.gz").read_bytes()
                ).hexdigest()
                for part, kind in PARTS
            },
        )
        monkeypatch.setattr(mnist, name, known)
    yield folder
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_a_download_is_kept_and_not_repeated(site, tmp_path, name):
    data = load(name)
    assert len(data.x) == 9 and len(data.class_names) == 10
    kept = sorted(p.name for p in (tmp_path / "cache" / name).iterdir())
    assert kept == sorted(f"{part}-{kind}.gz" for part, kind in PARTS)
    for file in site.iterdir():
        file.unlink()
    np.testing.assert_array_equal(load(name).x, data.x)


def test_a_kept_file_that_was_damaged_since_is_fetched_again(site, tmp_path):
    first = load("mnist")
    victim = tmp_path / "cache" / "mnist" / "train-images-idx3-ubyte.gz"
    victim.write_bytes(victim.read_bytes()[:-20])
    np.testing.assert_array_equal(load("mnist").x, first.x)


def test_a_mirror_with_other_content_is_refused_with_the_way_out(site, tmp_path):
    fill(site, contents(6, n=9))
    with pytest.raises(DownloadError, match=r"(?s)checksum.*by hand.*GLASSNET_DATA"):
        load("mnist")
    assert list((tmp_path / "cache" / "mnist").iterdir()) == []


def test_without_a_net_the_error_says_what_to_do():
    with pytest.raises(DownloadError, match=r"(?s)could not download.*by hand.*data_dir="):
        load("mnist")


def test_the_published_mirrors_are_https_and_the_checksums_are_sha256():
    for source in (mnist.MNIST, mnist.FASHION):
        assert all(len(digest) == 64 for digest in source.sha256.values())
    text = Path(mnist.__file__).read_text(encoding="utf-8")
    assert "http://" not in text and text.count("https://") == 4


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", ".cache/glassnet"),
        ("darwin", "Library/Caches/glassnet"),
        ("win32", "AppData/Local/glassnet/Cache"),
    ],
)
def test_the_cache_is_where_the_system_keeps_such_things(monkeypatch, tmp_path, platform, expected):
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert mnist.cache_folder() == tmp_path / expected


def test_xdg_cache_home_is_followed_if_it_is_absolute(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert mnist.cache_folder() == tmp_path / "x" / "glassnet"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert mnist.cache_folder() == Path.home() / ".cache" / "glassnet"


REAL = os.environ.get("GLASSNET_DATA")  # read before the fixture takes it away


@pytest.mark.skipif(not REAL, reason="GLASSNET_DATA names no folder")
def test_the_real_files():
    data = load("mnist", data_dir=REAL)
    assert data.x.shape == (60_000, 28, 28) and data.x_test.shape == (10_000, 28, 28)
    assert np.bincount(data.y)[:3].tolist() == [5923, 6742, 5958]
    for part, path in mnist.find_files(mnist.MNIST, REAL).items():
        mnist.MNIST.check(part, path)
