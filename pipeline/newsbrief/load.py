"""The packaged word lists and patterns, read and validated together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.newsbrief.grammar import Grammar, Pattern, compile_pattern
from pipeline.newsbrief.lexicon import LANGUAGES, Entry, build_classes, read_toml
from pipeline.newsbrief.numbers import build_number_classes
from pipeline.newsbrief.people import build_people

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_PACKAGE: Final = Path(__file__).parent
_PEOPLE: Final = "people.toml"
_N_MONTHS: Final = 12


class GrammarError(ValueError):
    """The word lists or patterns have defects; ``problems`` has one line for each."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep the problems, in the order found."""
        self.problems = tuple(problems)
        summary = f"{len(self.problems)} problem(s) in the news-brief language"
        super().__init__("\n".join([*self.problems, summary]))


def load_grammar(root: Path | None = None, *, topics: Collection[str] | None = None) -> Grammar:
    """Read and validate the word lists and patterns.

    Args:
        root: folder with ``topics/*.toml``, and ``lexicon/*.toml`` unless it uses the packaged word lists;
            default the package itself.
        topics: read these topic files only; default all.

    Raises:
        GrammarError: with every defect found.
    """
    problems: list[str] = []
    root = root or _PACKAGE
    lexicon = root / "lexicon" if (root / "lexicon").is_dir() else _PACKAGE / "lexicon"
    shared = _load_lexicon(lexicon, problems=problems)
    paths = _find_topics(root / "topics", topics, problems=problems)
    patterns = [pattern for path in paths for pattern in _load_topic(path, shared, problems=problems)]
    problems.extend(_find_duplicates(patterns))
    if problems:
        raise GrammarError(problems)
    return Grammar(patterns=tuple(patterns), topics=tuple(path.stem for path in paths))


def _load_lexicon(folder: Path, *, problems: list[str]) -> dict[str, tuple[Entry, ...]]:
    classes: dict[str, tuple[Entry, ...]] = {}
    for path in sorted(folder.glob("*.toml")):
        document = read_toml(path, problems=problems)
        if path.name == _PEOPLE:
            built = {"person": build_people(document, source=path.name, problems=problems)}
        else:
            built = build_classes(document, source=path.name, problems=problems)
        twice = [name for name in built if name in classes]
        problems.extend(f"{path.name}: [[{name}]]: another file has this class" for name in twice)
        classes |= built
    months = classes.get("month", ())
    if len(months) != _N_MONTHS:
        problems.append(f"{folder}: [[month]]: {len(months)} entries, expected {_N_MONTHS} in calendar order")
        return classes
    return {**classes, **build_number_classes(months)}


def _find_topics(folder: Path, topics: Collection[str] | None, *, problems: list[str]) -> list[Path]:
    paths = sorted(folder.glob("*.toml"))
    if topics is None:
        return paths
    stems = [path.stem for path in paths]
    problems.extend(f"{folder / topic}.toml does not exist" for topic in topics if topic not in stems)
    return [path for path in paths if path.stem in topics]


def _load_topic(path: Path, shared: Mapping[str, tuple[Entry, ...]], *, problems: list[str]) -> Iterable[Pattern]:
    document = read_toml(path, problems=problems)
    own = build_classes(document, source=path.name, problems=problems)
    twice = [name for name in own if name in shared]
    problems.extend(f"{path.name}: [[{name}]]: the shared word lists have this class" for name in twice)
    classes = {**own, **shared}
    rows = document.get("pattern")
    if not isinstance(rows, list):
        problems.append(f"{path.name}: no [[pattern]]")
        return
    for row in rows:
        pattern = compile_pattern(row, classes, topic=path.stem, source=path.name, problems=problems)
        if pattern:
            yield pattern


def _find_duplicates(patterns: Iterable[Pattern]) -> Iterable[str]:
    seen: dict[object, str] = {}
    for pattern in patterns:
        where = f"{pattern.topic}.toml: {pattern.id}"
        keys: dict[str, object] = {"id": pattern.id}
        keys |= {language: (language, pattern.templates[language]) for language in LANGUAGES}
        for what, key in keys.items():
            if key in seen:
                yield f"{where}: the same {what} as {seen[key]}"
            seen.setdefault(key, where)
