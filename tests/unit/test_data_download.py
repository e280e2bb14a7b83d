"""The downloader against a server that does what bad networks do."""

import hashlib
import http.server
import os
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from pellucid._core.errors import DownloadError
from pellucid.data import transfer
from pellucid.data.download import RemoteFile, cache_folder, fetch

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Paths choose the behaviour; `requests` remembers (path, Range header)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.reached = threading.Event()
        self.release = threading.Event()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def ranges(self, path):
        return [r for p, r in self.requests if p == f"/{path}"]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.requests.append((self.path, asked))
        behaviour = self.path.strip("/")
        content = CONTENT if behaviour != "wrong" else b"x" * len(CONTENT)
        if behaviour == "missing":
            return self.send_error(404)
        if behaviour == "broken":
            return self.send_error(503)
        start = int(re.match(r"bytes=(\d+)-", asked)[1]) if asked else 0
        if behaviour in ("ignores-ranges", "wrong"):
            start = 0
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        self.end_headers()
        if behaviour in ("truncates", "ignores-ranges") and len(self.server.requests) == 1:
            self.wfile.write(content[start : start + 100_000])
            return None
        if behaviour == "always-truncates":
            self.wfile.write(content[start : start + 10])
            return None
        if behaviour == "stalls" and not self.server.release.is_set():
            self.wfile.write(content[start : start + 200_000])
            self.wfile.flush()
            self.server.reached.set()
            self.server.release.wait(30)
            return None
        self.wfile.write(content[start:])
        return None


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def get(server, tmp_path):
    def get(*paths, checksum=SHA):
        file = RemoteFile("data.bin", tuple(map(server.url, paths)), checksum)
        return fetch("tests", [[file]], tmp_path / "cache")[0]

    return get


def test_a_good_file_arrives_once(get, server):
    path = get("good")
    assert path.read_bytes() == CONTENT
    assert get("good") == path
    assert server.ranges("good") == [None]
    assert not path.with_name("data.bin.part").exists()


def test_md5_works_too(get):
    assert get("good", checksum="md5:" + hashlib.md5(CONTENT).hexdigest()).is_file()


def test_a_broken_connection_is_resumed_where_it_ended(get, server):
    assert get("truncates").read_bytes() == CONTENT
    assert server.ranges("truncates") == [None, "bytes=100000-"]


def test_a_server_without_ranges_starts_again(get, server):
    assert get("ignores-ranges").read_bytes() == CONTENT
    assert server.ranges("ignores-ranges") == [None, "bytes=100000-"]


def test_a_mirror_that_keeps_breaking_is_left_for_the_next(get, server):
    assert get("always-truncates", "good").read_bytes() == CONTENT
    assert server.ranges("always-truncates") == [None, "bytes=10-", "bytes=20-"]
    assert server.ranges("good") == ["bytes=30-"]


def test_a_missing_mirror_is_passed_over(get, server):
    assert get("missing", "broken", "good").read_bytes() == CONTENT


def test_wrong_content_is_never_kept(get, server, tmp_path):
    with pytest.raises(DownloadError, match="wrong checksum") as caught:
        get("wrong", "missing")
    assert server.url("wrong") in caught.value.got
    assert "HTTP 404" in caught.value.got
    assert SHA in caught.value.expected
    assert str(tmp_path / "cache") in caught.value.fix
    assert not (tmp_path / "cache" / "data.bin").exists()
    assert get("wrong", "good").read_bytes() == CONTENT


def test_a_resumed_file_with_a_wrong_beginning_is_fetched_anew(get, server, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "data.bin.part").write_bytes(b"x" * 1000)
    assert get("good").read_bytes() == CONTENT
    assert server.ranges("good") == ["bytes=1000-", None]


@pytest.mark.parametrize("extra", [0, 10])
def test_a_part_that_is_whole_or_too_long(get, server, tmp_path, extra):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "data.bin.part").write_bytes(CONTENT + b"x" * extra)
    assert get("good").read_bytes() == CONTENT
    assert server.ranges("good") == [f"bytes={len(CONTENT) + extra}-", *([None] if extra else [])]


def test_a_damaged_cached_file_is_replaced(get, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "data.bin").write_bytes(CONTENT[:-1])
    assert get("good").read_bytes() == CONTENT


