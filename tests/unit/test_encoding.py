from __future__ import annotations

import pytest

from pipeline.errors import Reason
from pipeline.ingest.encoding import decode, detect_encoding, find_binary, sniff_is_jsonl
from pipeline.ingest.plain import parse_plain
from pipeline.types import Article, Reject

RUSSIAN = (
    "Правительство утвердило бюджет",
    "В Москве прошёл дождь",
    "ЦЕНТРОБАНК СНИЗИЛ СТАВКУ",
    "Премьер-министр Армении прибыл в Брюссель на встречу с главой Совета.",
    "Сборная выиграла матч со счётом 3:1 и вышла в финал",
    "Он подписал контракт с Google и уехал в Ереван",
    "США ввели новые санкции. Об этом сообщил представитель Белого дома.",
)
ENGLISH = "“We are ready,” the minister’s office said – at last."
ARMENIAN = (
    "Հայաստանի վարչապետը մեկնեց Բրյուսել։",
    "Կառավարությունը հաստատեց նոր բյուջեն, որը կգործի հունվարից։",
)


def read(data: bytes) -> tuple[str, str] | Reason:
    item = parse_plain(data, source_uri="a.txt")
    if isinstance(item, Article):
        return item.encoding, "\n".join(paragraph.text for paragraph in item.paragraphs)
    assert isinstance(item, Reject)
    return item.reason


@pytest.mark.parametrize("text", RUSSIAN)
@pytest.mark.parametrize(
    ("codec", "name"),
    [("cp1251", "windows-1251"), ("koi8_r", "koi8-r"), ("cp866", "cp866"), ("iso8859_5", "iso-8859-5")],
)
def test_russian_before_unicode(text: str, codec: str, name: str) -> None:
    assert read(text.encode(codec)) == (name, text)


@pytest.mark.parametrize("text", [*RUSSIAN, *ARMENIAN, ENGLISH, "Plain English text."])
@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
    ],
)
def test_unicode(text: str, codec: str, name: str) -> None:
    assert read(text.encode(codec)) == (name, text)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        pytest.param("Прем'єр-міністр України заявив про нові реформи.", "cp1251", "windows-1251", id="uk"),
        pytest.param("Прем'єр-міністр України заявив про нові реформи.", "koi8_u", "koi8-u", id="uk koi8"),
        pytest.param("Премиерът на България обяви нови мерки.", "cp1251", "windows-1251", id="bg"),
        pytest.param(ENGLISH, "cp1252", "windows-1252", id="en"),
        pytest.param("The café in São Paulo closed.", "cp1252", "windows-1252", id="en with accents"),
        pytest.param("Le président était très réussi à Besançon hier.", "latin-1", "windows-1252", id="fr"),
        pytest.param(
            "Rząd przyjął nową ustawę. Książę powiedział, że przyjedzie w środę.", "cp1250", "windows-1250", id="pl"
        ),
    ],
)
def test_neighbours_before_unicode(text: str, codec: str, name: str) -> None:
    assert read(text.encode(codec)) == (name, text)


@pytest.mark.parametrize("text", [*ARMENIAN, *RUSSIAN])
@pytest.mark.parametrize("n_cut", [1, 3])
def test_cut_utf_8_is_never_taken_for_something_else(text: str, n_cut: int) -> None:
    data = text.encode().rstrip(b".")

    assert read(data[:-n_cut]) in {Reason.ENCODING, ("utf-8", data[:-n_cut].decode("utf-8", "ignore"))}
    assert read(data[n_cut:]) in {Reason.ENCODING, ("utf-8", data[n_cut:].decode("utf-8", "ignore"))}


@pytest.mark.parametrize("text", [*ARMENIAN, *RUSSIAN])
@pytest.mark.parametrize("bad", [b"\xff", b"\x80", b"\xc3", b"\xe9\xf1"])
def test_utf_8_with_bad_bytes_is_rejected(text: str, bad: bytes) -> None:
    data = text.encode()

    assert read(data + b" " + bad + b" " + data) is Reason.ENCODING


def test_utf_8_double_damage_in_a_long_file_names_the_first_byte() -> None:
    data = (ARMENIAN[0] + "\n").encode() * 2000
    item = parse_plain(data + b"\xfe" + data + b"\xff", source_uri="a.txt")

    assert isinstance(item, Reject)
    assert f"at byte {len(data)}" in item.detail


