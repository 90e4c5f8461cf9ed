"""The command `python -m tests.golden.score`: how good and how fast language detection and segmentation are."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.langid import detect_language
from pipeline.sentences import split_sentences
from tests.golden.datasets import (
    DEFAULT_DATA,
    LANGUAGES,
    DataError,
    choose_sets,
    language_sets,
    read_language_set,
    read_news,
    read_segment_set,
    segment_sets,
)
from tests.golden.measures import BoundaryScore, LanguageScore, Mistake, score_languages, score_segments
from tests.golden.speed import measure_speed
from tests.golden.tables import Row, boundary_row, format_table, gold_rows, language_row, pool_scores, speed_row

DESCRIPTION = """\
Score the project's own functions on the development data beside the repository and on its own gold sets.

tasks:
  segment   boundaries inside paragraphs: precision, recall, F1, paragraphs without a mistake (all in percent), and
            MB of UTF-8 a second of processor time; a row per set, then one per language over its development sets
  language  percent right of texts in en, ru and hy (hyw counts as hy), and percent of texts in other languages that
            are taken for one of these; texts a second. headline-caps is headline in upper case, short is word-pair
            and single-word together; in own, Russian and Armenian in Latin letters should be `und`
  speed     the two stages over the news articles of each language (en, ru, hy): MB of UTF-8 a second of processor
            time, median of five
Without a task, segment and language are scored on all sets."""

EPILOG = """\
examples:
  python -m tests.golden.score
  python -m tests.golden.score segment 'ru_*' --errors mistakes.tsv
  python -m tests.golden.score language headline own --verbose
  python -m tests.golden.score segment '*_own'          needs no development data

A line of the file of mistakes: task, set, what was expected, what was answered, the text; a bar │ shows the boundary.
Exit code 2: data or a set that was asked for is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for; `sets` are shell patterns, none for all."""

    sets: Sequence[str]
    data: Path
    is_verbose: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Tables by title, and the mistakes by set."""

    tables: dict[str, list[Row]]
    mistakes: dict[str, list[Mistake]] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = _make_parser().parse_args(arguments)
    options = Options(sets=given.sets, data=given.data, is_verbose=given.verbose)
    try:
        reports = {task: TASKS[task](options) for task in ([given.task] if given.task else ("segment", "language"))}
    except DataError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if given.errors is not None:
        given.errors.write_text("".join(_mistake_lines(reports)), encoding="utf-8")
    sys.stdout.write(_format_json(reports) if given.json else _format_tables(reports))
    return 0


def score_segment_set(name: str, data: Path = DEFAULT_DATA) -> tuple[BoundaryScore, list[Mistake]]:
    """Return how well `split_sentences` does on one set, and its mistakes."""
    return score_segments(read_segment_set(name, data), split_sentences)


def score_language_set(name: str, data: Path = DEFAULT_DATA) -> tuple[LanguageScore, list[Mistake]]:
    """Return how well `detect_language` does on one set, and its mistakes."""
    return score_languages(read_language_set(name, data), lambda text: detect_language(text)[0])


def score_segment_sets(options: Options) -> Report:
    """Score `split_sentences` on the sets asked for."""
    names = choose_sets(segment_sets(options.data), options.sets, options.data)
    results = {name: score_segment_set(name, options.data) for name in names}
    scores = {name: score for name, (score, _) in results.items()}
    tables = {"segment": [boundary_row(name, score) for name, score in scores.items()]}
    pools = pool_scores(scores)
    if pools:
        tables["segment, pooled"] = [boundary_row(name, score) for name, score in pools.items()]
    return Report(tables=tables, mistakes={name: mistakes for name, (_, mistakes) in results.items()})


def score_language_sets(options: Options) -> Report:
    """Score `detect_language` on the sets asked for."""
    names = choose_sets(language_sets(options.data), options.sets, options.data)
    results = {name: score_language_set(name, options.data) for name in names}
    scores = {name: score for name, (score, _) in results.items()}
    tables = {"language": [language_row(name, score) for name, score in scores.items()]}
    if options.is_verbose:
        tables["language, by gold"] = [row for name, score in scores.items() for row in gold_rows(name, score)]
    return Report(tables=tables, mistakes={name: mistakes for name, (_, mistakes) in results.items()})


def measure_stages(options: Options) -> Report:
    """Measure the stages on news articles."""
    names = choose_sets(LANGUAGES, options.sets, options.data)
    rows = [speed_row(name, measure_speed(read_news(name, options.data))) for name in names]
    return Report(tables={"speed, MB/s": rows})


TASKS: dict[str, Callable[[Options], Report]] = {
    "segment": score_segment_sets,
    "language": score_language_sets,
    "speed": measure_stages,
}


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.golden.score",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("task", nargs="?", choices=tuple(TASKS))
    parser.add_argument("sets", nargs="*", metavar="SET", help="a set, or a shell pattern for several; default: all")
    parser.add_argument("--errors", type=Path, metavar="FILE", help="write the mistakes to FILE, tab-separated")
    parser.add_argument("--json", action="store_true", help="write one JSON object: a list of rows under each title")
    parser.add_argument("--verbose", action="store_true", help="language: also a row per gold language of each set")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="default: %(default)s")
    return parser


def _mistake_lines(reports: dict[str, Report]) -> list[str]:
    return [
        "\t".join((task, name, mistake.expected, mistake.got, mistake.text.replace("\n", "\\n"))) + "\n"
        for task, report in reports.items()
        for name, mistakes in report.mistakes.items()
        for mistake in mistakes
    ]


def _format_tables(reports: dict[str, Report]) -> str:
    return "".join(format_table(title, rows) for report in reports.values() for title, rows in report.tables.items())


def _format_json(reports: dict[str, Report]) -> str:
    tables = {title: rows for report in reports.values() for title, rows in report.tables.items()}
    return json.dumps(tables, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
