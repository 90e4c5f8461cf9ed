"""`newsmt eval`: models on a test set, or the units of a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from pipeline.cli.evaluation_tables import (
    corpus_flags_listing,
    corpus_listing,
    model_flags_listing,
    models_listing,
    retry_lines,
    signature_lines,
    worst_lines,
)
from pipeline.cli.options import (
    BEAM,
    DEFAULT_BEAM,
    DEFAULT_MODELS,
    DEVICE,
    GLOSSARY,
    JOBS,
    JSON,
    MODELS,
    RAW,
)
from pipeline.cli.output import print_json, say
from pipeline.cli.tables import show
from pipeline.errors import ExitCode, UsageError
from pipeline.places import on_disk

if TYPE_CHECKING:
    from pipeline.config import DecodingSettings, Device
    from pipeline.evaluation.corpus import CorpusEvaluation
    from pipeline.evaluation.lines import ParallelLines
    from pipeline.evaluation.scores import ScoreSettings, Tokenizer
    from pipeline.evaluation.translation import ModelEvaluation
    from pipeline.models.routes import Route
    from pipeline.types import LanguagePair


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("eval")(evaluate)


def evaluate(
    out: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", parser=on_disk, help="The output folder of `newsmt run`; else give --source."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="FILE", help="Texts to translate: UTF-8, one a line, or .jsonl; also .gz."),
    ] = None,
    reference: Annotated[
        Path | None, typer.Option("--reference", metavar="FILE", help="Their human translations, line by line.")
    ] = None,
    pair: Annotated[
        str | None, typer.Option("--pair", metavar="PAIR", help="As in en-ru; with OUT: only this one.")
    ] = None,
    models: Annotated[str | None, MODELS] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="LABEL", help="Only this package: label, family or folder; several times."),
    ] = None,
    pivot: Annotated[
        str | None, typer.Option("--pivot", metavar="LANG", help="Also measure the way over this language.")
    ] = None,
    beam: Annotated[int | None, BEAM] = None,
    jobs: Annotated[int | None, JOBS] = None,
    device: Annotated[str | None, DEVICE] = None,
    glossary: Annotated[Path | None, GLOSSARY] = None,
    raw: Annotated[bool | None, RAW] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Take the first N lines only.")
    ] = None,
    bootstrap: Annotated[
        int | None,
        typer.Option("--bootstrap", metavar="N", help="Tell 95 % intervals too, from N resamples (usual: 1000)."),
    ] = None,
    tokenize: Annotated[
        str | None,
        typer.Option("--tokenize", metavar="NAME", help="How BLEU cuts words: 13a, intl or char.  [default: 13a]"),
    ] = None,
    hypotheses: Annotated[
        Path | None, typer.Option("--output-hypotheses", metavar="DIR", help="Write the translations of each model.")
    ] = None,
    worst: Annotated[
        int | None, typer.Option("--worst", metavar="N", min=1, help="With OUT: show N units of lowest quality.")
    ] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Compare the models of a pair on a test set, or look at the quality of a corpus.

    With --source, each installed model translates the file: BLEU and chrF against --reference (needs the extra `eval`),
    flags, scores, speed. With OUT, the same of its units, without references.

    Examples: newsmt eval --source news.en --reference news.ru --pair en-ru; newsmt eval corpus --worst 20
    """
    from pipeline.types import parse_language, parse_pair

    of_files = {
        "--reference": reference,
        "--models": models,
        "--model": model,
        "--pivot": pivot,
        "--beam": beam,
        "--jobs": jobs,
        "--device": device,
        "--glossary": glossary,
        "--raw": raw,
        "--limit": limit,
        "--bootstrap": bootstrap,
        "--tokenize": tokenize,
        "--output-hypotheses": hypotheses,
    }
    _check_use(out, source, of_files, {"--worst": worst})
    wanted = parse_pair(pair) if pair else None
    if out is not None:
        _evaluate_corpus(out, wanted, worst or 0, as_json=as_json)
        return
    if source is None or wanted is None:
        raise UsageError("name the pair of the files, for example --pair en-ru")
    comparison = _Comparison(
        source=source,
        reference=reference,
        pair=wanted,
        models=models or DEFAULT_MODELS,
        wanted=tuple(model or ()),
        pivot=parse_language(pivot) if pivot else None,
        limit=limit,
        hypotheses=hypotheses,
        glossary=glossary,
        is_raw=bool(raw),
        decoding=_decoding(beam, jobs, device),
        scoring=_scoring(bootstrap, tokenize, has_reference=reference is not None),
    )
    _compare(comparison, as_json=as_json)