def test_emoji_as_encoded_surrogates_is_damaged_utf_8() -> None:
    halves = "Storm over \ud83d\ude00 the coast".encode("utf-8", "surrogatepass")

    assert read(halves) is Reason.ENCODING


def test_legacy_bytes_late_in_a_long_file_are_seen() -> None:
    text = "All quiet so far.\n" * 9000 + RUSSIAN[3]

    assert read(text.encode("cp1251")) == ("windows-1251", text)


def armscii(text: str) -> bytes:
    """ARMSCII-8: capitals at even, small letters at odd places from 0xB2 on. Python has no codec for it."""
    small = {chr(0x561 + index): 0xB3 + 2 * index for index in range(38)}
    capital = {chr(0x531 + index): 0xB2 + 2 * index for index in range(38)}
    table = {**small, **capital, "։": 0xA3, "և": 0xA2}
    return bytes(table.get(char, ord(char) if char < "\x80" else 0x20) for char in text)


@pytest.mark.parametrize("text", ARMENIAN)
def test_armenian_before_unicode_is_rejected_and_not_guessed(text: str) -> None:
    assert read(armscii(text)) is Reason.ENCODING


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Ο πρωθυπουργός της Ελλάδας θα μιλήσει αύριο στη Βουλή.", "cp1253"),
        ("أعلنت الحكومة يوم الأربعاء عن سياسة اقتصادية جديدة.", "cp1256"),
        ("中国政府周三宣布了新的经济政策，预计将影响数百万人。", "gb18030"),
        ("日本政府は水曜日に新しい経済政策を発表した。", "shift_jis"),
        ("한국 정부는 수요일에 새로운 경제 정책을 발표했다.", "euc_kr"),
    ],
)
def test_other_scripts_before_unicode_are_rejected_and_not_guessed(text: str, codec: str) -> None:
    assert read(text.encode(codec)) is Reason.ENCODING


@pytest.mark.parametrize(
    ("data", "is_nul_allowed", "is_binary"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n", True, True, id="signature"),
        pytest.param(b"Storm\x00 hits the coast at noon", False, True, id="nul"),
        pytest.param(b"Storm\x00 hits the coast at noon", True, False, id="nul allowed"),
        pytest.param(b"a\x00\x00\x00" * 99, True, True, id="nuls of 32 bits"),
        pytest.param(b"\x00" * 99, True, True, id="nothing but nuls"),
        pytest.param(bytes(range(256)) * 9, True, True, id="all bytes"),
        pytest.param(b"a\tb\x0cc\x1b[1m", False, False, id="tab, form feed, escape"),
        pytest.param("Storm hits".encode("utf-16-le"), False, False, id="utf-16"),
        pytest.param("Буря на море".encode("utf-16-be"), False, False, id="utf-16 ru"),
        pytest.param(b"", False, False, id="nothing"),
    ],
)
def test_binary(data: bytes, is_nul_allowed: bool, is_binary: bool) -> None:  # noqa: FBT001
    assert (find_binary(data, is_nul_allowed=is_nul_allowed) is not None) is is_binary


def test_head_may_end_within_a_character() -> None:
    data = b"Storm " * 50 + "й".encode()[:1]

    head = detect_encoding(data, is_cut=True)
    whole = detect_encoding(data)

    assert head is not None
    assert head.name == "utf-8"
    assert whole is None or whole.name != "utf-8"


def test_decode_drops_the_byte_order_mark() -> None:
    data = "\ufeffԵրևան".encode("utf-16-be")
    encoding = detect_encoding(data)

    assert encoding is not None
    assert decode(data, encoding) == "Երևան"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"text": 1}', True), (b"\n\t {", True), ("\ufeff{".encode(), True), ("{".encode("utf-16"), True),
        ("{}".encode("utf-16-be"), True), (b"Storm", False), (b"[]", False), (b"", False), (b"{\\rtf1", False),
    ],
)  # fmt: skip
def test_sniffing_json_lines(head: bytes, expected: bool) -> None:  # noqa: FBT001
    assert sniff_is_jsonl(head) is expected
