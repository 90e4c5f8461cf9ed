"""The measures by which segmentation and language detection are judged, on examples small enough to count by hand."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.identify import identify
from pipeline.types import Article, IdentifiedArticle, Paragraph
from tests.golden.datasets import (
    DataError,
    GoldParagraph,
    LabelledText,
    choose_sets,
    join_sentences,
    language_sets,
    parse_sentences,
    read_language_set,
    read_news,
    read_segment_set,
    segment_sets,
)
from tests.golden.measures import BoundaryScore, inner_ends, score_languages, score_segments
from tests.golden.score import main
from tests.golden.speed import measure_speed
from tests.golden.tables import boundary_row, format_table, gold_rows, language_row, pool_scores

ANSWERS = {"Barev": "hy", "Բարեւ": "hyw", "Hello": "en", "Hi": "de", "Привет": "ru", "Вітаю": "uk", "Здраво": "ru"}


def paragraph(*sentences: str, join: str = " ") -> GoldParagraph:
    return join_sentences(sentences, [join] * (len(sentences) - 1), language="en")


def split_at_dots(text: str, _: str) -> list[tuple[int, int]]:
    """Return pieces that end behind each dot, blanks and all."""
    edges = [0, *(index + 1 for index, char in enumerate(text) if char == "."), len(text)]
    return [(start, end) for start, end in pairwise(edges) if start < end]


def labelled(*pairs: tuple[str, str]) -> list[LabelledText]:
    return [LabelledText(language=language, text=text) for language, text in pairs]


def write_data(folder: Path) -> Path:
    """Write one set of each kind into `folder` and return it."""
    sentences: dict[str, object] = {"lang": "en", "paras": [["Yes.", "No."]], "joins": [["\n"]]}
    article: dict[str, object] = {"id": "a", "title": "Rain", "paragraphs": ["It rained on Monday. The roads are wet."]}
    files: dict[str, list[dict[str, object]]] = {
        "segment/en_x-dev": [sentences],
        "segment/ru_taiga-dev": [sentences],
        "langid/headline": [{"lang": "en", "text": "Rain again"}],
        "langid/word-pair": [{"lang": "en", "text": "two words"}],
        "langid/single-word": [{"lang": "ru", "text": "слово"}],
        "news/en": [article],
    }
    for name, rows in files.items():
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def test_boundaries_are_counted_inside_paragraphs() -> None:
    gold = [
        paragraph("Mr. Hill left.", "Rain fell.", "Why?", "None knew."),  # two of three found, one made up
        paragraph("All well.", "No rain."),  # one of one
        paragraph("Yes."),  # none to find
    ]

    score, mistakes = score_segments(gold, split_at_dots)

    assert (score.n_right, score.n_found, score.n_gold) == (3, 4, 4)
    assert (score.precision, score.recall, score.f1) == (75.0, 75.0, 75.0)
    assert score.perfect == pytest.approx(200 / 3)
    assert [(mistake.expected, mistake.got, mistake.text) for mistake in mistakes] == [
        ("no end", "end", "Mr.│ Hill left. Rain fell. Why? None knew."),
        ("end", "no end", "Mr. Hill left. Rain fell. Why?│ None knew."),
    ]


def test_precision_and_recall_are_told_apart() -> None:
    score = BoundaryScore(n_right=2, n_found=2, n_gold=8)

    assert (score.precision, score.recall, score.f1) == (100.0, 25.0, 40.0)


def test_where_nothing_is_to_be_found_all_is_right() -> None:
    score, mistakes = score_segments([paragraph("No mark")], split_at_dots)

    assert (score.precision, score.recall, score.f1, score.perfect) == (100.0, 100.0, 100.0, 100.0)
    assert mistakes == []


def test_blanks_and_invisible_characters_do_not_move_boundaries() -> None:
    text = "\ufeffA b.\u200b \n C.  "

    assert inner_ends(text, [(0, 5), (9, 11)]) == inner_ends(text, [(1, 6), (7, len(text))]) == {3}


def test_pools_add_up_sets_of_a_language() -> None:
    one = BoundaryScore(n_right=1, n_found=1, n_gold=2, n_paragraphs=1, n_bytes=10, seconds=1.0)
    names = ("ru_news-dev", "ru_taiga-dev", "ru_own", "hy_a-dev", "hy_acolon-dev", "hyw_a-dev")

    pools = pool_scores(dict.fromkeys(names, one))

    assert {name: pool.n_gold for name, pool in pools.items()} == {
        "ru": 4,
        "ru without taiga": 2,
        "hy": 2,
        "hy with colon": 2,
        "hyw": 2,
    }
    assert boundary_row("ru", pools["ru"])["f1"] == 66.67
    assert pools["ru"].mb_per_s == pytest.approx(1e-5)


def test_languages_are_right_or_taken() -> None:
    texts = labelled(
        ("en", "Hello"), ("en", "Hi"), ("ru", "Привет"), ("hyw", "Բարեւ"), ("uk", "Вітаю"), ("sr", "Здраво")
    )

    score, mistakes = score_languages(texts, ANSWERS.__getitem__)

    assert [score.right(language) for language in ("en", "ru", "hy")] == [50.0, 100.0, 100.0]
    assert score.taken == 50.0
    assert [(mistake.expected, mistake.got) for mistake in mistakes] == [("en", "de"), ("sr", "ru")]


def test_armenian_in_latin_letters_should_be_undetermined() -> None:
    score, mistakes = score_languages(labelled(("hy-Latn", "Barev"), ("hy-Latn", "Hi")), ANSWERS.__getitem__)

    assert (score.taken, score.strict, score.right("hy")) == (50.0, 0.0, None)
    assert [mistake.got for mistake in mistakes] == ["hy", "de"]


def test_serbian_croatian_and_bosnian_are_one_language() -> None:
    score, _ = score_languages(labelled(("hr", "kiša"), ("bs", "kiša"), ("sr", "киша")), lambda _: "hr")

    assert score.strict == 100.0


def test_rows_of_languages_hold_shares_and_answers() -> None:
    score, _ = score_languages(labelled(("en", "Hello"), ("en", "Hi"), ("sr", "Здраво")), ANSWERS.__getitem__)

    row = language_row("headline", score)
    rows = list(gold_rows("headline", score))

    assert (row["en"], row["ru"], row["taken"]) == (50.0, None, 100.0)
    assert [(row["language"], row["right"], row["taken"], row["answers"]) for row in rows] == [
        ("en", 50.0, None, "en:1 de:1"),
        ("sr", 0.0, 100.0, "ru:1"),
    ]


def test_tables_are_aligned() -> None:
    table = format_table("title", [{"set": "a", "f1": 100.0, "n": None}, {"set": "long", "f1": 9.5, "n": 3}])

    assert table == "title\nset       f1  n\na     100.00  -\nlong    9.50  3\n\n"


def test_own_sentences_are_read_with_their_line_breaks() -> None:
    lines = ["# a remark", "", "List: \\n", "• one", "#tag is text.", "", "", "Alone."]

    first, second = parse_sentences(lines, "en")

    assert first.text == "List:\n• one #tag is text."
    assert [first.text[start:end] for start, end in first.spans] == ["List:", "• one", "#tag is text."]
    assert (second.text, second.spans) == ("Alone.", ((0, 6),))


def test_sets_are_found_and_derived(tmp_path: Path) -> None:
    data = write_data(tmp_path)

    assert segment_sets(data) == ["en_x-dev", "ru_taiga-dev", "en_own", "ru_own", "hy_own"]
    assert language_sets(data) == ["headline", "word-pair", "single-word", "headline-caps", "short", "own"]
    assert [text.text for text in read_language_set("headline-caps", data)] == ["RAIN AGAIN"]
    assert [text.language for text in read_language_set("short", data)] == ["en", "ru"]
    assert read_segment_set("en_x-dev", data) == [paragraph("Yes.", "No.", join="\n")]


def test_sets_are_chosen_by_pattern(tmp_path: Path) -> None:
    names = ["en_x-dev", "ru_x-dev", "ru_own"]

    assert choose_sets(names, ["ru_*", "ru_own"], tmp_path) == ["ru_x-dev", "ru_own"]
    assert choose_sets(names, [], tmp_path) == names
    with pytest.raises(DataError, match="no set is called de_"):
        choose_sets(names, ["de_*"], tmp_path)


def test_speed_is_that_of_both_stages_together() -> None:
    article = identify(Article(source_uri="a", paragraphs=(Paragraph(text="It rained on Monday. The roads are wet."),)))
    assert isinstance(article, IdentifiedArticle)

    speed = measure_speed([article])

    assert (speed.n_articles, speed.n_bytes) == (1, len(article.text))
    assert 0 < speed.both < min(speed.detect, speed.segment)


def test_news_are_articles_with_a_headline(tmp_path: Path) -> None:
    (article,) = read_news("en", write_data(tmp_path))

    assert [span.kind for span in article.paragraphs] == ["headline", "body"]
    assert article.text.startswith("Rain\n\nIt rained")


def test_the_command_writes_tables_and_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    errors = tmp_path / "mistakes.tsv"
    data = str(write_data(tmp_path))

    code = main(["language", "headline", "own", "--verbose", "--data", data, "--errors", str(errors)])

    titles = [line for line in capsys.readouterr().out.splitlines() if line.startswith("language")]
    assert (code, titles) == (0, ["language", "language, by gold"])
    assert all(line.count("\t") == 4 for line in errors.read_text("utf-8").splitlines())


def test_the_command_scores_both_tasks_by_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--json", "--data", str(write_data(tmp_path))])

    tables = json.loads(capsys.readouterr().out)
    assert (code, list(tables)) == (0, ["segment", "segment, pooled", "language"])
    assert [row["set"] for row in tables["segment, pooled"]] == ["en", "ru"]


@pytest.mark.parametrize("arguments", [[], ["segment"], ["language", "article"], ["speed", "en"]], ids=" ".join)
def test_without_data_the_command_says_what_would_help(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*arguments, "--data", str(tmp_path)])

    output = capsys.readouterr()
    assert (code, output.out) == (2, "")
    assert str(tmp_path) in output.err
    assert "--data" in output.err or "own" in output.err


def test_own_sets_need_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["segment", "*_own", "--data", str(tmp_path)])

    assert code == 0
    assert "pooled" not in capsys.readouterr().out