def _check_use(
    out: Path | None, source: Path | None, of_files: Mapping[str, Any], of_corpus: Mapping[str, Any]
) -> None:
    """Refuse options of the other one of both uses.

    Raises:
        UsageError: there are such options, or it is not clear which use is meant.
    """
    if (out is None) == (source is None):
        raise UsageError("name either an output folder, or a file to translate with --source")
    others, use = (of_corpus, "--source") if out is None else (of_files, "an output folder")
    if strangers := [name for name, value in others.items() if value not in (None, [])]:
        needed = "an output folder" if out is None else "--source"
        raise UsageError(f"{', '.join(strangers)}: not with {use}, only with {needed}")


def _decoding(beam: int | None, jobs: int | None, device: str | None) -> DecodingSettings:
    from pipeline.config import DecodingSettings

    # 0 is a beam that cannot be, and must be told as such.
    beam = DEFAULT_BEAM if beam is None else beam
    return DecodingSettings(beam=beam, jobs=jobs or 0, device=cast("Device", device or "cpu")).checked()


def _scoring(bootstrap: int | None, tokenize: str | None, *, has_reference: bool) -> ScoreSettings:
    from pipeline.evaluation.extra import require_extra
    from pipeline.evaluation.scores import ScoreSettings

    if has_reference:
        require_extra()
    elif bootstrap is not None or tokenize is not None:
        raise UsageError("--bootstrap and --tokenize belong to scores, which need a --reference")
    return ScoreSettings(tokenize=cast("Tokenizer", tokenize or "13a"), n_resamples=bootstrap).checked()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """What is to be compared, and how."""

    source: Path
    reference: Path | None
    pair: LanguagePair
    models: str
    wanted: Sequence[str]
    pivot: str | None
    limit: int | None
    hypotheses: Path | None
    glossary: Path | None
    is_raw: bool
    decoding: DecodingSettings
    scoring: ScoreSettings


def _compare(comparison: _Comparison, *, as_json: bool) -> None:
    from pipeline.evaluation.lines import read_parallel
    from pipeline.evaluation.routes import routes_of
    from pipeline.models.registry import open_model_set

    lines = read_parallel(comparison.source, comparison.reference, limit=comparison.limit)
    comparison.scoring.check_lines(len(lines.source))
    found = open_model_set(comparison.models)
    for message in found.damaged:
        say(f"newsmt: warning: {message}")
    routes = routes_of(found, comparison.pair, pivot=comparison.pivot, wanted=comparison.wanted)
    done = list(_evaluations(comparison, lines, routes))
    if as_json:
        head = {"pair": str(comparison.pair), "n_lines": len(lines.source), "n_blank": lines.n_blank}
        print_json({**head, "models": [one.to_json() for one in done]})
        return
    show(models_listing(done))
    show("")
    show(model_flags_listing(done))
    for line in signature_lines(done):
        show(line)


def _evaluations(comparison: _Comparison, lines: ParallelLines, routes: Sequence[Route]) -> Iterator[ModelEvaluation]:
    from pipeline.editing.editor import Editor
    from pipeline.editing.glossary_file import read_glossary
    from pipeline.evaluation.hypotheses import prepare_hypotheses, write_hypotheses
    from pipeline.evaluation.translation import evaluate_route

    terms = read_glossary(comparison.glossary) if comparison.glossary else None
    editor = Editor(glossary=terms, is_raw=comparison.is_raw)
    if comparison.hypotheses:
        prepare_hypotheses(comparison.hypotheses)
    for number, route in enumerate(routes, 1):
        say(f"{'+'.join(route.labels)}: {len(lines.source):,} lines, model {number} of {len(routes)}")
        done = evaluate_route(
            route,
            comparison.pair,
            lines,
            decoding=comparison.decoding,
            scoring=comparison.scoring,
            editor=editor,
        )
        if comparison.hypotheses:
            say(f"  {write_hypotheses(comparison.hypotheses, done, target=comparison.pair.target)}")
        yield done


def _evaluate_corpus(out: Path, pair: LanguagePair | None, n_worst: int, *, as_json: bool) -> None:
    from pipeline.evaluation.corpus import evaluate_corpus

    found = evaluate_corpus(out, pair=pair, n_worst=n_worst)
    if as_json:
        print_json(found.to_json())
    else:
        _show_corpus(found)
    if found.damaged:
        raise typer.Exit(ExitCode.LEFT_OVER)


def _show_corpus(found: CorpusEvaluation) -> None:
    if not found.pairs:
        show("no units here yet")
        return
    show(corpus_listing(found))
    show("")
    show(corpus_flags_listing(found))
    for line in retry_lines(found):
        show(line)
    for line in worst_lines(found.worst):
        show(line)
