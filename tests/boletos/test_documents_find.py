"""`documents.find`, as a specification: what customers write, and what is found in it.

Expectations are written `kind value`, or `documento_invalido value reason`; an empty list means that nothing is found.
Every number is generated or a published example.
"""

from __future__ import annotations

import pytest

from segunda_via.boletos.documents import Reason, find

CPF = "cpf 52998224725"
OTHER_CPF = "cpf 11144477735"
CNPJ = "cnpj 11222333000181"
LETTERS = "cnpj 12ABC34501DE35"
PIX = (
    "00020101021226820014br.gov.bcb.pix2560pix-h.asaas.com/qr/cobv/7f0c2a34-0000-4000-8000-000000000001"
    "5204000053039865406350.005802BR5913EMPRESA TESTE6009Joinville62070503***63048704"
)
PIX_WITH_CPF_KEY = (
    "00020126330014br.gov.bcb.pix0111529982247255204000053039865802BR5911LOJA EXEMPL6006RECIFE62070503***6304"
)


def wrong(value: str, reason: str) -> str:
    return f"documento_invalido {value} {reason}"


WRITINGS = [
    ("529.982.247-25", [CPF]),
    ("52998224725", [CPF]),
    ("529 982 247 25", [CPF]),
    ("529982247 25", [CPF]),
    ("529982247-25", [CPF]),
    ("529.982.24725", [CPF]),
    ("529-982-247-25", [CPF]),
    ("529/982/247-25", [CPF]),
    ("529,982,247-25", [CPF]),
    ("529_982_247_25", [CPF]),
    ("529.982.247.25", [CPF]),
    ("529.982.247 - 25", [CPF]),
    ("529. 982. 247-25", [CPF]),
    ("529.982.247–25", [CPF]),
    ("529.982.247—25", [CPF]),
    ("529.982.247−25", [CPF]),
    ("529·982·247‑25", [CPF]),
    ("5 2 9 9 8 2 2 4 7 2 5", [CPF]),
    ("52 99 82 24 725", [CPF]),
    ("５２９９８２２４７２５", [CPF]),
    ("５２９．９８２．２４７－２５", [CPF]),
    ("𝟓𝟐𝟗𝟗𝟖𝟐𝟐𝟒𝟕𝟐𝟓", [CPF]),
    ("٥٢٩٩٨٢٢٤٧٢٥", [CPF]),
    ("5️⃣2️⃣9️⃣9️⃣8️⃣2️⃣2️⃣4️⃣7️⃣2️⃣5️⃣", [CPF]),
    ("529\u200b982\u200b247\u200b25", [CPF]),
    ("\u202a529.982.247-25\u202c", [CPF]),
    ("529\u00a0982\u00a0247\u00a025", [CPF]),
    ("\ufeff52998224725", [CPF]),
    ("*529.982.247-25*", [CPF]),
    ("_52998224725_", [CPF]),
    ("(52998224725)", [CPF]),
    ("“52998224725”", [CPF]),
    ("52998224725.", [CPF]),
    ("52998224725?!", [CPF]),
    ("52998224725👍", [CPF]),
    ("11.222.333/0001-81", [CNPJ]),
    ("11222333000181", [CNPJ]),
    ("11222333/0001-81", [CNPJ]),
    ("112223330001-81", [CNPJ]),
    ("11.222.3330001-81", [CNPJ]),
    ("11.222.333.0001-81", [CNPJ]),
    ("11 222 333 0001 81", [CNPJ]),
    ("11222333 0001 81", [CNPJ]),
    ("11.222.333⁄0001-81", [CNPJ]),
    ("12.ABC.345/01DE-35", [LETTERS]),
    ("12.abc.345/01de-35", [LETTERS]),
    ("12ABC34501DE35", [LETTERS]),
    ("12abc34501de35", [LETTERS]),
    ("12abc345/01de-35", [LETTERS]),
    ("１２.ａｂｃ.３４５/０１ｄｅ-３５", [LETTERS]),
]

