"""Downloads against a server on this machine that misbehaves in every way we could think of."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from glassnet.data.download import download
from glassnet.errors import DownloadError

CONTENT = bytes(range(256)) * 1000  # 256,000 bytes
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Answers by the first part of the path: /good/file, /404/file …"""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def send(self, status, body, **headers):
        self.send_response(status)
        headers.setdefault("Content_Length", len(body))
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        range_ = self.headers.get("Range")
        kind = self.path.split("/")[1]
        self.server.seen.append((kind, range_))
        self.close_connection = True
        start = int(range_.removeprefix("bytes=").removesuffix("-")) if range_ else 0
        getattr(self, f"answer_{kind.replace('-', '_')}")(start)

    def answer_good(self, start):
        if start >= len(CONTENT):
            self.send(416, b"")
        elif start:
            where = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
            self.send(206, CONTENT[start:], Content_Range=where)
        else:
            self.send(200, CONTENT)

    def answer_ignores_range(self, start):
        self.send(200, CONTENT)

    def answer_wrong_place(self, start):
        where = f"bytes 7-{len(CONTENT) - 1}/{len(CONTENT)}"
        self.send(206, CONTENT[7:], Content_Range=where)

    def answer_closes_early(self, start):
        self.send(200, CONTENT[:100_000], Content_Length=len(CONTENT))

    def answer_closes_early_without_length(self, start):
        self.send(200, CONTENT[:100_000], Content_Length=None, Connection="close")

    def answer_cut_chunks(self, start):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"3e8\r\n" + CONTENT[:500])

    def answer_garbage(self, start):
        self.send(200, b"<html>Please log in to the hotel's network</html>")

    def answer_no_http(self, start):
        self.wfile.write(b"\0\1\2 what is HTTP?\r\n\r\n")

    def answer_404(self, start):
        self.send(404, b"no such file")

    def answer_500(self, start):
        self.send(500, b"broken")

    def answer_silent(self, start):
        time.sleep(1.0)

    def answer_silent_midway(self, start):
        self.send(200, CONTENT[:100_000], Content_Length=len(CONTENT))
        self.wfile.flush()
        time.sleep(1.0)

    def answer_too_long(self, start):
        self.send(200, b"", Content_Length=10**12)

    def answer_endless(self, start):
        self.send(200, b"", Content_Length=None, Connection="close")
        try:
            for _ in range(1000):
                self.wfile.write(CONTENT)
        except OSError:
            pass

    def answer_to_http(self, start):
        self.send(302, b"", Location="http://example.com/file")

    def answer_to_file(self, start):
        self.send(302, b"", Location="ftp://127.0.0.1/etc/passwd")

    def answer_moved(self, start):
        self.send(302, b"", Location="/good/file")

    def answer_loop(self, start):
        self.send(302, b"", Location="/loop/file")


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def fetch(server, tmp_path, monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    server.seen.clear()

    def check(path):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != DIGEST:
            raise DownloadError(f"the checksum of {path} does not match")

    def fetch(*kinds, **options):
        urls = [f"http://127.0.0.1:{server.server_port}/{kind}/file" for kind in kinds]
        options = {"check": check, "max_bytes": 1 << 20, "timeout": 0.3} | options
        return download(urls, tmp_path / "cache" / "file", **options)

    fetch.target = tmp_path / "cache" / "file"
    fetch.part = tmp_path / "cache" / "file.part"
    return fetch


def nothing_but(*names, folder):
    return sorted(p.name for p in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize("kind", ["good", "ignores-range", "moved"])
def test_a_good_server_delivers(fetch, kind):
    assert fetch(kind).read_bytes() == CONTENT
    assert nothing_but("file", folder=fetch.target.parent)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("404", "404"),
        ("500", "500"),
        ("garbage", "checksum"),
        ("no-http", "file"),
        ("closes-early-without-length", "checksum"),
        ("too-long", r"announces 1,000,000,000,000 bytes"),
        ("endless", r"more than 1,048,576 bytes"),
        ("to-http", r"refused http://example\.com"),
        ("to-file", "ftp"),
        ("loop", "redirect"),
        ("silent", "fell silent"),
    ],
)
def test_a_bad_server_is_named_and_leaves_nothing(fetch, kind, message):
    with pytest.raises(DownloadError, match=message) as caught:
        fetch(kind)
    assert f"/{kind}/file" in str(caught.value)
    assert nothing_but(folder=fetch.target.parent)


