"""Rows of scores: for programs as they are, for people as an aligned table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.golden.datasets import LANGUAGES, is_own
from tests.golden.measures import BoundaryScore, LanguageScore
from tests.golden.speed import Speed

Cell = str | int | float | None
Row = dict[str, Cell]

_DECIMALS = 2
_N_ANSWERS = 4


def boundary_row(name: str, score: BoundaryScore) -> Row:
    """Return one row of the table of segmentation; shares are in percent."""
    return {
        "set": name,
        "paragraphs": score.n_paragraphs,
        "precision": round(score.precision, _DECIMALS),
        "recall": round(score.recall, _DECIMALS),
        "f1": round(score.f1, _DECIMALS),
        "perfect": round(score.perfect, _DECIMALS),
        "mb_per_s": round(score.mb_per_s, _DECIMALS),
    }


def pool_scores(scores: Mapping[str, BoundaryScore]) -> dict[str, BoundaryScore]:
    """Return the sum over the development sets of each language; own sets and the typed colon stand by themselves."""
    pools: dict[str, BoundaryScore] = {}
    for name, score in scores.items():
        for pool in _pools_of(name):
            pools[pool] = pools.get(pool, BoundaryScore()) + score
    return pools


def _pools_of(name: str) -> Iterator[str]:
    if is_own(name):
        return
    language = name.partition("_")[0]
    yield f"{language} with colon" if "colon" in name else language
    if language == "ru" and "taiga" not in name:
        yield "ru without taiga"


def language_row(name: str, score: LanguageScore) -> Row:
    """Return one row of the table of languages: percent right of those served, percent of others taken for them."""
    right = {language: _rounded(score.right(language)) for language in LANGUAGES}
    speed = round(score.texts_per_s)
    return {"set": name, "texts": score.n_texts, **right, "taken": _rounded(score.taken), "texts_per_s": speed}


def gold_rows(name: str, score: LanguageScore) -> Iterator[Row]:
    """Yield a row for each gold language of a set, with the answers given most."""
    for language in dict.fromkeys(gold for gold, _ in score.answers):
        part = score.of_gold(language)
        answers: Counter[str] = Counter()
        for (_, answer), n in part.answers.items():
            answers[answer] += n
        yield {
            "set": name,
            "language": language,
            "texts": part.n_texts,
            "right": _rounded(part.strict),
            "taken": _rounded(part.taken),
            "answers": " ".join(f"{answer}:{n}" for answer, n in answers.most_common(_N_ANSWERS)),
        }


def speed_row(language: str, speed: Speed) -> Row:
    """Return one row of the table of speed, in MB of UTF-8 a second."""
    return {
        "language": language,
        "articles": speed.n_articles,
        "kilobytes": round(speed.n_bytes / 1e3),
        "detect": round(speed.detect, _DECIMALS),
        "segment": round(speed.segment, _DECIMALS),
        "both": round(speed.both, _DECIMALS),
    }


def format_table(title: str, rows: Sequence[Row]) -> str:
    """Return rows of the same columns as lines under a title: words to the left, numbers to the right."""
    header = list(rows[0])
    cells = [header, *([_format_cell(cell) for cell in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    is_text = [isinstance(cell, str) for cell in rows[0].values()]
    return "\n".join([title, *(_format_line(line, widths, is_text) for line in cells), "", ""])


def _format_line(cells: Iterable[str], widths: Sequence[int], is_text: Sequence[bool]) -> str:
    columns = zip(cells, widths, is_text, strict=True)
    return "  ".join(cell.ljust(width) if left else cell.rjust(width) for cell, width, left in columns).rstrip()


def _format_cell(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:.{_DECIMALS}f}" if isinstance(cell, float) else str(cell)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, _DECIMALS)