SENTENCES = [
    ("oi, preciso da segunda via do boleto, meu cpf é 529.982.247-25", [CPF]),
    ("cpf:52998224725", [CPF]),
    ("CPF52998224725", [CPF]),
    ("meucpfe52998224725", [CPF]),
    ("cpf65438109800", ["cpf 65438109800"]),  # with its letters, a valid alphanumeric CNPJ
    ("cpf nº52998224725", [CPF]),
    ("CPF=529.982.247-25;", [CPF]),
    ("52998224725obrigado", [CPF]),
    ("00020112394 ou cpf00020112394ok", ["cpf 00020112394"]),  # begins as a Pix code does
    ("quero a 2via52998224725", [CPF]),
    ("boleto 52998224725", [CPF]),
    ("segunda via da conta 52998224725 por favor", [CPF]),
    ("meu número é 52998224725", [CPF]),
    ("52998224725 é o meu cpf", [CPF]),
    ("CPF/RG: 52998224725", [CPF]),
    ("RG: 529.982.247-25", [CPF]),  # the new identity card bears the CPF's number
    ("PIS 12345678919, cpf 52998224725", [CPF]),
    ("cpf\n52998224725", [CPF]),
    ("Nome: Fulano\nCPF: 529.982.247-25\nTel: (11) 98765-4321", [CPF]),
    ("cpf é 52 99 82 24 725 tá", [CPF]),
    ("o cpf 52998224725.2 via do boleto", [CPF]),
    ("manda pelo zap 52998224725", [CPF]),
    ("me envia no whatsapp o boleto do 52998224725", [CPF]),
    ("meu telefone mudou, o cadastro é 52998224725", [CPF]),
    ("tel 11987654321, cpf 52998224725", [CPF]),
    ("nasci em 10/11/1980 e meu cpf é 52998224725", [CPF]),
    ("52998224725 vence 10/11/2026", [CPF]),
    ("paguei R$ 350,00 no cpf 52998224725", [CPF]),
    ("rua 10, 529 982 247 25", [CPF]),
    ("cnpj da firma:11.222.333/0001-81.", [CNPJ]),
    ("CNPJ11222333000181", [CNPJ]),
    ("cnpj12abc34501de35", [LETTERS]),
    ("meu cnpj é12abc34501de35", [LETTERS]),
    ("cnpj 12 abc 345 01de 35", [LETTERS]),
    ("a empresa 12.ABC.345/01DE-35 precisa do boleto", [LETTERS]),
    ("empresa 12ABC34501DE35 aqui", [LETTERS]),
    ("529.982.247-25 e 111.444.777-35", [CPF, OTHER_CPF]),
    ("52998224725,11144477735", [CPF, OTHER_CPF]),
    ("52998224725/11144477735", [CPF, OTHER_CPF]),
    ("52998224725-11222333000181", [CPF, CNPJ]),
    ("529 982 247 25 111 444 777 35", [CPF, OTHER_CPF]),
    ("11.222.333/0001-81 ou 52998224725", [CNPJ, CPF]),
    ("52998224725 ou seja 529.982.247-25", [CPF]),
    ("https://exemplo.com.br/2via cpf 52998224725", [CPF]),
    (f"{PIX} esse pix é do cpf 52998224725?", [CPF]),
    ("00190.00009 03128.557000 00012.345179 6 16360000009990 do cpf 52998224725", [CPF]),
]

