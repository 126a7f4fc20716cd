"""Scripts that a document spreads over a list: its entries are the lines of one shell."""

from collections.abc import Mapping
from typing import Final, TypeGuard

_BEFORE: Final = "before_script"
_SCRIPTS: Final = (_BEFORE, "script", "after_script", "commands")


def joined(value: Mapping[object, object]) -> Mapping[object, object]:
    """Give a mapping with each such list as one text; what runs before comes before."""
    texts: dict[object, object] = {}
    for key in _SCRIPTS:
        if _is_script(script := value.get(key)):
            texts[key] = "\n".join(script)
    if _BEFORE in texts and "script" in texts:
        texts["script"] = f"{texts[_BEFORE]}\n{texts['script']}"
        texts[_BEFORE] = ""
    return {**value, **texts}


def _is_script(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)
