"""What NoSketch Engine and CQP need beside vertical files, as a starting point: registry files, a script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.export.documents import languages_of, safe_name

# NoSketch Engine sorts by the rules of a language it knows by its English name.
_LANGUAGES = {"en": "English", "hy": "Armenian", "ru": "Russian"}

_REGISTRY = """\
# NoSketch Engine: copy this file to its registry and the folder above to /corpora/newsmt, or change the paths.
NAME "newsmt {pair}, {language}"
PATH "/corpora/manatee/{name}"
VERTICAL "/corpora/newsmt/{stem}.{language}.vert"
ENCODING "UTF-8"
{known}INFO "Units of newsmt: {pair}, {language}"
ALIGNED "{other}"
ALIGNSTRUCT "s"
ALIGNDEF "/corpora/newsmt/{stem}.{language}.map"
DOCSTRUCTURE "doc"

ATTRIBUTE word
ATTRIBUTE lc {{
    DYNAMIC utf8lowercase
    DYNLIB internal
    ARG1 "C"
    FUNTYPE s
    FROMATTR word
    TYPE index
    TRANSQUERY yes
}}

STRUCTURE doc {{
    ATTRIBUTE id
    ATTRIBUTE revision
    ATTRIBUTE url
    ATTRIBUTE date
    ATTRIBUTE publisher
    ATTRIBUTE title
}}
STRUCTURE p {{
    ATTRIBUTE kind
}}
STRUCTURE s {{
    ATTRIBUTE id
    ATTRIBUTE quality
    ATTRIBUTE flags {{
        MULTIVALUE yes
        MULTISEP "|"
    }}
}}
STRUCTURE g {{
    DISPLAYTAG 0
    DISPLAYBEGIN "_EMPTY_"
}}
"""

_SCRIPT_HEAD = """\
#!/bin/sh
# Makes corpora of CQP from the files beside this script; needs the IMS Open Corpus Workbench 3.4.
# Usage: sh cwb.sh DATA_FOLDER REGISTRY_FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$(mkdir -p "$1" && cd "$1" && pwd)
registry=$(mkdir -p "$2" && cd "$2" && pwd)

encode() {
    mkdir -p "$data/$1"
    cwb-encode -xsB -c utf8 -d "$data/$1" -f "$here/$2" -R "$registry/$1" \\
        -S doc:0+id+revision+url+date+publisher+title -S p:0+kind -S s:0+id+quality+flags -0 g
    cwb-makeall -r "$registry" -V "$(echo "$1" | tr a-z A-Z)"
}

align() {
    echo "ALIGNED $2" >> "$registry/$1"
    cwb-align-encode -r "$registry" -D "$here/$3"
}

"""


def corpus_name(pair: str, language: str) -> str:
    """Return the name of one side of a pair in both programs; CQP takes small letters, digits and `_`."""
    return f"newsmt_{safe_name(pair)}_{safe_name(language)}".replace("-", "_").lower()


def write_setup(folder: Path, pairs: Sequence[str]) -> None:
    """Write a registry file for each side of each pair, and the script for CQP."""
    registry = folder / "registry"
    registry.mkdir()
    for pair in pairs:
        for here, there in _directions(pair):
            name = corpus_name(pair, here)
            (registry / name).write_text(_registry(pair, here, there), encoding="utf-8", newline="\n")
    script = _SCRIPT_HEAD + "".join(f"{line}\n" for line in _commands(pairs))
    (folder / "cwb.sh").write_text(script, encoding="utf-8", newline="\n")


def _registry(pair: str, here: str, there: str) -> str:
    return _REGISTRY.format(
        pair=safe_name(pair),
        language=safe_name(here),
        name=corpus_name(pair, here),
        other=corpus_name(pair, there),
        stem=safe_name(pair),
        known=f'LANGUAGE "{_LANGUAGES[here]}"\n' if here in _LANGUAGES else "",
    )


def _commands(pairs: Sequence[str]) -> Iterator[str]:
    for pair in pairs:
        for here, _ in _directions(pair):
            yield f"encode {corpus_name(pair, here)} {safe_name(pair)}.{safe_name(here)}.vert"
        for here, there in _directions(pair):
            aligned = f"{safe_name(pair)}.{safe_name(here)}.align"
            yield f"align {corpus_name(pair, here)} {corpus_name(pair, there)} {aligned}"


def _directions(pair: str) -> tuple[tuple[str, str], tuple[str, str]]:
    source, target = languages_of(pair)
    return (source, target), (target, source)
