"""Cuts a Markdown file to what a comment on GitHub may hold, and says so in it.

    python tools/cut_comment.py FILE [CHARACTERS]

GitHub takes 65,536 characters. What is left open by the cut is closed again.
"""

import sys
from pathlib import Path
from typing import Final

MOST: Final = 60_000
_FENCE: Final = "```"


def cut(text: str, most: int = MOST) -> str:
    """Give the text, or as many whole lines of it as ``most`` characters hold, and a word on it."""
    if len(text) <= most:
        return text
    kept = text[: text.rfind("\n", 0, most) + 1]
    if sum(line.startswith(_FENCE) for line in kept.splitlines()) % 2:
        kept += f"{_FENCE}\n"
    kept += "\n</details>\n" * (kept.count("<details>") - kept.count("</details>"))
    word = f"**Cut off here: these are {len(kept):,} of {len(text):,} characters.**"
    return f"{kept}\n{word} The summary of this check holds all of it.\n"


def main() -> None:
    """Cut the file that is named."""
    path = Path(sys.argv[1])
    most = int(sys.argv[2]) if len(sys.argv) > 2 else MOST
    path.write_text(cut(path.read_text(encoding="utf-8"), most), encoding="utf-8")


if __name__ == "__main__":
    main()
