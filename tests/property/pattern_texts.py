"""Strategies for patterns: sound ones, and texts that are nearly patterns."""

from hypothesis import strategies as st

names = st.text("abA1-.", min_size=1, max_size=8)

_atoms = st.sampled_from(
    ["a", "b", "A", "1", "-", r"\.", ".", r"\d", "[ab]", "[^a]", "[[:digit:]]"]
)
_quantifiers = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{0,2}", "*?", "+?"])
_groups = st.sampled_from(["(?:{})", "({})", "(?i:{})", "(?={})", "(?!{})", "(?>{})", "(?<!a{})"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.builds("{}{}".format, inner, inner)
        | st.builds("{}|{}".format, inner, inner)
        | st.builds(str.format, _groups, inner)
    )


_bodies = st.recursive(st.builds("{}{}".format, _atoms, _quantifiers), _larger, max_leaves=5)
sound = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "(?i)"]),
    st.sampled_from(["", "", "^"]),
    _bodies,
    st.sampled_from(["", "", "$"]),
)

_PIECES = r"""
(?: (?i: (?i) (?<! (?= ( ) [ ] [^ [[:alpha:]] : | * + ? {2} { } {e} . ^ $ # a b / - \ \d \.
"""
nearly = st.lists(st.sampled_from(_PIECES.split()), max_size=8).map("".join)