TRIES = [
    ("529.982.247-24", [wrong("52998224724", "check_digits")]),
    ("moro em Recife, 529.982.247-24, boleto", [wrong("52998224724", "check_digits")]),
    ("52998224724", [wrong("52998224724", "check_digits")]),
    ("52998224724!", [wrong("52998224724", "check_digits")]),
    ("meu cpf 52998224724", [wrong("52998224724", "check_digits")]),
    ("52998224724 é o cpf dela", [wrong("52998224724", "check_digits")]),
    ("documento: 52998224724", [wrong("52998224724", "check_digits")]),
    ("doc 529 982 247 24", [wrong("52998224724", "check_digits")]),
    ("cpf 11987654320", [wrong("11987654320", "check_digits")]),
    ("119.876.543-20", [wrong("11987654320", "check_digits")]),
    ("11.222.333/0001-82", [wrong("11222333000182", "check_digits")]),
    ("11222333000182", [wrong("11222333000182", "check_digits")]),
    ("12.ABC.345/01DE-36", [wrong("12ABC34501DE36", "check_digits")]),
    ("cnpj 12abc34501de36", [wrong("12ABC34501DE36", "check_digits")]),
    ("12ABC34501DE36", [wrong("12ABC34501DE36", "check_digits")]),
    ("111.111.111-11", [wrong("11111111111", "repeated")]),
    ("00000000000", [wrong("00000000000", "repeated")]),
    ("cnpj 11111111111111", [wrong("11111111111111", "repeated")]),
    ("AAAAAAAAAAAA45", [wrong("AAAAAAAAAAAA45", "repeated")]),
    ("AA.AAA.AAA/AAAA-45", [wrong("AAAAAAAAAAAA45", "repeated")]),
    ("cnpj zzzzzzzzzzzz62", [wrong("ZZZZZZZZZZZZ62", "repeated")]),
    ("11.111.111/1111-80", [wrong("11111111111180", "repeated")]),
    ("cpf 529.982.247", [wrong("529982247", "too_short")]),
    ("cpf 529982", [wrong("529982", "too_short")]),
    ("meu cpf é 52998224", [wrong("52998224", "too_short")]),
    ("529.982.247-2", [wrong("5299822472", "too_short")]),
    ("5299822472", [wrong("5299822472", "too_short")]),
    ("cpf 1133334444", [wrong("1133334444", "too_short")]),
    ("1122233300018", [wrong("1122233300018", "too_short")]),
    ("cnpj 112223330001", [wrong("112223330001", "too_short")]),
    ("11.222.333/0001-8", [wrong("1122233300018", "too_short")]),
    ("11.222.333/0001", [wrong("112223330001", "too_short")]),
    ("11222333/0001", [wrong("112223330001", "too_short")]),
    ("112223330001", [wrong("112223330001", "too_short")]),
    ("cpf 11.222.333/0001", [wrong("112223330001", "too_short")]),
    ("529.982.247-255", [wrong("529982247255", "too_long")]),
    ("529982247255", [wrong("529982247255", "too_long")]),
    ("cpf 5299822472555", [wrong("5299822472555", "too_long")]),
    ("112223330001811", [wrong("112223330001811", "too_long")]),
    ("cpf 52998224725-1", [wrong("529982247251", "too_long")]),
    ("cpf52998224724", [wrong("52998224724", "check_digits")]),
    ("cnpj1122233300", [wrong("1122233300", "too_short")]),
    ("1234567890", [wrong("1234567890", "missing_zero")]),
    ("1.234.567.890", [wrong("1234567890", "missing_zero")]),
    ("12.345.678-90", [wrong("1234567890", "missing_zero")]),
    ("meu cpf: 1234567890", [wrong("1234567890", "missing_zero")]),
    ("o boleto do 1234567890 venceu", [wrong("1234567890", "missing_zero")]),
    ("cpf 529.982.247-24, aliás 529.982.247-25", [wrong("52998224724", "check_digits"), CPF]),
]

SPELLED = wrong("52998224725", "spelled")
IN_WORDS = [
    ("cinco dois nove nove oito dois dois quatro sete dois cinco", [SPELLED]),
    ("Cinco, dois, nove; nove oito dois. Dois quatro sete, dois cinco", [SPELLED]),
    ("meu cpf é cinco dois nove ponto nove oito dois ponto dois quatro sete traço vinte e cinco", [SPELLED]),
    ("quinhentos e vinte e nove novecentos e oitenta e dois duzentos e quarenta e sete vinte e cinco", [SPELLED]),
    ("cinco dois 9 nove oito 2 dois quatro sete dois cinco", [SPELLED]),
    (
        "onze duzentos e vinte e dois trezentos e trinta e três mil ao contrário oitenta e um",
        [wrong("11222333000181", "spelled")],
    ),
    ("zero zero meia um zero um cinco quatro um cinco zero", [wrong("00610154150", "spelled")]),
    ("cinco dois nove nove oito dois dois quatro sete dois cinco, 52998224725", [CPF]),
    ("cinco dois nove nove oito dois dois quatro sete dois quatro", []),
    ("cinco dois nove nove oito dois", []),
    ("um dois três, testando", []),
]

