"""CIFAR-10 out of archives and folders; with small made-up files, the net on this machine."""

import dataclasses
import gzip
import hashlib
import io
import tarfile
import threading
import tracemalloc
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from glassnet.data import DATASETS, cifar, load
from glassnet.data.cifar import ARCHIVE, INSIDE, PARTS, TEST, TRAINING
from glassnet.errors import DataError, DownloadError, FileFormatError


def images(seed=0):
    """Labels (3,) and images (3, 32, 32, 3) for each of the six files."""
    rng = np.random.default_rng(seed)
    return {
        part: (rng.integers(0, 10, 3), rng.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8))
        for part in PARTS
    }


def record(label, image):
    """As the page of the data set has it: the class, then all red, all green, all blue."""
    planes = b"".join(image[:, :, channel].tobytes() for channel in range(3))
    return bytes([label]) + planes


def contents(made):
    return {p: b"".join(map(record, *pair)) for p, pair in made.items()}


def archive(files, *, prefix=f"{INSIDE}/", before=(), order=PARTS):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for info, content in before:
            tar.addfile(info, io.BytesIO(content))
        for name in order:
            if name in files:
                info = tarfile.TarInfo(prefix + name)
                info.size = len(files[name])
                tar.addfile(info, io.BytesIO(files[name]))
    return packed.getvalue()


def put(folder, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARCHIVE).write_bytes(content)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """No file of the person who runs the tests is touched, and nothing is fetched from the net."""
    monkeypatch.delenv("GLASSNET_DATA", raising=False)
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(cifar, "cache_folder", lambda: tmp_path / "cache")
    nowhere = dataclasses.replace(cifar.CIFAR10, mirrors=("http://127.0.0.1:9/",))
    monkeypatch.setattr(cifar, "CIFAR10", nowhere)


def check(data, made):
    assert data.x.shape == (15, 32, 32, 3) and data.x.dtype == np.uint8
    assert data.x.flags.c_contiguous and data.y.dtype == np.int64
    np.testing.assert_array_equal(data.x, np.concatenate([made[part][1] for part in TRAINING]))
    np.testing.assert_array_equal(data.y, np.concatenate([made[part][0] for part in TRAINING]))
    np.testing.assert_array_equal(data.x_test, made[TEST][1])
    np.testing.assert_array_equal(data.y_test, made[TEST][0])


@pytest.mark.parametrize("folder", ["", "cifar10"])
@pytest.mark.parametrize("order", [PARTS, PARTS[::-1]])
def test_the_archive_is_read_where_it_lies(tmp_path, folder, order):
    made = images()
    put(tmp_path / "d" / folder, archive(contents(made), order=order))
    data = load("cifar10", data_dir=tmp_path / "d")
    check(data, made)
    assert data.class_names[0] == "airplane" and data.class_names[9] == "truck"
    assert data.image_shape == DATASETS["cifar10"].shape == (32, 32, 3) and data.image_max == 255
    assert sorted(p.name for p in (tmp_path / "d" / folder).iterdir()) == [ARCHIVE]


@pytest.mark.parametrize("folder", ["", INSIDE, f"cifar10/{INSIDE}"])
def test_an_unpacked_folder_is_read_too(tmp_path, folder, monkeypatch):
    made = images(1)
    where = tmp_path / "d" / folder
    where.mkdir(parents=True)
    for name, content in contents(made).items():
        (where / name).write_bytes(content)
    check(load("cifar10", data_dir=tmp_path / "d"), made)
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path / "d"))
    check(load("cifar10"), made)


def test_a_named_folder_that_lacks_it_is_refused(tmp_path, monkeypatch):
    (tmp_path / "d").mkdir()
    with pytest.raises(DataError, match=f"data_dir names .*expected {ARCHIVE}"):
        load("cifar10", data_dir=tmp_path / "d")
    with pytest.raises(DataError, match="not a folder"):
        load("cifar10", data_dir=tmp_path / "nowhere")
    for name in PARTS[:-1]:
        (tmp_path / "d" / name).write_bytes(b"")
    with pytest.raises(DataError, match=r"missing test_batch\.bin\)"):
        load("cifar10", data_dir=tmp_path / "d")
    (tmp_path / "d" / "cifar-10-batches-py").mkdir()
    with pytest.raises(DataError, match="cifar-10-batches-py is another version: the binary one"):
        load("cifar10", data_dir=tmp_path / "d")
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path))  # of other sets: on to the cache
    made = images(2)
    put(tmp_path / "cache" / "cifar10", archive(contents(made)))
    check(load("cifar10"), made)


