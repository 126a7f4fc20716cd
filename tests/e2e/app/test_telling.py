"""The app tells of its runs: to a webhook that listens on this machine, and in OpenMetrics."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import jsonschema
import pytest
from azure.data.tables import TableServiceClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from purge_core.notices.document import notice_schema
from tests.e2e.app.world import World, images, running
from tests.host.target import eventually

SECRET = "t0p5ecret"


@dataclass(slots=True)
class Receiver:
    """Takes whatever is sent to it."""

    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hooks/{SECRET}?sig={SECRET}"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen while the context lasts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.taken.append((self.path, body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_port
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def test_a_purge_is_told_of(tmp_path: Path) -> None:
    """One notice, after its end, as the schema says; and nobody else learns the address."""
    with receiving() as receiver, running(tmp_path, {"PURGE_WEBHOOK_URL": receiver.url}) as app:
        app.seed(images("shop/web", 2))
        run = app.purge(mode="purge", wait=60).json()["id"]
        eventually(lambda: receiver.taken or None, "a notice")
        [(path, body)] = receiver.taken
        assert path == f"/hooks/{SECRET}?sig={SECRET}"
        notice = json.loads(body)
        jsonschema.validate(notice, notice_schema())
        assert (notice["id"], notice["events"]) == (f"{run}/done", ["deleted"])
        assert notice["deleted"]["tags"] == 2
        eventually(lambda: "told_at" in stored(app) or None, "the note that it was taken")
        assert SECRET not in stored(app)
    logs = [path for path in tmp_path.rglob("host.*") if path.is_file()]
    assert logs
    assert all(SECRET not in path.read_text() for path in logs)


def stored(app: World) -> str:
    """Return all that the app has written down."""
    with TableServiceClient.from_connection_string(app.target.storage) as service:
        tables = [service.get_table_client(each.name) for each in service.list_tables()]
        return repr([list(table.list_entities()) for table in tables])


@pytest.mark.xdist_group("app")
def test_metrics(app: World) -> None:
    """With a key, in the format and under the type that collectors know."""
    reply = app.get("/api/metrics")
    assert reply.status == 200
    wanted = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert reply.headers["content-type"] == wanted
    found = text_string_to_metric_families(reply.body.decode())  # type: ignore[no-untyped-call]
    held = next(each for each in found if each.name == "acr_purge_held_runs")
    assert [sample.labels for sample in held.samples] == [{"registry": app.registry}]
    assert app.target.call("GET", "/api/metrics", key="wrong").status == 401
