"""Stands in for the `acr` binary: takes its documented flags, and purges as plainly as it does.

For the tests of the bench alone. It signs in with user and password on every request, deletes tag
by tag and manifest by manifest, and reads nothing but the lists. `ACR_FAILS` makes it fail.
"""

import argparse
import base64
import http.client
import json
import os
import re
import ssl
import sys
from typing import Any
from urllib.parse import quote

_HELP = "stands in for acr"


class Registry:
    """The registry, one request after the other."""

    def __init__(self, host: str, user: str, password: str) -> None:
        context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
        self._connection = http.client.HTTPSConnection(host, context=context)
        word = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {word}"}

    def send(self, method: str, path: str) -> Any:  # noqa: ANN401 - JSON
        """Send one request; returns the JSON of the answer, if there is any."""
        self._connection.request(method, path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status}")
        return json.loads(body) if body else {}


def main() -> int:
    """Purge."""
    parser = argparse.ArgumentParser(description=_HELP)
    parser.add_argument("command", choices=["purge"])
    for flag in ("-r", "-u", "-p"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--filter", required=True)
    parser.add_argument("--ago", required=True)
    parser.add_argument("--untagged", action="store_true")
    parser.add_argument("--concurrency", type=int, required=True)
    given = parser.parse_args()
    if os.environ.get("ACR_FAILS"):
        return 1
    registry = Registry(given.r, given.u, given.p)
    repositories, _, tags = given.filter.rpartition(":")
    for name in registry.send("GET", "/v2/_catalog?n=100")["repositories"]:
        if re.fullmatch(repositories, name):
            _purge(registry, quote(name, safe=""), name, tags)
    return 0


def _purge(registry: Registry, quoted: str, name: str, pattern: str) -> None:
    listed = registry.send("GET", f"/acr/v1/{quoted}/_tags?n=100&orderby=timedesc")
    for tag in listed["tags"] or ():
        if re.search(pattern, tag["name"]):
            registry.send("DELETE", f"/acr/v1/{quoted}/_tags/{tag['name']}")
    listed = registry.send("GET", f"/acr/v1/{quoted}/_manifests?n=100")
    for manifest in listed["manifests"] or ():
        if not manifest.get("tags"):
            registry.send("DELETE", f"/v2/{name}/manifests/{manifest['digest']}")


if __name__ == "__main__":
    sys.exit(main())
