"""`pix`: published and gateway codes, what makes a code refused, and what the checksum guarantees."""

from __future__ import annotations

import string
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from segunda_via.boletos import pix

STATIC = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
ASAAS = (
    "00020101021226820014br.gov.bcb.pix2560pix-h.asaas.com/qr/cobv/7f0c2a34-0000-4000-8000-000000000001"
    "5204000053039865406350.005802BR5913EMPRESA TESTE6009Joinville62070503***63048704"
)
SGA = (
    "00020101021226950014br.gov.bcb.pix2573pix.sicoob.com.br/qr/payload/v2/cobv/2f1c0a9e-0000-4000-8000-000000000002"
    "5204000053039865406189.905802BR5916ASSOCIACAO TESTE6007GOIANIA62070503***63047863"
)
COBRE_FACIL = (
    "00020101021226770014br.gov.bcb.pix2555pix.example.com/qr/v2/cobv/3f1c0a9e00004000800000000003"
    "520400005303986540588.005802BR5919CLIENTE COBRE FACIL6008CURITIBA62070503***6304EA78"
)
MK_AUTH = (
    "00020101021226770014br.gov.bcb.pix2555pix.example.com/qr/v2/cobv/4f1c0a9e00004000800000000004"
    "520400005303986540599.905802BR5914PROVEDOR TESTE6009FORTALEZA62070503***6304556C"
)
URL, KEY = "pix.example.com/qr/v2/1", "123e4567-e12b-12d1-a456-426655440000"


def signed(body: str) -> str:
    """`body` closed by a right checksum, whatever it says."""
    return f"{body}6304{pix.crc(body + '6304')}"


def changed(old: str, new: str) -> str:
    assert old in STATIC
    return signed(STATIC[:-8].replace(old, new))


@pytest.mark.parametrize(
    ("code", "amount", "receiver", "city", "host"),
    [
        (ASAAS, "350.00", "EMPRESA TESTE", "Joinville", "pix-h.asaas.com"),
        (SGA, "189.90", "ASSOCIACAO TESTE", "GOIANIA", "pix.sicoob.com.br"),
        (COBRE_FACIL, "88.00", "CLIENTE COBRE FACIL", "CURITIBA", "pix.example.com"),
        (MK_AUTH, "99.90", "PROVEDOR TESTE", "FORTALEZA", "pix.example.com"),
    ],
)
def test_known_dynamic_codes(code: str, amount: str, receiver: str, city: str, host: str) -> None:
    parsed = pix.parse(f"\n {code}\r\n")
    assert (parsed.amount, parsed.receiver, parsed.city, parsed.psp_host) == (Decimal(amount), receiver, city, host)
    assert parsed.dynamic
    assert parsed.single_use
    assert parsed.key is None
    assert parsed.txid == "***"
    assert pix.validate(f" {code} ") == code


def test_the_central_bank_static_code() -> None:
    parsed = pix.parse(STATIC)
    assert (parsed.receiver, parsed.city, parsed.key) == ("Fulano de Tal", "BRASILIA", KEY)
    assert parsed.amount is None
    assert (parsed.url, parsed.psp_host) == (None, None)
    assert not parsed.dynamic
    assert not parsed.single_use


def test_the_checksum_of_the_standard() -> None:
    assert pix.crc("123456789") == "29B1"


def test_nothing_personal_is_shown() -> None:
    assert repr(pix.parse(ASAAS)) == "BRCode(dynamic)"
    assert str(pix.parse(STATIC)) == "BRCode(static)"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("", InvalidFormat),
        ("pix", InvalidFormat),
        (STATIC[:-1], InvalidFormat),
        (STATIC[6:], InvalidFormat),
        (STATIC[:-4] + "1D3E", InvalidChecksum),
        (STATIC[:-4] + "1d3d", InvalidFormat),
        (STATIC.replace("Fulano", "Fulana"), InvalidChecksum),
        ("000201" + "9" * 600, InvalidLength),
        (changed("5802BR", "5802AR"), InvalidComponent),
        (changed("5303986", "5303840"), InvalidComponent),
        (changed("br.gov.bcb.pix", "br.gov.bcb.xip"), InvalidComponent),
        (changed("0136123e", "0236123e"), InvalidComponent),
        (changed("5913Fulano de Tal", ""), InvalidComponent),
        (changed("5913Fulano de Tal", "5903   "), InvalidComponent),
        (changed("6008BRASILIA", ""), InvalidComponent),
        (changed("5802BR", "5405ABCDE5802BR"), InvalidComponent),
        (changed("5802BR", "5405-1.005802BR"), InvalidComponent),
        (changed("5802BR", "54051.0055802BR"), InvalidComponent),
        (changed("5802BR", "5802BR5802BR"), InvalidFormat),
        (changed("000201", "000201010213"), InvalidComponent),
        (changed("62070503***", "62080503***"), InvalidFormat),
        (changed("62070503***", "62990503***"), InvalidFormat),
        (changed("5204", "27180014br.gov.bcb.pix5204"), InvalidComponent),
        (changed("5204", "26580014br.gov.bcb.pix0136" + KEY + "5204"), InvalidFormat),
        (changed("5204", "27330014br.gov.bcb.pix0111529982247255204"), InvalidComponent),
        (STATIC.replace("Fulano", "Ful\ud800no"), InvalidFormat),
    ],
)
def test_refused_codes_say_why_and_never_what(code: str, error: type[ValidationError]) -> None:
    with pytest.raises(ValidationError) as raised:
        pix.parse(code)
    assert type(raised.value) is error
    assert not pix.is_valid(code)
    assert not any(char.isdigit() for char in str(raised.value))


