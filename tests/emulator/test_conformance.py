"""Likeness to the real registry: its recorded answers, asked of this one.

Each recording's registry is rebuilt here and its request is sent. The answers are compared: status,
the whole JSON text, and every header that means something. The recordings are not part of this
repository.
"""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from acr_emulator import Emulator
from tests.conftest import RECORDINGS
from tests.emulator.http import Answer, Client, basic, bearer, serving
from tests.emulator.recordings import Recording, load, options_for, rebuild

pytestmark = pytest.mark.recordings

MEANINGFUL: Final = (
    "Content-Type",
    "Docker-Content-Digest",
    "Docker-Distribution-Api-Version",
    "ETag",
    "Link",
    "WWW-Authenticate",
    "X-Content-Type-Options",
    "X-Ms-Int-Docker-Content-Digest",
)
LEFT: Final = "X-Ms-Ratelimit-Remaining-Calls-Per-Second"
IDS: Final = sorted(path.stem for path in RECORDINGS.glob("*.json")) or ["none"]

ONE_LONGER: Final = {"17a-tags-page1-link", "17b-tags-last-page-still-has-link"}
"""Recordings in which another name of the registry, one letter longer, was put in afterwards."""


async def replay(client: Client, recording: Recording) -> Answer:
    """The answer to the recorded request."""
    if recording.form is not None:
        return await exchange(client, recording)
    body = None if recording.sent is None else json.dumps(recording.sent).encode()
    headers = {}
    if "insufficient" in recording.id:
        answer = await client.post_form(
            "/oauth2/token", grant_type="password", scope="repository:library/hello-world:delete"
        )
        headers = bearer(answer.json["access_token"])
    elif recording.signed_in or recording.status == 405:
        headers = basic()
    return await client.send(recording.method, recording.path, headers=headers, body=body)


async def exchange(client: Client, recording: Recording) -> Answer:
    """The answer to a recorded form, with a true token in place of the one that was struck out."""
    form = (recording.form or "").replace(
        "refresh_token=refresh_token&", f"refresh_token={await client.refresh_token()}&"
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await client.send(recording.method, recording.path, headers=headers, body=form.encode())


@pytest.mark.parametrize("name", IDS)
async def test_the_recorded_answer_is_given(name: str, recordings: Path) -> None:
    """Status, headers and body are those of the real registry."""
    recording = load(recordings / f"{name}.json")
    emulator = Emulator(rebuild(recording), options_for(recording))
    async with serving(emulator) as client:
        answer = await replay(client, recording)
    assert answer.status == recording.status, answer.body
    if recording.headers:
        shown = {key: value for key in MEANINGFUL if (value := answer.headers.get(key))}
        recorded = {key: value for key in MEANINGFUL if (value := recording.headers.get(key))}
        assert shown == recorded
    check_rate_limit(recording, answer)
    check_body(recording, answer)


def check_rate_limit(recording: Recording, answer: Answer) -> None:
    """What is left is told where the real registry tells it: of deletes and tokens."""
    told = any(name.lower() == LEFT.lower() for name in recording.headers)
    if recording.headers:
        assert (LEFT in answer.headers) == told
    if told:
        assert re.fullmatch(r"\d+\.\d{6}", answer.headers[LEFT])


def check_body(recording: Recording, answer: Answer) -> None:
    """The same text; of tokens, which are secret, the same keys."""
    if recording.form is not None:
        assert answer.json.keys() == recording.body.keys()
        assert all(isinstance(value, str) for value in answer.json.values())
    elif recording.body is None:
        assert answer.body == b""
    elif recording.id.startswith("27"):
        assert json.loads(answer.body) == recording.body
    else:
        assert answer.json == recording.body
        compact = json.dumps(answer.json, separators=(",", ":"), ensure_ascii=False) + "\n"
        assert answer.body.decode() == compact
    length = recording.headers.get("Content-Length")
    if length is not None:
        assert len(answer.body) == int(length) + (recording.id in ONE_LONGER)


def test_all_pairs_are_there(recordings: Path) -> None:
    """None got lost."""
    assert len(list(recordings.glob("*.json"))) >= 35
