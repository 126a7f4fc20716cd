"""What tokens say, read without a check: the registry decides what they are good for."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from purge_core.checkup.sights import Who


def claims_of(token: str) -> Mapping[str, Any]:
    """Read what a token says, unverified. Empty when it is no JWT."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, LookupError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def who_of(claims: Mapping[str, Any]) -> Who:
    """Say who signed in, by the claims of a directory's token."""
    names = (claims.get(name) for name in ("upn", "unique_name", "appid", "azp"))
    name = next((name for name in names if isinstance(name, str)), None)
    object_id = claims.get("oid")
    kind = claims.get("idtyp")
    is_user = kind == "user" if isinstance(kind, str) else ("upn" in claims if claims else None)
    return Who(name, object_id if isinstance(object_id, str) else None, is_user)


def granted_by(token: str, kind: str | None = None) -> dict[str, frozenset[str]]:
    """Give the actions that an access token names, by repository (or ``catalog``).

    ``kind``: only those of ``repository`` or of ``registry``.
    """
    return dict(_grants(claims_of(token).get("access"), kind))


def _grants(access: object, kind: str | None) -> Iterator[tuple[str, frozenset[str]]]:
    for entry in access if isinstance(access, list) else ():
        if not isinstance(entry, Mapping):
            continue
        values = {str(key).lower(): value for key, value in entry.items()}
        actions = values.get("actions")
        if isinstance(actions, list) and kind in (None, values.get("type")):
            yield str(values.get("name")), frozenset(map(str, actions))
