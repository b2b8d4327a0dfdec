"""Real object stores behind the stand-in: presigned links as SeaweedFS and rclone judge them."""

import contextlib
import datetime
import hashlib
import hmac
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest

from evidencekit.core.jobs import ExportRequest
from evidencekit.edges.pull import pull
from evidencekit.standin import StandIn

KEY, SECRET, TOKEN = "ekaccess", "eksecretkey", "canary-7f3a9c-token"
REQUEST = ExportRequest(format="json", window="24h")


def program(name):
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"SKIPPED: {name} is not installed (dependency group: storage)")
    return found


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def presigned(base, bucket, key, *, method="GET", seconds=60, secret=SECRET):
    """Return a link that AWS signature version 4 signs in its query."""
    now = datetime.datetime.now(datetime.UTC)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    scope = f"{day}/us-east-1/s3/aws4_request"
    host = base.partition("://")[2]
    path = quote(f"/{bucket}/{key}" if key else f"/{bucket}")
    query = "&".join(
        f"{name}={quote(value, safe='')}"
        for name, value in {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{KEY}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }.items()
    )
    canonical = "\n".join([method, path, query, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signing = f"AWS4{secret}".encode()
    for part in (day, "us-east-1", "s3", "aws4_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    signature = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    return f"{base}{path}?{query}&X-Amz-Signature={signature}"


def ask(url, method="GET", data=None):
    kind = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(url, data=data, method=method, headers=kind)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def wait_for(base, process):
    deadline = time.monotonic() + 30
    while ask(presigned(base, "exports", "", method="PUT"), "PUT", b"") not in {200, 409}:
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail("the object store did not start")
        time.sleep(0.1)


@pytest.fixture(scope="module", params=["rclone", "seaweedfs"])
def store(request, tmp_path_factory):
    """Start one real store on loopback; return its base URL."""
    folder = tmp_path_factory.mktemp(request.param)
    port = free_port()
    if request.param == "rclone":
        command = [
            program("rclone"), "serve", "s3", "--auth-key", f"{KEY},{SECRET}", "--addr",
            f"127.0.0.1:{port}", "--vfs-cache-mode", "writes", str(folder / "data"),
            "--config", str(folder / "rclone.conf"), "--cache-dir", str(folder / "cache"),
        ]  # fmt: skip
        (folder / "data").mkdir()
        (folder / "rclone.conf").touch()
    else:
        identity = {
            "name": "t",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        ports = [f"-{name}={free_port()}" for name in
                 ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc",
                  "filer.port", "filer.port.grpc", "s3.port.grpc")]  # fmt: skip
        command = [
            program("weed"), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            "-master.volumeSizeLimitMB=64", "-volume.max=100", "-master.telemetry=false", "-s3",
            f"-s3.port={port}", f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0", *ports,
        ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(base, process)
        yield base
    finally:
        process.kill()  # SIGTERM takes SeaweedFS more than 15 seconds
        process.wait()


def name_of(store):
    """Ask the store who it is."""
    with urllib.request.urlopen(presigned(store, "exports", ""), timeout=10) as answer:  # noqa: S310
        return "seaweedfs" if "SeaweedFS" in answer.headers.get("Server", "") else "rclone"


class Behind:
    """Puts the real store behind the stand-in: uploads what a job made, redirects to a link."""

    def __init__(self, store, *, seconds=60, secret=SECRET, size=None, first_link=None):
        self.store, self.seconds, self.secret, self.size = store, seconds, secret, size
        self.first_link = first_link
        self.links = 0
        self.file = b""

    def __call__(self, exchange):
        if exchange.server_name != "api" or not exchange.path.endswith("/download"):
            return False
        (job,) = exchange.server.standin.jobs.values()
        self.file = job.file if self.size is None else (job.file * self.size)
        key = f"{id(self)}/{job.name}"
        if not self.links:
            put = presigned(self.store, "exports", key, method="PUT")
            assert ask(put, "PUT", self.file) == 200
        self.links += 1
        link = presigned(self.store, "exports", key, seconds=self.seconds, secret=self.secret)
        if self.first_link and self.links == 1:
            link = self.first_link(self, key)
        exchange.send(302, b"", "text/html", Location=link)
        return True


def standin(behind):
    return StandIn(token=TOKEN, polls=0, fault=behind)


def test_an_export_comes_out_of_a_real_store_as_it_went_in(tmp_path, store, connect):
    behind = Behind(store)
    with standin(behind) as server:
        pulled = pull(connect(server.url), REQUEST, tmp_path / "e.json")
    assert (tmp_path / "e.json").read_bytes() == behind.file
    assert pulled.query.served_by.startswith(f"{store}/exports/")
    assert "Signature" not in pulled.receipt.to_bytes().decode()


def test_a_link_that_a_real_store_refuses_is_asked_for_anew(tmp_path, store, connect):
    """NET-28: the first link is signed with another secret, the second is right."""

    def wrong(behind, key):
        return presigned(behind.store, "exports", key, secret=SECRET[::-1])

    behind = Behind(store, first_link=wrong)
    with standin(behind) as server:
        pull(connect(server.url), REQUEST, tmp_path / "e.json")
    assert behind.links == 2
    assert (tmp_path / "e.json").read_bytes() == behind.file


def test_a_broken_download_goes_on_where_it_was(tmp_path, store, connect):
    """A relay cuts the first answer; the rest is asked of the real store, by Range and If-Range."""
    with Relay(store, cut=200_000) as relay:

        def through(behind, key):
            return presigned(behind.store, "exports", key).replace(store, relay.url)

        behind = Behind(store, size=4, first_link=through)
        with standin(behind) as server:
            pulled = pull(connect(server.url), REQUEST, tmp_path / "e.json")
    assert (tmp_path / "e.json").read_bytes() == behind.file
    assert pulled.sha256 == hashlib.sha256(behind.file).hexdigest()
    # rclone answers a Range with the part and status 200, which would be all: so from the start.
    how = {"seaweedfs": (206, 2), "rclone": (200, 3)}[name_of(store)]
    assert (pulled.query.response.status, behind.links) == how


class Relay:
    """Passes one request on to the store, Host as it was signed, and cuts the answer."""

    def __init__(self, store, cut):
        self.store, self.cut = store, cut
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._socket.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            connection, _ = self._socket.accept()
            with connection:
                self._pass_on(connection, connection.recv(65_536))

    def _pass_on(self, connection, request):
        host, _, port = self.store.removeprefix("http://").partition(":")
        ours = self.url.removeprefix("http://").encode()
        with socket.create_connection((host, int(port))) as upstream:
            upstream.sendall(request.replace(ours, f"{host}:{port}".encode()))
            left = self.cut
            while left and (block := upstream.recv(min(65_536, left))):
                connection.sendall(block)
                left -= len(block)
