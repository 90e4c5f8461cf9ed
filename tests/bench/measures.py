"""What is measured, in which way, and what it should be."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any, Literal

import pyarrow.dataset as ds

from pipeline.models.registry import BUNDLED_SETS
from tests.bench.argos_shaped import build_argos_shaped
from tests.bench.processes import Process, contestant, interleaved, newsmt, ratio, run
from tests.bench.texts import Record, briefs, describe_news, news, text_bytes, write_jsonl
from tests.tiny_package import TinyPackage

Better = Literal["higher", "lower"]
BATCH_SIZES = (512, 1024, 2048)
"""Among which the limit takes its best."""

N_TARGET_TOKENS = 32
"""About as many as a news sentence has."""

DEMO = BUNDLED_SETS["demo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure.

    `is_ratio` tells that it is the same on any machine, more or less, and so can be compared with what was recorded.
    """

    name: str
    value: float
    unit: str
    better: Better
    target: float | None = None
    is_ratio: bool = False
    remark: str = ""
    seconds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def is_reached(self) -> bool:
        """Whether the target is reached; true where there is none."""
        if self.target is None:
            return True
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def to_json(self) -> dict[str, Any]:
        """Return the measure as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where and how often to measure.

    Args:
        folder: an empty folder for all that is made.
        n_rounds: how often each contestant takes its turn.
        say: hears of what is done.
        is_quick: whether a few articles must do: to try the benches themselves.
    """

    folder: Path
    n_rounds: int
    say: Callable[[str], None]
    is_quick: bool = False

    def some(self, n: int) -> int:
        """Return `n`, or a fiftieth of it where a few must do."""
        return max(4, n // 50) if self.is_quick else n


def side_by_side(bench: Bench) -> list[Measure]:
    """Argos, CTranslate2 alone and newsmt, with the same weights, beam, threads and text."""
    texts = [text for language in ("en", "ru") for record in news(language, 62) for text in _texts(record)]
    shaped = bench.folder / "shaped"
    package = build_argos_shaped(shaped, texts, source="en", target="ru", n_target_tokens=N_TARGET_TOKENS)
    remark = f"Argos-shaped package, en-ru, {describe_news()}"
    return [
        *_contest(bench, "Argos-shaped", shaped, package, news("en", bench.some(36)), remark, argos_target=4.0),
        *_contest(
            bench,
            "demo model",
            DEMO,
            DEMO / "translate-en_ru-1_0",
            list(islice(briefs("en"), bench.some(60))),
            "demo model en-ru, articles of the news-brief language",
        ),
    ]


def _contest(
    bench: Bench,
    name: str,
    packages: Path,
    package: Path,
    records: list[Record],
    remark: str,
    argos_target: float | None = None,
) -> list[Measure]:
    folder = bench.folder / name.replace(" ", "-")
    folder.mkdir()
    file = write_jsonl(folder / "news.jsonl", records)
    segments = _segments(file, packages, folder)
    best = min(BATCH_SIZES, key=lambda size: _limit(segments, package, size))
    bench.say(f"{name}: {len(records)} articles, {len(json.loads(segments.read_text('utf-8')))} unique segments")

    def ours(again: str, number: int) -> float:
        return newsmt(*_run(file, packages, folder / f"out-{number}{again}"), "--no-memory").seconds

    def bare(_: int) -> float:
        return _limit(segments, package, best)

    seconds = interleaved(
        {
            "argos": lambda _: _seconds(
                contestant("argos", news=str(file), packages=str(packages), source="en", target="ru")
            ),
            # Close to each other, and twice a round: the two differ by less than a shared machine does in minutes.
            "limit": bare,
            "newsmt": partial(ours, ""),
            "newsmt again": partial(ours, "-again"),
            "limit again": bare,
        },
        n_rounds=bench.n_rounds,
        say=bench.say,
    )
    pairs = (seconds["limit"] + seconds["limit again"], seconds["newsmt"] + seconds["newsmt again"])
    limit_target = 0.92 if argos_target else None
    return [
        Measure(
            name=f"newsmt against Argos, {name}",
            value=ratio(seconds["argos"], seconds["newsmt"]),
            unit="times",
            better="higher",
            target=argos_target,
            is_ratio=True,
            remark=remark,
            seconds=seconds,
        ),
        Measure(
            name=f"newsmt against CTranslate2 alone, {name}",
            value=ratio(*pairs),
            unit="of its speed",
            better="higher",
            target=limit_target,
            is_ratio=True,
            remark=f"{remark}; files to Parquet, start of the program and loading of the model included, against "
            f"decoding alone in batches of {best} tokens, the best of {', '.join(map(str, BATCH_SIZES))}",
        ),
    ]


def same_translations(bench: Bench) -> list[Measure]:
    """Whether decoding many sentences together changes what is said."""
    file = write_jsonl(bench.folder / "same.jsonl", islice(briefs("en"), bench.some(150)))
    out = bench.folder / "same"
    newsmt(*_run(file, DEMO, out), "--no-memory")
    rows = _bitext(out).to_table(columns=["source_text", "target_text"]).to_pylist()
    together = {row["source_text"]: row["target_text"] for row in rows}
    segments = bench.folder / "same.json"
    segments.write_text(json.dumps(list(together)), encoding="utf-8")
    alone = contestant("one-by-one", segments=str(segments), package=str(DEMO / "translate-en_ru-1_0"))["translations"]
    others = [
        f"{source!r}: {together[source]!r}, alone {text!r}"
        for source, text in zip(together, alone, strict=True)
        if together[source] != text
    ]
    return [
        Measure(
            name="translations the same as sentence by sentence",
            value=100 * (1 - len(others) / len(together)),
            unit="%",
            better="higher",
            target=99.5,
            is_ratio=True,
            remark=f"{len(together):,} segments, demo model en-ru. Others: {'; '.join(others) or 'none'}",
        )
    ]


def all_but_decoding(bench: Bench) -> list[Measure]:
    """How much text a core takes through everything but decoding."""
    measures = []
    for language, target in (("en", "ru"), ("ru", "en"), ("hy", "en")):
        records = news(language, bench.some(310))
        file = write_jsonl(bench.folder / f"rest-{language}.jsonl", records)
        out = bench.folder / f"rest-{language}"
        took = [
            contestant(
                "all-but-decoding", news=str(file), packages=str(DEMO), target=target, out=str(out / str(number))
            )
            for number in range(max(1, bench.n_rounds - 2))
        ]
        measures.append(
            Measure(
                name=f"everything but decoding, {language}",
                value=text_bytes(records) / 1e6 / median(one["seconds"] for one in took),
                unit="MB/s a core",
                better="higher",
                target=3.0,
                remark="processor time of the main thread: reading, languages, sentences, tokens, checks, storing; "
                "docs/architecture.md has the profile",
            )
        )
        bench.say(f"{measures[-1].name}: {measures[-1].value:.2f} MB/s")
    return measures


def memory(bench: Bench) -> list[Measure]:
    """The translation memory: how quick it is, and what it saves."""
    file = write_jsonl(bench.folder / "memory.jsonl", islice(briefs("en"), bench.some(1500)))
    segments = _segments(file, DEMO, bench.folder)
    warm = [
        contestant(
            "warm-memory",
            segments=str(segments),
            packages=str(DEMO),
            source="en",
            target="ru",
            out=str(bench.folder / f"warm-{number}"),
        )
        for number in range(bench.n_rounds)
    ]
    saved = _repeated(bench)
    return [
        Measure(
            name="warm memory",
            value=median(one["n_segments"] / one["seconds"] for one in warm),
            unit="segments/s",
            better="higher",
            target=50_000,
        ),
        saved,
    ]


def _repeated(bench: Bench) -> Measure:
    """Compare a corpus of which 40 % of the sentences were there before with one that is all new."""
    texts = [text for record in islice(briefs("en"), bench.some(400)) for text in record["paragraphs"]]
    unique = list(dict.fromkeys(texts))
    n_new = int(0.6 * len(unique))
    old = unique[:n_new] + [unique[number % n_new] for number in range(len(unique) - n_new)]
    corpora = {"start": unique[:1], "new": unique, "old": old}
    files = {name: _one_a_line(bench.folder / f"{name}.jsonl", some) for name, some in corpora.items()}
    seconds = interleaved(
        {name: partial(_rerun, bench, name, file) for name, file in files.items()},
        n_rounds=bench.n_rounds,
        say=bench.say,
    )
    start = median(seconds["start"])
    cost = ratio([took - start for took in seconds["old"]], [took - start for took in seconds["new"]])
    return Measure(
        name="cost of a corpus with 40 % repeated sentences",
        value=100 * cost,
        unit="% of one without",
        better="lower",
        target=60,
        is_ratio=True,
        remark=f"demo model, {len(unique):,} paragraphs; start of the program, {start:.1f} s, not counted; what is "
        "repeated is read, cut, looked up, checked and written like all else",
        seconds=seconds,
    )


def _rerun(bench: Bench, name: str, file: Path, number: int) -> float:
    return newsmt(*_run(file, DEMO, bench.folder / f"{name}-{number}")).seconds


def starts(bench: Bench) -> list[Measure]:
    """What people wait for: help, one article, nothing new."""
    article = bench.folder / "one.txt"
    article.write_text(
        "Trade\n\nFrance and India signed an agreement on trade in Paris on Thursday.\n", encoding="utf-8"
    )
    n_articles = bench.some(10_000)
    known = write_jsonl(bench.folder / "known.jsonl", _long_articles(n_articles))
    again = _run(known, DEMO, bench.folder / "known")
    newsmt(*again)
    rounds = range(bench.n_rounds)
    starts_of = interleaved(
        {
            "help": lambda _: newsmt("--help").seconds,
            "typer": lambda _: run([sys.executable, "-c", "import typer.main, typer.core"]).seconds,
        },
        n_rounds=2 * bench.n_rounds,
        say=bench.say,
    )
    colds = [newsmt(*_run(article, DEMO, bench.folder / f"one-{number}")).seconds for number in rounds]
    nothing_new = [newsmt(*again) for _ in rounds]
    return [
        Measure(
            name="newsmt --help",
            value=1000 * median(starts_of["help"]),
            unit="ms",
            better="lower",
            target=120,
            remark=f"Python and typer alone, in turns with it: {1000 * median(starts_of['typer']):.0f} ms",
            seconds=starts_of,
        ),
        Measure(
            name="one article, cold",
            value=median(colds),
            unit="s",
            better="lower",
            target=1.2,
            remark="demo model en-ru",
        ),
        Measure(
            name="nothing new, 10,000 articles",
            value=median(one.seconds for one in nothing_new),
            unit="s",
            better="lower",
            target=1.0,
            remark="2 kB each",
        ),
        Measure(
            name="nothing new, 10,000 articles: memory",
            value=max(one.peak_mb for one in nothing_new),
            unit="MB",
            better="lower",
            target=150,
        ),
    ]


def growth(bench: Bench) -> list[Measure]:
    """Memory beside that of the model alone; whether memory is flat and time linear up to 100,000 articles."""
    file = write_jsonl(bench.folder / "peak.jsonl", islice(briefs("en"), bench.some(600)))
    segments = _segments(file, DEMO, bench.folder)
    package = str(DEMO / "translate-en_ru-1_0")
    own = contestant("limit", segments=str(segments), package=package, max_batch_tokens=1024)["peak_mb"]
    peak = newsmt(*_run(file, DEMO, bench.folder / "peak")).peak_mb
    n_few, n_many = bench.some(1_000), bench.some(100_000)
    one = _grown(bench, 1)
    # Machines are shared: what a thousand take is measured on both sides of the long run.
    fews = [_grown(bench, n_few) for _ in range(bench.n_rounds)]
    many = _grown(bench, n_many)
    fews += [_grown(bench, n_few) for _ in range(bench.n_rounds)]
    few = median(done.seconds for done in fews)
    times = n_many / n_few
    return [
        Measure(
            name="memory beyond the model's own",
            value=peak - own,
            unit="MB",
            better="lower",
            target=200,
            remark=f"demo model: {peak:.0f} MB; CTranslate2 alone on the same segments: {own:.0f} MB",
        ),
        Measure(
            name="memory, 100,000 articles against 1,000",
            value=many.peak_mb / fews[0].peak_mb,
            unit="times",
            better="lower",
            target=1.1,
            is_ratio=True,
            remark=f"model of random weights: {fews[0].peak_mb:.0f} and {many.peak_mb:.0f} MB",
        ),
        Measure(
            name="time, 100,000 articles against 100 times 1,000",
            value=(many.seconds - one.seconds) / (times * (few - one.seconds)),
            unit="times",
            better="lower",
            target=1.1,
            is_ratio=True,
            remark=f"all texts new, start not counted: {few - one.seconds:.1f} and {many.seconds - one.seconds:.1f} s",
        ),
    ]


def _grown(bench: Bench, n_articles: int) -> Process:
    """Run over so many short articles, each of whose texts is new, with a model that decodes at once."""
    packages = bench.folder / "tiny"
    if not packages.exists():
        TinyPackage(source="en", target="ru", end_bias=8.0).build(packages)
    file = write_jsonl(bench.folder / f"grow-{n_articles}.jsonl", islice(_short_articles(), n_articles))
    out = bench.folder / f"grow-{n_articles}"
    done = newsmt(*_run(file, packages, out), "--beam", "1")
    shutil.rmtree(out)
    bench.say(f"{n_articles:,} articles: {done.seconds:.1f} s, {done.peak_mb:.0f} MB")
    return done


GROUPS: dict[str, Callable[[Bench], list[Measure]]] = {
    "side-by-side": side_by_side,
    "same": same_translations,
    "rest": all_but_decoding,
    "memory": memory,
    "starts": starts,
    "growth": growth,
}


def _texts(record: Record) -> list[str]:
    return [record["title"], *record["paragraphs"]]


def _run(file: Path, packages: Path, out: Path) -> tuple[str | Path, ...]:
    # What others do is decoding; and the noise of random weights would be decoded again and again.
    return ("run", file, "--models", packages, "--to", "ru", "--out", out, "--raw")


def _segments(file: Path, packages: Path, folder: Path) -> Path:
    """Return a JSON file with the unique segments that newsmt decodes for articles."""
    out = folder / "for-segments"
    newsmt(*_run(file, packages, out), "--beam", "1")
    rows = _bitext(out).to_table(columns=["source_text"], filter=ds.field("score").is_valid()).to_pylist()
    shutil.rmtree(out)
    segments = folder / "segments.json"
    segments.write_text(json.dumps(list(dict.fromkeys(row["source_text"] for row in rows))), encoding="utf-8")
    return segments


def _bitext(out: Path) -> Any:
    return ds.dataset(out / "bitext", partitioning="hive")


def _limit(segments: Path, package: Path, max_batch_tokens: int) -> float:
    return _seconds(
        contestant("limit", segments=str(segments), package=str(package), max_batch_tokens=max_batch_tokens)
    )


def _seconds(answer: dict[str, Any]) -> float:
    return float(answer["seconds"])


def _one_a_line(file: Path, sentences: list[str]) -> Path:
    step = 12
    records = (
        {"url": f"https://news.example/{start}", "title": "", "paragraphs": sentences[start : start + step]}
        for start in range(0, len(sentences), step)
    )
    return write_jsonl(file, records)


def _long_articles(n_articles: int) -> list[Record]:
    body = "The government approved the draft budget on Friday, the ministry of finance said in a statement. " * 20
    return [
        {"url": f"https://news.example/{number}", "title": f"Vote {number}", "paragraphs": [f"{number}. {body}"]}
        for number in range(n_articles)
    ]


def _short_articles() -> Iterator[Record]:
    """Yield articles of three sentences without end, none of which comes twice."""
    records = list(islice(briefs("en"), 500))
    for number in count():
        record = records[number % len(records)]
        sentences = [f"{number}: {sentence}" for sentence in record["paragraphs"][0].split(". ")]
        yield {
            "url": f"https://news.example/{number}",
            "title": f"{record['title']} {number}",
            "published_at": "2026-11-13",
            "paragraphs": [". ".join(sentences)],
        }