def member(name, kind=tarfile.REGTYPE, size=0, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    return info


def test_members_that_pretend_to_lie_elsewhere_are_passed_over(tmp_path):
    made = images(3)
    strange = [
        (member("../../evil.bin", size=4), b"evil"),
        (member("/etc/passwd", size=4), b"evil"),
        (member(f"other/{TEST}", size=4), b"evil"),
        (member(f"{INSIDE}/readme.html", size=4), b"text"),
        (member(f"{INSIDE}/link", tarfile.SYMTYPE, link="/etc/passwd"), b""),
    ]
    put(tmp_path / "d", archive(contents(made), before=strange))
    check(load("cifar10", data_dir=tmp_path / "d"), made)
    assert sorted(p.name for p in tmp_path.rglob("*")) == [ARCHIVE, "d"]


GOOD = contents(images(4))
LINK = member(f"{INSIDE}/{TEST}", tarfile.SYMTYPE, link="/etc/passwd"), b""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>no archive</html>", "damaged or truncated"),
        (gzip.compress(b"no tar" * 1000), "damaged or truncated"),
        (archive(GOOD)[:-4000], "damaged or truncated|truncated after"),
        (archive({k: v for k, v in GOOD.items() if k != TEST}), rf"has no {INSIDE}/{TEST}"),
        (archive(GOOD, prefix=""), "has no"),
        (archive(GOOD | {TEST: GOOD[TEST][:-1]}), rf"{TEST}: has 9,218 bytes; expected 1 to"),
        (archive(GOOD | {TEST: b""}), "has 0 bytes"),
        (archive(GOOD | {TEST: b"\x0a" + GOOD[TEST][1:]}), "classes 0 to 9, got 10"),
        (
            archive(GOOD, before=[LINK]),
            f"{TEST} is not a file",
        ),
    ],
)  # fmt: skip
def test_damaged_and_foreign_archives_are_named(tmp_path, content, message):
    put(tmp_path / "d", content)
    with pytest.raises(FileFormatError, match=message) as caught:
        load("cifar10", data_dir=tmp_path / "d")
    assert ARCHIVE in str(caught.value)


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_an_archive_that_unpacks_to_too_much_is_given_up_early(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(cifar, "MAX_UNPACKED", 1 << 20)
    bomb = [(member("big", kind, size=64 << 20), bytes(64 << 20))]
    put(tmp_path / "d", archive(GOOD, before=bomb))
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match="more than 1,048,576 bytes"):
            load("cifar10", data_dir=tmp_path / "d")
        assert tracemalloc.get_traced_memory()[1] < 6 << 20
    finally:
        tracemalloc.stop()


def test_a_file_of_too_many_records_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "MAX_RECORDS", 2)
    put(tmp_path / "d", archive(GOOD))
    with pytest.raises(FileFormatError, match="expected 1 to 2 records of 3,073"):
        load("cifar10", data_dir=tmp_path / "d")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A mirror on this machine with a made-up archive, and its checksum in the table."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    content = archive(contents(images(5)))
    folder = put(tmp_path / "site", content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    known = dataclasses.replace(
        cifar.CIFAR10,
        mirrors=("http://127.0.0.1:9/", f"http://127.0.0.1:{server.server_port}/"),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    monkeypatch.setattr(cifar, "CIFAR10", known)
    yield folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_download_is_kept_and_not_repeated(site, tmp_path):
    check(load("cifar10"), images(5))
    assert [p.name for p in (tmp_path / "cache" / "cifar10").iterdir()] == [ARCHIVE]
    (site / ARCHIVE).unlink()
    check(load("cifar10"), images(5))


def test_a_kept_archive_that_was_damaged_since_is_fetched_again(site, tmp_path):
    load("cifar10")
    victim = tmp_path / "cache" / "cifar10" / ARCHIVE
    victim.write_bytes(victim.read_bytes()[:-5000])
    check(load("cifar10"), images(5))


def test_a_mirror_with_other_content_is_refused_with_the_way_out(site, tmp_path):
    put(site, archive(contents(images(6))))
    with pytest.raises(DownloadError, match=r"(?s)checksum.*by hand.*GLASSNET_DATA"):
        load("cifar10")
    assert list((tmp_path / "cache" / "cifar10").iterdir()) == []


def test_without_a_net_the_error_says_what_to_do():
    with pytest.raises(DownloadError, match=r"(?s)could not download.*by hand.*data_dir="):
        load("cifar10")


def test_the_published_mirrors_are_https_and_the_checksum_is_sha256(monkeypatch):
    monkeypatch.undo()
    assert len(cifar.CIFAR10.sha256) == 64
    assert all(mirror.startswith("https://") for mirror in cifar.CIFAR10.mirrors)
    assert "http://" not in Path(cifar.__file__).read_text(encoding="utf-8")