TRAPS = [
    "",
    "oi, bom dia",
    "preciso da segunda via do meu boleto",
    "+55 11 98765-4321",
    "+5511987654321",
    "+55 (11) 98765-4321",
    "(11) 98765-4321",
    "(11)987654321",
    "11 98765-4321",
    "11 98765 4321",
    "11-98765-4321",
    "11.98765.4321",
    "(011) 3333-4444",
    "98765-4321",
    "3333-4444",
    "5511987654321",
    "011987654321",
    "1133334444",
    "11987654321",
    "meu zap é 11987654321",
    "whats 52998224725",
    "tel: 52998224725",
    "+55 52 99822-4725",
    "me liga no celular 11 3333 4444",
    "0800 123 4567",
    "cpf eu passo depois, meu telefone é 11987654321",
    "meu zap é 1234567890",
    "R$ 1.234.567,89",
    "R$ 529.982.247,25",
    "são 529.982.247,25 no total",
    "paguei 52998224725,00",
    "150 reais",
    "boleto de R$350,00 do cpf",
    "10/11/2026",
    "vence 2026-11-10 às 10:30",
    "10/11/2026 123",
    "cpf cadastrado em 10/11/2026",
    "CEP 01310-100",
    "01310100",
    "cep 01.310-100",
    "00190.00009 03128.557000 00012.345179 6 16360000009990",
    "00190 00009 03128 557000 00012 345179 6 16360000009990",
    "00190000090312855700000012345179616360000009990",
    "cpf 00190000090312855700000012345179616360000009990",
    "00190.00009 03128.557000\n00012.345179 6 16360000009990",
    "00190.00009 03128.557000 00012.3451",
    "00012.345179 6 16360000009990",
    "0019.0000.9031.2855.7000.0001.2345.1796.1636.0000.0099.90",
    "82680000000-0 50001234567-3 89012345678-6 90123456789-8",
    "826800000000 500012345673 890123456786 901234567898",
    "82680000000500012345678901234567890123456789",
    PIX,
    PIX[:120],
    PIX[20:],
    PIX.replace("8704", "8705"),
    PIX_WITH_CPF_KEY + "ABCD",
    PIX_WITH_CPF_KEY[:60],
    "fulano@exemplo.com.br",
    "52998224725@exemplo.com",
    "https://exemplo.com.br/boleto/52998224725",
    "www.exemplo.com/?cpf=52998224725",
    "exemplo.com.br/b/pdf/52998224725",
    "123e4567-e12b-12d1-a456-426655440000",
    "7f0c2a34-0000-4000-8000-052998224725",
    "4f1c0a9e000052998224725000000004",
    "4111 1111 1111 1111",
    "4111111111111111",
    "4111.1111.1111.1111",
    "protocolo 2026112300012345",
    "protocolo 52998224725",
    "protocolo nº 11222333000181",
    "0001234-56.2026.8.26.0100",
    "rg 12.345.678-9",
    "12.345.678-9",
    "cnh 52998224725",
    "NIT 52998224725",
    "NIT 529.982.247-25",
    "meu PIS é 52998224725",
    "PIS/PASEP: 529.982.247-25",
    "52998224725 é meu NIT",
    "título de eleitor 52998224725",
    "título 52998224725",
    "carteira de trabalho 52998224725",
    "rg 52998224725",
    "CEP 52998224725",
    "protocolo 529.982.247-25",
    "52998224724 foi o que apareceu na tela",
    "rua 529 98224725",
    "boleto de 11 parcelas, 529982247 e 25",
    "quero falar do cpf, boleto de 2026",
    "no cpf 2 por favor",
    "cpf 250 reais",
    "desenvolvimento",
    "boleto20261123",
    "tel11987654321",
    "abcdefghijklmn",
    "ab.cde.fgh/ijkl-mn",
    "eu nao sei onde 12",
    "cus_000008392497",
]


def found(text: str) -> list[str]:
    return [" ".join(filter(None, (one.kind, one.value, one.reason and one.reason.value))) for one in find(text)]


@pytest.mark.parametrize(("text", "expected"), WRITINGS)
def test_a_document_is_found_however_it_is_written(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_documents_are_found_inside_what_people_say(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(("text", "expected"), TRIES)
def test_what_looks_like_a_document_but_is_not_says_why(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(("text", "expected"), IN_WORDS)
def test_a_document_spelled_in_words_is_to_be_confirmed(text: str, expected: list[str]) -> None:
    assert found(text) == expected
    assert all(one.suggestion for one in find(text) if one.reason is Reason.SPELLED)


@pytest.mark.parametrize("text", TRAPS)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert found(text) == []