@pytest.mark.parametrize(
    "url",
    ["exemplo", "pix.example.com", "dono@pix.example.com/1", "pix.example.com\\@outro/1", "http://a.b/1", "ação.com/1"],
)
def test_a_url_whose_host_is_not_plain_is_refused(url: str) -> None:
    account = f"0014br.gov.bcb.pix25{len(url):02}{url}"
    code = signed(STATIC[:6] + f"26{len(account):02}{account}" + STATIC[STATIC.index("5204") : -8])
    assert not pix.is_valid(code)


def test_the_scheme_of_a_url_and_the_case_of_its_host_do_not_matter() -> None:
    parsed = pix.parse(pix.make("EMPRESA", "RECIFE", url="https://PIX.Example.com:443/qr/1"))
    assert parsed.psp_host == "pix.example.com"


def test_other_arrangements_may_stand_beside_pix() -> None:
    assert pix.parse(changed("5204", "2712com.outra.br5204")).key == KEY


def test_a_zero_amount_leaves_it_open() -> None:
    assert pix.parse(changed("5802BR", "54040.005802BR")).amount is None


@pytest.mark.parametrize(
    ("written", "amount"),
    [("10.", "10"), ("1.", "1"), (".10", "0.10"), (".5", "0.5"), ("10.5", "10.5"), ("0000000010.00", "10")],
)
def test_the_point_may_stand_without_decimals_or_without_a_whole_part(written: str, amount: str) -> None:
    code = changed("5802BR", f"54{len(written):02}{written}5802BR")
    assert pix.parse(code).amount == Decimal(amount)


@pytest.mark.parametrize("written", [".", "1,5", "1.234", "1..", "..1", "12345678901", "1e3", "+1", " 1"])
def test_what_is_no_amount_is_refused(written: str) -> None:
    assert not pix.is_valid(changed("5802BR", f"54{len(written):02}{written}5802BR"))


@pytest.mark.parametrize("written", ["0", "0.", ".0", "0.00"])
def test_an_amount_of_nothing_leaves_it_open_however_it_is_written(written: str) -> None:
    assert pix.parse(changed("5802BR", f"54{len(written):02}{written}5802BR")).amount is None


RECURRENCE = "0014br.gov.bcb.pix2552pix.example.com/rec/2353c790eefb11eaadc10242ac120002"


def test_a_composite_code_names_its_recurrence_beside_its_payment() -> None:
    # BCB's own example, 2.8.5.2
    code = changed("5802BR", "5406100.505802BR").replace("62070503***", f"62070503***80{len(RECURRENCE)}{RECURRENCE}")
    parsed = pix.parse(signed(code[:-8]))
    assert (parsed.key, parsed.amount) == (KEY, Decimal("100.50"))
    assert [account.host for account in parsed.accounts] == [None, "pix.example.com"]


def test_a_recurrence_alone_has_nothing_to_pay() -> None:
    # BCB's own example, 2.8.5.1
    alone = (
        "00020126180014br.gov.bcb.pix5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***8074"
        f"{RECURRENCE}6304F2DA"
    )
    with pytest.raises(pix.OnlyRecurrence):
        pix.parse(alone)
    assert not pix.is_valid(alone)
    nothing = alone[: alone.index("8074")]
    with pytest.raises(InvalidComponent):
        pix.parse(signed(nothing))


