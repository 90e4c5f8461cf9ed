"""Gold data: the development sets in a folder beside the repository, and the project's own sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pipeline.identify import identify
from pipeline.types import Article, IdentifiedArticle, Paragraph

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_DATA = REPOSITORY.parent / "shared" / "data"
"""Where the development sets are; copies of the project live without them."""

LANGUAGES = ("en", "ru", "hy")

_HERE = Path(__file__).parent
_OWN_SENTENCES = _HERE / "sentences"
_OWN_LANGUAGES = _HERE / "languages.tsv"
_OWN = "own"
_LINE_BREAK = " \\n"
"""At the end of a sentence: the next one stands on a line of its own."""

_LANGUAGE_FILES = ("article", "sentence", "headline", "word-pair", "single-word")
_SHORT = ("word-pair", "single-word")

Span = tuple[int, int]


class DataError(Exception):
    """Data that was asked for is not there; the message says what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldParagraph:
    """A paragraph and where its sentences stand in its text."""

    language: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledText:
    """A text and the language it is in, as the gold data says it: `hyw`, `ru-Latn` and `bs` are among them."""

    language: str
    text: str


def segment_sets(data: Path) -> list[str]:
    """Return the names of all sets of gold sentences, the project's own last; each begins with its language."""
    names = sorted(path.stem for path in (data / "segment").glob("*.jsonl"))
    return names + [f"{language}_{_OWN}" for language in LANGUAGES]


def language_sets(data: Path) -> list[str]:
    """Return the names of all sets of texts in known languages, the derived ones and the project's own last."""
    names = [name for name in _LANGUAGE_FILES if (data / "langid" / f"{name}.jsonl").is_file()]
    derived = [name for name, (bases, _) in _DERIVED.items() if set(bases) <= set(names)]
    return [*names, *derived, _OWN]


def choose_sets(names: Sequence[str], patterns: Sequence[str], data: Path) -> list[str]:
    """Return those of `names` that match a shell pattern, all where there are no patterns; no name twice.

    Raises DataError where a pattern matches nothing, and where all are wanted and only the own sets are there.
    """
    if not patterns and all(is_own(name) for name in names):
        raise DataError(f"there is no development data at {data}; give its folder with --data, or name own sets: *own")
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise DataError(f"no set is called {pattern}; with the data at {data} there are: {', '.join(names)}")
    return [name for name in names if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)]


def is_own(name: str) -> bool:
    """Return whether a set is one of the project's own."""
    return name.endswith(_OWN)


def read_segment_set(name: str, data: Path) -> list[GoldParagraph]:
    """Return the paragraphs of a set that `segment_sets` names."""
    if is_own(name):
        language = name.removesuffix(f"_{_OWN}")
        lines = (_OWN_SENTENCES / f"{language}.txt").read_text("utf-8").splitlines()
        return list(parse_sentences(lines, language))
    return [
        join_sentences(sentences, joins, language=document["lang"])
        for document in _read_json_lines(data / "segment" / f"{name}.jsonl")
        for sentences, joins in zip(document["paras"], document["joins"], strict=True)
    ]


def parse_sentences(lines: Sequence[str], language: str) -> Iterator[GoldParagraph]:
    r"""Yield the paragraphs of an own file: a sentence a line, a blank line between paragraphs, `# ` before remarks.

    One blank joins sentences, or a line break where ` \n` ends the line.
    """
    sentences: list[str] = []
    joins: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("# "):
            continue
        if line:
            sentences.append(line.removesuffix(_LINE_BREAK))
            joins.append("\n" if line.endswith(_LINE_BREAK) else " ")
        elif sentences:
            yield join_sentences(sentences, joins[:-1], language=language)
            sentences, joins = [], []


def join_sentences(sentences: Sequence[str], joins: Sequence[str], *, language: str) -> GoldParagraph:
    """Return the paragraph of `sentences` with `joins`, one fewer, between them."""
    text = ""
    spans: list[Span] = []
    for join, sentence in zip(("", *joins), sentences, strict=True):
        start = len(text) + len(join)
        text += join + sentence
        spans.append((start, len(text)))
    return GoldParagraph(language=language, text=text, spans=tuple(spans))


def read_language_set(name: str, data: Path) -> list[LabelledText]:
    """Return the texts of a set that `language_sets` names."""
    if name == _OWN:
        rows = [line.split("\t") for line in _OWN_LANGUAGES.read_text("utf-8").splitlines()]
        return [LabelledText(language=language, text=text) for language, text in rows]
    bases, change = _DERIVED.get(name, ((name,), str))
    return [
        LabelledText(language=row["lang"], text=change(row["text"]))
        for base in bases
        for row in _read_json_lines(data / "langid" / f"{base}.jsonl")
    ]


def read_news(language: str, data: Path) -> list[IdentifiedArticle]:
    """Return the news articles in a language as the pipeline has them after ingest."""
    path = data / "news" / f"{language}.jsonl"
    if not path.is_file():
        raise DataError(f"there are no news articles at {path}; give the folder of the data with --data")
    articles = [_make_article(row) for row in _read_json_lines(path)]
    return [article for article in articles if isinstance(article, IdentifiedArticle)]


def _make_article(row: dict[str, Any]) -> object:
    paragraphs = (Paragraph(text=row["title"], kind="headline"), *(Paragraph(text=text) for text in row["paragraphs"]))
    return identify(Article(source_uri=row["id"], paragraphs=paragraphs))


def _read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


_DERIVED: dict[str, tuple[tuple[str, ...], Callable[[str], str]]] = {
    "headline-caps": (("headline",), str.upper),
    "short": (_SHORT, str),
}
"""Sets made of others: of which, and what is done to each text."""
