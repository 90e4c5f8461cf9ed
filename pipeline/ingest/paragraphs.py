"""From running text to paragraphs: blank lines, headline, captions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.text import ends_sentence
from pipeline.types import Paragraph

MAX_CAPTION_LENGTH = 100
"""Code points; a longer line without a sentence-final mark is body text that lost its mark."""

_RARE_LINE_ENDS = ("\r", "\x85", "\u2028", "\u2029")
_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n\s*\n")


def unify_line_ends(text: str) -> str:
    r"""Return `text` with `\n` for every kind of line end; a look for the rare ones is much quicker than the regex."""
    if any(mark in text for mark in _RARE_LINE_ENDS):
        return _LINE_END.sub("\n", text)
    return text


def split_at_blank_lines(text: str) -> list[str]:
    r"""Return the paragraphs of `text` without blanks around them; no paragraph is empty. Line ends are `\n`."""
    return _stripped(_BLANK_LINES.split(text))


def split_at_blank_lines_or_lines(text: str) -> list[str]:
    """Return the paragraphs of `text`; where it has no blank line at all, each line is one."""
    text = unify_line_ends(text).strip()
    return split_at_blank_lines(text) if _BLANK_LINES.search(text) else _stripped(text.split("\n"))


def with_kinds(headline: str | None, blocks: Sequence[str]) -> tuple[Paragraph, ...]:
    """Return the paragraphs of an article, the headline first.

    A caption stands between two paragraphs, of which the headline may be one.
    """
    paragraphs = [] if headline is None else [Paragraph(text=headline, kind="headline")]
    last = len(blocks) - 1
    for index, block in enumerate(blocks):
        is_between = bool(paragraphs) and index < last
        paragraphs.append(Paragraph(text=block, kind="caption" if is_between and is_caption(block) else "body"))
    return tuple(paragraphs)


def is_caption(block: str) -> bool:
    """Return whether a paragraph is one short line without a sentence-final mark."""
    return len(block) <= MAX_CAPTION_LENGTH and "\n" not in block and not ends_sentence(block)


def _stripped(blocks: Sequence[str]) -> list[str]:
    return [stripped for block in blocks if (stripped := block.strip())]
