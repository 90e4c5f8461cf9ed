from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.toml_lines import KeyPath, dotted, find_key_lines, toml_string

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCUMENT = '''\
# a = 0
a = 1  # a = 2
text = """
b = 3
[c]
""\\""""
raw = \'\'\'
d = 4\'\'\'
"quoted key" = "x = 1 # no comment"
'e.f' = 'y'
decoding . beam = 3
list = [
  "]", # ]
  'x',
  { in = 1, deep.er = [1, 2] },
]
when = 1979-05-27 07:32:00

  [ tab."le" ]
g = { h = true }
[[many]]
i = 1
[[many]]
i = 2
[many.more]
end = []'''

LINES: list[tuple[KeyPath, int]] = [
    (("a",), 2),
    (("text",), 3),
    (("raw",), 7),
    (("quoted key",), 9),
    (("e.f",), 10),
    (("decoding", "beam"), 11),
    (("list",), 12),
    (("list", 0), 13),
    (("list", 1), 14),
    (("list", 2), 15),
    (("list", 2, "in"), 15),
    (("list", 2, "deep", "er"), 15),
    (("list", 2, "deep", "er", 0), 15),
    (("list", 2, "deep", "er", 1), 15),
    (("when",), 17),
    (("tab", "le"), 19),
    (("tab", "le", "g"), 20),
    (("tab", "le", "g", "h"), 20),
    (("many", 0), 21),
    (("many", 0, "i"), 22),
    (("many", 1), 23),
    (("many", 1, "i"), 24),
    (("many", "more"), 25),
    (("many", "more", "end"), 26),
]


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
def test_each_key_has_its_line(ends: str) -> None:
    text = DOCUMENT.replace("\n", ends)
    tomllib.loads(text)

    assert list(find_key_lines(text).found) == LINES


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param(("decoding",), 11, id="table-written-in-parts"),
        pytest.param(("decoding", "jobs"), 11, id="key-that-is-not-there"),
        pytest.param(("nowhere",), 1, id="nothing-of-it"),
        pytest.param(("list", 7), 12, id="item-that-is-not-there"),
    ],
)
def test_nearest_line_stands_for_what_has_none(path: KeyPath, line: int) -> None:
    assert find_key_lines(DOCUMENT).line(path) == line


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = 1\nb = ", id="no-value"),
        pytest.param("a = 1\n= 2", id="no-key"),
        pytest.param("a = 1\nb 2", id="no-sign"),
        pytest.param("a = 1\nb = [1,", id="no-end-of-array"),
        pytest.param("a = 1\nb = {c", id="no-end-of-table"),
        pytest.param('a = 1\nb = "', id="no-end-of-string"),
        pytest.param("a = 1\n[b", id="no-end-of-header"),
        pytest.param("a = 1\nb = [ = ]", id="mark-in-array"),
        pytest.param('a = 1\n"\\q" = 1', id="bad-escape-in-key"),
        pytest.param("a = 1\nb = " + "[" * 100_000, id="deep"),
    ],
)
def test_what_comes_before_a_mistake_is_found(text: str) -> None:
    assert find_key_lines(text).found[0] == (("a",), 1)


def test_last_key_that_is_there_twice_is_told() -> None:
    assert find_key_lines("a = 1\nb = 1\na = 2\nb = 3\n").last_twice() == (("b",), 2, 4)
    assert find_key_lines("a = 1\n[b]\na = 1\n[[c]]\n[[c]]").last_twice() is None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_a_string(text: str) -> None:
    assert tomllib.loads(f"key = {toml_string(text)}") == {"key": text}


@given(st.text())
def test_any_text_can_be_scanned(text: str) -> None:
    assert all(line <= text.count("\n") + 1 for _, line in find_key_lines(text).found)


def test_bytes_that_are_no_text_cannot() -> None:
    with pytest.raises(UnicodeEncodeError):
        toml_string("\udcff")


def test_key_is_written_as_in_a_file() -> None:
    assert dotted(("routes", "my key", 3, "a-b")) == 'routes."my key".a-b'