def test_a_code_that_pays_or_not_by_how_it_is_counted_is_refused() -> None:
    # Counted in characters, 80 is a recurrence and nothing is paid; counted in bytes, another account is.
    account = "27330014br.gov.bcb.pix011152998224725"
    hidden = "é" * len(account) + account
    said = f"90{len(hidden)}{hidden}80{len(RECURRENCE)}{RECURRENCE}"
    body = f"0002015204000053039865802BR5913Fulano de Tal6008BRASILIA{said}"
    with pytest.raises(InvalidComponent):
        pix.parse(signed(body))
    with pytest.raises(pix.OnlyRecurrence):
        pix.parse(signed(body.replace("é", "e")))


@pytest.mark.parametrize("account", ["0014br.gov.bcb.pix0100", "0014br.gov.bcb.pix0102  "])
def test_an_empty_key_is_no_key(account: str) -> None:
    code = signed(STATIC[:6] + f"26{len(account):02}{account}" + STATIC[STATIC.index("5204") : -8])
    assert not pix.is_valid(code)


def test_a_code_without_txid() -> None:
    assert pix.parse(changed("62070503***", "")).txid is None


@pytest.mark.parametrize("count", [len, lambda text: len(text.encode())], ids=["characters", "bytes"])
def test_accents_are_read_whichever_way_lengths_were_counted(count: Callable[[str], int]) -> None:
    receiver, city = "Associação São José", "São Luís"
    body = STATIC[: STATIC.index("5913")]
    code = signed(f"{body}59{count(receiver):02}{receiver}60{count(city):02}{city}62070503***")
    parsed = pix.parse(code)
    assert (parsed.receiver, parsed.city) == (receiver, city)


def test_a_code_that_says_two_things_is_refused() -> None:
    # By characters field 61 is "é12" and no amount follows. By bytes it is "é1", and what follows charges 9.99.
    body = STATIC[: STATIC.index("5913")] + "5904LOJA6006RECIFE"
    by_characters = "6103é12" + "80054049." + "9981" + "79" + "A" * 79
    by_bytes = "6103é1" + "2800" + "54049.99" + "8179" + "A" * 79
    assert by_characters == by_bytes
    with pytest.raises(InvalidComponent):
        pix.parse(signed(body + by_characters))
    assert pix.is_valid(signed(body + by_characters.replace("é", "e")))


names = st.text(string.ascii_letters + " ", min_size=1, max_size=25).filter(lambda name: name == name.strip() != "")
cities = st.text(string.ascii_letters, min_size=1, max_size=15)
amounts = st.one_of(st.none(), st.integers(1, 10**12 - 1).map(lambda cents: Decimal(cents).scaleb(-2)))
urls = st.text(string.ascii_lowercase + string.digits + "-/", min_size=1, max_size=50).map("pix.example.com/".__add__)
keys = st.text(string.ascii_letters + string.digits + "@.+-", min_size=1, max_size=77)
txids = st.text(string.ascii_letters + string.digits, min_size=1, max_size=25)


@given(names, cities, amounts, st.one_of(urls, st.none()), keys, txids, st.booleans())
def test_what_is_made_is_read_back(
    receiver: str, city: str, amount: Decimal | None, url: str | None, key: str, txid: str, single_use: bool
) -> None:
    code = pix.make(receiver, city, amount, url, None if url else key, txid, single_use)
    assert pix.parse(code) == pix.BRCode(
        amount=amount,
        receiver=receiver,
        city=city,
        txid=txid,
        key=None if url else key,
        url=url,
        single_use=single_use,
    )


@given(st.sampled_from([STATIC, ASAAS, SGA, COBRE_FACIL, MK_AUTH]), st.data())
def test_any_single_changed_character_is_caught(code: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from(string.printable.strip()))
    assume(code[at] != other)
    assert not pix.is_valid(code[:at] + other + code[at + 1 :])


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"url": URL, "key": KEY},
        {"key": ""},
        {"key": KEY, "amount": Decimal(0)},
        {"key": KEY, "amount": Decimal("1.005")},
        {"key": KEY, "txid": "a" * 26},
        {"key": KEY, "receiver": "a" * 26},
        {"key": KEY, "city": "a" * 16},
        {"url": "sem-caminho.example.com"},
    ],
)
def test_no_code_is_made_of_what_does_not_fit(wrong: dict[str, object]) -> None:
    arguments: dict[str, object] = {"receiver": "LOJA", "city": "RECIFE", **wrong}
    with pytest.raises(ValidationError):
        pix.make(**arguments)  # type: ignore[arg-type]  # each case is one wrong argument among right ones


@given(st.text(max_size=120))
def test_any_text_is_judged_without_surprises(text: str) -> None:
    assert not pix.is_valid(text)
    assert not pix.is_valid(signed("000201" + text))