@pytest.mark.parametrize(
    ("kind", "kept", "message"),
    [
        ("closes-early", 100_000, "broke off after 100,000 of 256,000"),
        ("silent-midway", 100_000, "fell silent"),
        ("cut-chunks", 500, "IncompleteRead"),
    ],
)
def test_a_broken_connection_keeps_what_arrived_and_goes_on_there(
    fetch, server, kind, kept, message
):
    with pytest.raises(DownloadError, match=message):
        fetch(kind)
    assert not fetch.target.exists()
    arrived = fetch.part.read_bytes()
    assert 0 < len(arrived) <= kept and CONTENT.startswith(arrived)
    assert fetch("good").read_bytes() == CONTENT
    assert server.seen[-1] == ("good", f"bytes={len(arrived)}-")
    assert nothing_but("file", folder=fetch.target.parent)


def test_the_next_mirror_continues_what_the_first_began(fetch, server):
    assert fetch("closes-early", "good").read_bytes() == CONTENT
    assert server.seen == [("closes-early", None), ("good", "bytes=100000-")]


def test_a_server_that_ignores_range_starts_over(fetch, server):
    fetch.part.parent.mkdir()
    fetch.part.write_bytes(CONTENT[:5000])
    assert fetch("ignores-range").read_bytes() == CONTENT
    assert len(server.seen) == 1  # not appended to the beginning, refused and fetched again


@pytest.mark.parametrize("begun", [b"rubbish", CONTENT + b"and more"])
@pytest.mark.parametrize("kind", ["good", "ignores-range"])
def test_a_spoilt_beginning_is_thrown_away_and_fetched_again(fetch, begun, kind):
    fetch.part.parent.mkdir()
    fetch.part.write_bytes(begun)
    assert fetch(kind).read_bytes() == CONTENT


def test_a_beginning_that_is_already_whole_is_taken(fetch, server):
    fetch.part.parent.mkdir()
    fetch.part.write_bytes(CONTENT)
    assert fetch("good").read_bytes() == CONTENT
    assert server.seen == [("good", f"bytes={len(CONTENT)}-")]


def test_a_server_that_continues_at_another_place_is_refused(fetch):
    fetch.part.parent.mkdir()
    fetch.part.write_bytes(CONTENT[:5000])
    with pytest.raises(DownloadError, match="another place"):
        fetch("wrong-place")
    assert not fetch.target.exists()


def test_a_refused_redirect_does_not_lose_what_arrived(fetch):
    fetch.part.parent.mkdir()
    fetch.part.write_bytes(CONTENT[:5000])
    assert fetch("to-http", "good").read_bytes() == CONTENT


def test_mirrors_are_tried_in_turn_and_all_failures_are_told(fetch):
    assert fetch("404", "garbage", "good").read_bytes() == CONTENT
    fetch.target.unlink()
    with pytest.raises(DownloadError, match=r"(?s)404.*500.*checksum"):
        fetch("404", "500", "garbage")


@pytest.mark.parametrize("url", ["http://example.com/file", "ftp://x/file", "file:///etc/passwd"])
def test_only_https_is_used(tmp_path, url):
    with pytest.raises(DownloadError, match="only https"):
        download([url], tmp_path / "file", check=lambda path: None, max_bytes=10)


def test_a_dead_server_is_told(tmp_path, server):
    with pytest.raises(DownloadError, match="refused"):
        download(["http://127.0.0.1:9/f"], tmp_path / "f", check=lambda p: None, max_bytes=10)


def test_a_file_that_is_there_is_not_fetched(fetch, server):
    fetch.target.parent.mkdir()
    fetch.target.write_bytes(b"mine")
    assert fetch("good").read_bytes() == b"mine"
    assert server.seen == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match="cannot make the folder"):
        download(["https://x/f"], tmp_path / "file/sub/f", check=lambda p: None, max_bytes=10)


def test_two_at_once_fetch_one_file(fetch, server):
    done = []
    threads = [threading.Thread(target=lambda: done.append(fetch("good"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4 and fetch.target.read_bytes() == CONTENT
    assert len(server.seen) == 1


def test_the_bar_is_silent_without_a_terminal_and_shown_on_request(fetch, capfd):
    fetch("good")
    assert capfd.readouterr() == ("", "")
    fetch.target.unlink()
    fetch("good", progress=True)
    out, err = capfd.readouterr()
    assert out == "" and "file" in err
