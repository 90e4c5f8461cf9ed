"""What `languages.toml` says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.packaged import read_toml
from pipeline.text import SCRIPT_OF_LANGUAGE

UNDETERMINED = "und"
"""ISO 639-2 code of a text without letters, or in no language that can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Languages by script (ISO 15924; `Zzzz` for all scripts but Latin, Cyrillic and Armenian), and their marks.

    `profiles` are langdetect's names; `alphabets` hold the letters in which Cyrillic languages differ; `words` gives
    the languages of each function word.
    """

    languages: dict[str, tuple[str, ...]]
    profiles: dict[str, tuple[str, ...]]
    alphabets: dict[str, str]
    words: dict[str, tuple[str, ...]]
    russian_letters: dict[str, float]
    endings: dict[str, tuple[str, ...]]
    kin: dict[str, tuple[str, ...]]
    armenian: dict[str, tuple[list[str], list[str]]]
    latin_letters: dict[str, dict[str, str]]


@cache
def load_knowledge() -> Knowledge:
    """Return the knowledge, read once."""
    data = read_toml("pipeline.langid", "languages.toml")
    words: dict[str, tuple[str, ...]] = {}
    for language, text in data["function_words"].items():
        for word in text.split():
            words[word] = (*words.get(word, ()), language)
    return Knowledge(
        languages={script: tuple(text.split()) for script, text in data["languages"].items()},
        profiles={script: tuple(text.split()) for script, text in data["profiles"].items()},
        alphabets=data["alphabets"],
        words=words,
        russian_letters=data["russian_letters"],
        endings={language: tuple(text.split()) for language, text in data["endings"].items()},
        kin={language: tuple(text.split()) for language, text in data["kin"].items()},
        armenian={variety: (marks["words"].split(), marks["pieces"]) for variety, marks in data["armenian"].items()},
        latin_letters=data["latin_letters"],
    )


def script_of(language: str) -> str:
    """Return the script of a language, an ISO 15924 code; `Zzzz` for all but Latin, Cyrillic and Armenian."""
    return _scripts().get(language, "Zzzz")


@cache
def _scripts() -> dict[str, str]:
    languages = load_knowledge().languages
    return {language: script for script in languages for language in languages[script]} | SCRIPT_OF_LANGUAGE
