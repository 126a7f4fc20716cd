"""Values of the core as JSON: written, strictly read, described as JSON Schema.

Everything follows from the declared types, so a new reason or a new field appears in
all three at once. A class with a ``code`` is told apart by it.
"""

from purge_core.wire.codec import Codec, JsonObject, Schemas
from purge_core.wire.composite import codec_of, read_value, write_value

__all__ = [
    "Codec",
    "JsonObject",
    "Schemas",
    "codec_of",
    "read_value",
    "write_value",
]
