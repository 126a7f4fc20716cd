"""The message classes that the runtime is handed, without protobuf.

The runtime builds every answer through a `protos` namespace that its caller injects. These classes
hold fields by keyword as the generated ones do, and refuse a field of the wrong type as they do: an
app whose response carries a header that is a number fails here too. Names and numbers are those of
the Functions RPC protocol.
"""

from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import ClassVar


class Message(SimpleNamespace):
    """A message: fields by keyword; `TYPES` names those whose type is checked."""

    TYPES: ClassVar[Mapping[str, type]] = MappingProxyType({})

    def __init__(self, **fields: object) -> None:
        for name, value in fields.items():
            expected = self.TYPES.get(name)
            if expected is not None and value is not None and not isinstance(value, expected):
                wrong = f"must be {expected.__name__}, not {type(value).__name__}"
                raise TypeError(f"{type(self).__name__}.{name} {wrong}")
        super().__init__(**fields)

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802  the protocol's own name
        """Name the one field that is set, or None."""
        return next((name for name, value in vars(self).items() if value is not None), None)


class TypedData(Message):
    """One value on its way in or out."""

    TYPES: ClassVar[Mapping[str, type]] = MappingProxyType(
        {"string": str, "json": str, "bytes": bytes, "int": int, "double": float}
    )


class RpcHttp(Message):
    """A request (method, url, headers, query, params, body) or a response (status_code, ...)."""

    def __init__(self, **fields: object) -> None:
        for name in ("headers", "query", "params"):
            _check_strings(name, fields.get(name))
        super().__init__(**fields)


class ParameterBinding(Message):
    """A named value."""

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802
        """Name the payload field, or None when there is no value."""
        return "data" if getattr(self, "data", None) is not None else None


class BindingInfo(Message):
    """A binding's type and direction."""

    undefined = 0
    out = 1
    inout = 2


class StatusResult(Message):
    """Whether a request succeeded, and the exception when not."""

    Failure = 0
    Success = 1
    Cancelled = 2


class RpcHttpCookie(Message):
    """A cookie of a response."""

    SameSite = SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})


class WorkerInitResponse(Message):
    """Answer to the request that loads an app."""


class WorkerMetadata(Message):
    """The runtime's own versions."""


class FunctionMetadataResponse(Message):
    """The functions of an app."""


class RpcFunctionMetadata(Message):
    """One function of an app."""


class RpcRetryOptions(Message):
    """A function's retry policy."""


class FunctionLoadResponse(Message):
    """Answer to the request that loads one function."""


class InvocationResponse(Message):
    """What a call came to."""


class RpcException(Message):
    """An exception as texts."""


class NullableString(Message):
    """A text of a cookie."""


class NullableBool(Message):
    """A flag of a cookie."""


class NullableDouble(Message):
    """A number of a cookie."""


class NullableTimestamp(Message):
    """An instant of a cookie."""


class Timestamp(Message):
    """Seconds since 1970."""


def _check_strings(name: str, value: object) -> None:
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        if not isinstance(key, str) or not isinstance(item, str):
            raise TypeError(f"RpcHttp.{name}[{key!r}] must be str, not {type(item).__name__}")
