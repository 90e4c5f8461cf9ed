"""Three days of hourly runs: new, changed and repeated articles, runs with nothing to do, compaction every night."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipeline import api
from pipeline.config import DecodingSettings, RunConfig
from pipeline.errors import ExitCode
from pipeline.store.cleaning import clean
from pipeline.store.compaction import compact
from pipeline.store.dataset import open_dataset
from pipeline.store.verify import verify
from tests.folders import data_bytes, table_rows

N_HOURS = 72
BEGIN = datetime(2026, 11, 23, 0, 17, tzinfo=timezone.utc)
SENTENCE = "More than {} people took part in the vote in Paris on Monday, the agency said."


def articles_of(hour: int) -> list[dict[str, str]]:
    """Return what a crawler finds: two new articles, one of six hours ago that has changed, those of the last hour."""
    if hour % 8 == 7:
        return articles_of(hour - 1)
    new = [(f"{hour}-{k}", SENTENCE.format(100 * hour + k)) for k in range(2)]
    changed = [(f"{hour - 6}-0", f"{SENTENCE.format(100 * (hour - 6))} The law takes effect in {2000 + hour}.")]
    found = [*new, *(changed if hour >= 6 and (hour - 6) % 8 != 7 else [])]
    day = (BEGIN + timedelta(hours=hour)).date().isoformat()
    records = [
        {"url": f"https://news.example/{name}", "title": "", "text": text, "published_at": day} for name, text in found
    ]
    return records + (articles_of(hour - 1)[:2] if hour % 8 else [])


@pytest.mark.slow
def test_72_hourly_runs(tiny_folder: Path, tmp_path: Path) -> None:
    inbox, out = tmp_path / "inbox.jsonl", tmp_path / "out"
    config = RunConfig(
        inputs=(str(inbox),),
        to=("ru", "hy"),
        out=out,
        models=str(tiny_folder),
        decoding=DecodingSettings(beam=1, max_target_tokens=8, jobs=1),
    )
    seen: set[tuple[str, str]] = set()
    n_files_after_compaction = []
    for hour in range(N_HOURS):
        now = BEGIN + timedelta(hours=hour)
        records = articles_of(hour)
        inbox.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        manifest = api.run_config(config, clock=lambda now=now: now)  # type: ignore[misc]
        fresh = {(record["url"], record["text"]) for record in records} - seen
        seen |= fresh
        assert manifest.exit_code is ExitCode.DONE
        assert (manifest.counts.n_articles, manifest.counts.n_known) == (len(fresh), len(records) - len(fresh))
        assert (manifest.counts.n_units > 0) is bool(fresh)
        if hour % 24 == 23:
            with open_dataset(out) as dataset:
                compact(dataset, file_bytes=64 << 20, now=now)
                clean(dataset, now=now, retired_after_s=0, memory_after_s=None)
            n_files_after_compaction.append(len(data_bytes(out)))
            assert verify(out).problems == ()

    articles = table_rows(out, "articles")
    assert {(row["url"], row["text"]) for row in articles} == seen
    assert len(articles) == len(seen)
    n_sentences = sum(text.count(". ") + 1 for _, text in seen)
    assert len(table_rows(out, "bitext")) == 2 * n_sentences, "in two languages, none twice"
    # One file for each table and pair a day.
    assert n_files_after_compaction == [3 * day for day in range(1, 4)]
    assert replace(verify(out), size_bytes=0).n_runs == N_HOURS
