"""Downloads, against a real HTTPS server on the loopback address."""

import hashlib
import http.server
import io
import ssl
import threading
import zipfile

import pytest
import trustme

from charrnn.errors import CorpusError
from charrnn.text import recipes

TEXT = b"to be, or not to be\n"


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the class's `files`, counting the requests."""

    files: dict[str, bytes]
    requests: list[str]

    def do_GET(self):
        self.requests.append(self.path)
        if self.path not in self.files:
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.files[self.path])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    handler = type("Files", (Handler,), {"files": {}, "requests": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        handler.address = f"https://localhost:{serving.server_port}"
        yield handler
        serving.shutdown()


def recipe_for(address: str, data: bytes, **changes) -> recipes.Recipe:
    return recipes.Recipe(
        name="hamlet",
        title="Hamlet",
        address=address,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        licence="public domain",
        **changes,
    )


def test_a_corpus_is_downloaded_once_and_then_reused(server, tmp_path):
    server.files["/hamlet.txt"] = TEXT
    recipe = recipe_for(f"{server.address}/hamlet.txt", TEXT)
    assert recipes.fetch(recipe, tmp_path / "cache").read_bytes() == TEXT
    assert recipes.fetch(recipe, tmp_path / "cache").read_bytes() == TEXT
    assert server.requests == ["/hamlet.txt"]


def test_a_file_in_the_cache_is_verified_at_each_use(server, tmp_path):
    server.files["/hamlet.txt"] = TEXT
    recipe = recipe_for(f"{server.address}/hamlet.txt", TEXT)
    recipes.fetch(recipe, tmp_path).write_bytes(b"something else")
    with pytest.raises(CorpusError) as caught:
        recipes.fetch(recipe, tmp_path)
    assert "is not the file that the recipe hamlet names" in caught.value.message
    assert caught.value.hint == "delete it; it will be fetched again"


def test_a_cache_that_cannot_be_written_is_one_line(server, tmp_path):
    server.files["/hamlet.txt"] = TEXT
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CorpusError, match="could not be fetched"):
        recipes.fetch(recipe_for(f"{server.address}/hamlet.txt", TEXT), tmp_path / "file" / "x")


def test_a_member_of_an_archive_is_unpacked(server, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside/play", TEXT)
    server.files["/hamlet.zip"] = packed.getvalue()
    recipe = recipe_for(f"{server.address}/hamlet.zip", packed.getvalue(), member="inside/play")
    assert recipes.fetch(recipe, tmp_path).read_bytes() == TEXT


@pytest.mark.parametrize("served", [b"to be, or not to me\n", TEXT[:-1], TEXT + b"more"])
def test_another_file_than_the_recipe_names_is_refused_and_not_kept(server, tmp_path, served):
    server.files["/hamlet.txt"] = served
    recipe = recipe_for(f"{server.address}/hamlet.txt", TEXT)
    with pytest.raises(CorpusError, match="is not the file that the recipe hamlet names"):
        recipes.fetch(recipe, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_missing_file_is_one_line(server, tmp_path):
    recipe = recipe_for(f"{server.address}/gone.txt", TEXT)
    with pytest.raises(CorpusError, match=r"could not be fetched from .*404"):
        recipes.fetch(recipe, tmp_path)


def test_offline_is_one_line_that_says_where_to_put_the_file(tmp_path):
    recipe = recipe_for("https://localhost:1/hamlet.txt", TEXT)  # nothing listens there
    with pytest.raises(CorpusError) as caught:
        recipes.fetch(recipe, tmp_path)
    assert "could not be fetched from https://localhost:1/hamlet.txt" in caught.value.message
    assert str(tmp_path) in caught.value.hint


def test_a_certificate_that_nobody_vouches_for_is_refused(server, tmp_path, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    server.files["/hamlet.txt"] = TEXT
    with pytest.raises(CorpusError, match="certificate"):
        recipes.fetch(recipe_for(f"{server.address}/hamlet.txt", TEXT), tmp_path)


def test_plain_http_is_refused(tmp_path):
    handler = type("Files", (Handler,), {"files": {"/hamlet.txt": TEXT}, "requests": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{serving.server_port}/hamlet.txt"
        with pytest.raises(CorpusError, match="not HTTPS"):
            recipes.fetch(recipe_for(address, TEXT), tmp_path)
        serving.shutdown()


@pytest.mark.parametrize("recipe", recipes.load_all().values(), ids=lambda recipe: recipe.name)
def test_every_shipped_recipe_is_whole(recipe):
    assert recipe.address.startswith("https://")
    assert len(bytes.fromhex(recipe.sha256)) == 32
    assert recipe.size > 0
    assert recipe.licence
