"""What of a text is read to tell languages apart: the letters of one script, lower case, no links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.text import remove_surrogates

MAX_LETTERS = 800
"""How much of an article is read to tell the languages of one script apart."""

_LEAST_SHARE = 200

_DOT_BEFORE_LETTERS = re.compile(r"\.[A-Za-z]{2}")
_INNER_DOT = re.compile(r"\w\.[A-Za-z]{2}")
_DOMAIN = re.compile(r"\w\.(?:com|org|net|info|edu|gov|am|ru|su|ua|by|kz|ge|uk|de|fr|eu|io|tv|me)\b", re.IGNORECASE)
_LETTERS_OF_NO_LANGUAGE = ("#", "www.")
_LATIN_I_IN_CYRILLIC = re.compile(r"(?<=[\u0430-\u045f])i|i(?=[\u0430-\u045f])")
_OTHER_SCRIPTS = {
    "Cyrl": re.compile(r"[^\W\u0400-\u052f]+"),
    "Latn": re.compile(r"[^\W\x00-\u02af\u1e00-\u1eff]+"),
    "Zzzz": re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u058f]+"),
}


def without_links(text: str) -> str:
    """Return `text` without links, addresses, handles and hashtags, whose letters are in no language."""
    # A pattern that begins with a dot is found fifteen times as quickly as one that begins with any letter.
    has_dot = _DOT_BEFORE_LETTERS.search(text) is not None and _INNER_DOT.search(text) is not None
    if has_dot or "@" in text or "#" in text or "://" in text:
        return " ".join(token for token in text.split() if not _is_link(token))
    return text


def _is_link(token: str) -> bool:
    return (
        "@" in token or "://" in token or token.startswith(_LETTERS_OF_NO_LANGUAGE) or _DOMAIN.search(token) is not None
    )


def take_sample(text: str, script: str, *, limit: int = MAX_LETTERS) -> str:
    """Return at most `limit` characters of what of `text` is in `script`, any but Armenian, in lower case."""
    sample = without_links(remove_surrogates(text[: 4 * limit])).lower()
    if script == "Cyrl" and "i" in sample:
        # Ukrainian and Belarusian are often typed with the Latin letter.
        sample = _LATIN_I_IN_CYRILLIC.sub("і", sample)
    if not (script == "Latn" and sample.isascii()):
        sample = _OTHER_SCRIPTS[script].sub(" ", sample)
    return sample.strip()[:limit]


def take_samples(paragraphs: Sequence[str], script: str) -> Iterator[str]:
    """Yield a sample of each paragraph until `MAX_LETTERS` characters were taken; of long ones only the beginning."""
    left = MAX_LETTERS
    share = max(_LEAST_SHARE, MAX_LETTERS // max(1, len(paragraphs)))
    for paragraph in paragraphs:
        sample = take_sample(paragraph, script, limit=min(left, share))
        yield sample
        left -= len(sample)
        if left <= 0:
            return
