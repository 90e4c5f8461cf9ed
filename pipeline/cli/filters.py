"""`newsmt detect`, `segment` and `translate`: single stages as filters on JSON Lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from pipeline.cli.options import BEAM, DEFAULT_BEAM, DEFAULT_MODELS, DEVICE, GLOSSARY, JOBS, MODELS, PIVOT, RAW
from pipeline.cli.output import say
from pipeline.errors import ExitCode, InputError

if TYPE_CHECKING:
    from pipeline.config import Device
    from pipeline.filters.lines import BatchFunction

_FILE = typer.Argument(metavar="FILE", help="JSON Lines in UTF-8; - for stdin.")


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("detect")(detect)
    app.command("segment")(segment)
    app.command("translate")(translate)


def detect(file: Annotated[str, _FILE] = "-") -> None:
    """Add the language: `lang`, `lang_score` (0 to 1) and `lang_flags` to {"text": …}.

    `und` stands where there is no telling. Flags are western-armenian, and latin-letters for Russian or Armenian that
    is typed in Latin letters.

    One line comes out for each line read, other fields stay; a bad line becomes {"error": …, "line": n}, exit code 3.
    """
    from pipeline.filters.lines import one_by_one
    from pipeline.filters.reading import detect_record

    _answer(file, one_by_one(detect_record))


def segment(
    file: Annotated[str, _FILE] = "-",
    text: Annotated[str | None, typer.Option(help="Segment this text instead, and show it to people.")] = None,
    language: Annotated[
        str | None, typer.Option("--lang", metavar="LANG", help="Language of --text; detected where not given.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also say which rule decided at each mark: `decisions`, or a table.")
    ] = False,
) -> None:
    """Cut into sentences: `segments`, [[start, end, lang], …] in code points, to {"text": …, "lang": …}.

    The language is detected where it is not given. One line comes out for each line read, other fields stay; a bad
    line becomes {"error": …, "line": n}, exit code 3.

    Example: newsmt segment --explain --text "Dr. Hart left at 6 p.m. Mrs. Lowe stayed."
    """
    from pipeline.cli.explanation import show_segments
    from pipeline.filters.lines import one_by_one
    from pipeline.filters.reading import explain_record, segment_record

    if text is not None:
        show_segments(explain_record({"text": text, "lang": language}), with_decisions=explain)
        return
    _answer(file, one_by_one(explain_record if explain else segment_record))


def translate(
    file: Annotated[str, _FILE] = "-",
    source: Annotated[
        str | None, typer.Option("--from", metavar="LANG", help="Language of records without source_lang or lang.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="LANG", help="Target language of records without target_lang.")
    ] = None,
    models: Annotated[str, MODELS] = DEFAULT_MODELS,
    pivot: Annotated[str | None, PIVOT] = None,
    beam: Annotated[int, BEAM] = DEFAULT_BEAM,
    jobs: Annotated[int, JOBS] = 0,
    device: Annotated[str, DEVICE] = "cpu",
    glossary: Annotated[Path | None, GLOSSARY] = None,
    raw: Annotated[bool, RAW] = False,
) -> None:
    """Translate: `translation, score, quality, flags, edits, retry, models` to {"text", "source_lang", "target_lang"}.

    One line comes out for each line read, other fields stay; a bad line becomes {"error": …, "line": n}, exit code 3.

    Example: newsmt detect news.jsonl | newsmt translate --to ru --models demo
    """
    from pipeline.config import DecodingSettings, RouteRules
    from pipeline.editing.editor import Editor
    from pipeline.editing.glossary_file import read_glossary
    from pipeline.filters.translation import TranslateFilter, open_translator
    from pipeline.types import parse_language

    settings = DecodingSettings(beam=beam, jobs=jobs, device=cast("Device", device)).checked()
    languages = {"source": source and parse_language(source), "target": target and parse_language(target)}
    rules = RouteRules(pivot=pivot and parse_language(pivot))
    editor = Editor(glossary=read_glossary(glossary) if glossary else None, is_raw=raw)
    _answer(file, TranslateFilter(open_translator(models, settings, rules, is_raw=raw), editor, **languages))


def _answer(file: str, function: BatchFunction) -> None:
    from pipeline.filters.lines import answer_lines

    n_bad = 0
    with _opened(file) as stream:
        for batch in answer_lines(stream, function):
            # Bytes, so that the locale has no say in them; a batch at once, so that a pipe moves.
            sys.stdout.buffer.write(batch.content)
            sys.stdout.buffer.flush()
            n_bad += batch.n_bad
    if n_bad:
        say(f"newsmt: {n_bad:,} lines could not be processed; an error stands in the place of each")
        raise typer.Exit(ExitCode.LEFT_OVER)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 - closed below; what fails while it is read is no InputError
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error
    with stream:
        yield stream