def test_a_damaged_cached_file_offline_is_said_and_left(get, tmp_path):
    (tmp_path / "cache").mkdir()
    cached = tmp_path / "cache" / "data.bin"
    cached.write_bytes(CONTENT[:-1])
    with pytest.raises(DownloadError, match="cached file is damaged"):
        get("missing")
    assert cached.read_bytes() == CONTENT[:-1]


def test_no_server_at_all(server, tmp_path):
    file = RemoteFile("a", ("http://127.0.0.1:1/a", "http://no-such-host.invalid/a"), SHA)
    with pytest.raises(DownloadError, match="could not be downloaded") as caught:
        fetch("tests", [[file]], tmp_path / "cache")
    assert "127.0.0.1:1" in caught.value.got
    assert "no-such-host.invalid" in caught.value.got


def test_a_silent_server_times_out(get, monkeypatch):
    monkeypatch.setattr(transfer, "TIMEOUT", 0.2)
    assert get("stalls", "good").read_bytes() == CONTENT


def test_a_second_set_of_files_where_the_first_cannot_be_had(server, tmp_path):
    bad = RemoteFile("one", (server.url("missing"),), SHA)
    good = [RemoteFile(name, (server.url("good"),), SHA) for name in ("two", "three")]
    paths = fetch("tests", [[bad], good], tmp_path)
    assert [path.name for path in paths] == ["two", "three"]
    count = len(server.requests)
    assert fetch("tests", [[bad], good], tmp_path) == paths
    assert len(server.requests) == count


def test_a_folder_that_cannot_be_written(server, tmp_path):
    (tmp_path / "file").write_text("")
    remote = RemoteFile("data.bin", (server.url("good"),), SHA)
    with pytest.raises(DownloadError, match=r"cannot be written(?s:.*)data_dir="):
        fetch("tests", [[remote]], tmp_path / "file" / "cache")


def test_a_full_disk_is_not_blamed_on_the_mirror(get, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DownloadError, match=r"cannot be written(?s:.*)No space left"):
        get("good")


def test_keras_copy_is_used_where_it_is_intact(get, server, tmp_path):
    folder = tmp_path / "home" / ".keras" / "datasets"
    folder.mkdir(parents=True)
    (folder / "data.bin").write_bytes(CONTENT)
    assert get("missing") == folder / "data.bin"
    assert not server.requests
    (folder / "data.bin").write_bytes(b"other")
    with pytest.raises(DownloadError):
        get("missing")


def test_killed_in_the_middle_no_final_file_and_the_rest_is_resumed(get, server, tmp_path):
    program = (
        "import sys; from pathlib import Path\n"
        "from pellucid.data.download import RemoteFile, fetch\n"
        "url, sha, folder = sys.argv[1:]\n"
        "fetch('tests', [[RemoteFile('data.bin', (url,), sha)]], Path(folder))\n"
    )
    folder = tmp_path / "cache"
    arguments = [sys.executable, "-c", program, server.url("stalls"), SHA, str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(arguments, env=environment)
    assert server.reached.wait(60)
    while not (folder / "data.bin.part").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "data.bin").exists()
    kept = (folder / "data.bin.part").stat().st_size
    server.release.set()
    assert get("stalls").read_bytes() == CONTENT
    assert server.ranges("stalls")[-1] == (f"bytes={kept}-" if kept else None)


def test_two_processes_at_once_fetch_it_once(server, tmp_path):
    file = RemoteFile("data.bin", (server.url("good"),), SHA)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(fetch("tests", [[file]], tmp_path)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert server.ranges("good") == [None]
    assert (tmp_path / "data.bin").read_bytes() == CONTENT


def test_the_cache_lies_where_the_system_says(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder("mnist") == tmp_path / "xdg" / "pellucid" / "datasets" / "mnist"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("mnist") == tmp_path / ".cache" / "pellucid" / "datasets" / "mnist"


def test_a_bar_on_a_terminal_only(get, capfd, monkeypatch):
    get("good")
    assert capfd.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes the stream for a terminal
    monkeypatch.setenv("COLUMNS", "100")
    with transfer._progress("data.bin", 0, 100) as advance:
        advance(100)
    assert "downloading data.bin" in capfd.readouterr().err
