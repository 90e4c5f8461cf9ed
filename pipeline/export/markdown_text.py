"""Text as Markdown that shows it as it is, and front matter that no text can break out of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaml import SafeDumper

# What has a meaning anywhere in a line, in CommonMark and its usual extensions (strikethrough, tables, formulas).
_INLINE = re.compile(r"[\\`*_\[\]<>&#~|$]")
# What has one at the beginning of a line: lists, rules, headings.
_BULLET = re.compile(r"[-+](?=[-\s]|$)")
_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_NO_WRAPPING = 2**30
# A line has no breaks, tabs or controls; a no-break space stays.
_BREAKS = re.compile("[ \x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """Return text without line breaks and control characters: blanks stand in their place."""
    return _BREAKS.sub(" ", text).strip()


def escaped(text: str) -> str:
    """Return text as one line of Markdown that shows it, as a paragraph or after `# `."""
    line = _INLINE.sub(r"\\\g<0>", one_line(text))
    if _BULLET.match(line):
        return f"\\{line}"
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line


def front_matter(values: Mapping[str, Any]) -> str:
    """Return a YAML header between lines of three hyphens; texts become one line, entries of None are left out."""
    import yaml

    known = {name: value for name, value in values.items() if value is not None}
    dumped = yaml.dump(known, Dumper=_dumper(), allow_unicode=True, sort_keys=False, width=_NO_WRAPPING)
    return f"---\n{dumped}---\n"


@lru_cache(maxsize=1)
def _dumper() -> type[SafeDumper]:
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - readers of cards know no anchors
            return True

    Dumper.add_representer(str, lambda dumper, text: dumper.represent_str(one_line(text)))
    return Dumper
