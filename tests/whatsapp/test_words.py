"""What enters and what leaves, without any server: kinds of messages, cutting, splitting, choices."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segunda_via.whatsapp import inbound, splitting
from segunda_via.whatsapp.buttons import ButtonChoice, chosen, numbered

SID = "SM" + "0" * 32
BASE = {"MessageSid": SID, "From": "whatsapp:+5547999990000", "To": "whatsapp:+14155238886"}
LINE = "46195.44689 54327.046295 65758.330735 6 16270000035000"


def read(**form: str) -> inbound.Inbound:
    message = inbound.read([*BASE.items(), *form.items()])
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({"Body": "oi"}, "text"),
        ({"Body": ""}, "empty"),
        ({"Body": "  / "}, "empty"),
        ({"Body": "Boleto", "ButtonText": "Boleto", "ButtonPayload": "/x"}, "button"),
        ({"Body": "Boleto", "ListTitle": "Boleto", "ListId": "1", "MessageType": "interactive"}, "list"),
        ({"Body": "", "Latitude": "-26.3", "Longitude": "-48.8"}, "location"),
        ({"Body": "", "NumMedia": "1", "MediaContentType0": "image/jpeg"}, "image"),
        ({"Body": "", "NumMedia": "1", "MediaContentType0": "image/webp"}, "sticker"),
        ({"Body": "", "NumMedia": "1", "MediaContentType0": "audio/ogg"}, "audio"),
        ({"Body": "", "NumMedia": "1", "MediaContentType0": "video/mp4"}, "video"),
        ({"Body": "", "NumMedia": "1", "MediaContentType0": "application/pdf"}, "document"),
        ({"Body": "", "NumMedia": "1", "MediaContentType0": "text/vcard"}, "contact"),
        ({"Body": "👍", "MessageType": "reaction"}, "reaction"),
    ],
)
def test_each_message_is_what_it_is(form: dict[str, str], kind: str) -> None:
    assert read(**form).kind == kind


def test_a_hidden_number_is_a_sender_like_any_other() -> None:
    message = inbound.read([("MessageSid", SID), ("From", "whatsapp:BR.1502abc"), ("To", BASE["To"]), ("Body", "oi")])
    assert message is not None
    assert message.conversation_id == "whatsapp:+14155238886:whatsapp:BR.1502abc"


@pytest.mark.parametrize("broken", [{"MessageSid": "x"}, {"From": "+5547"}, {"To": ""}])
def test_what_is_no_message_of_whatsapp_is_none(broken: dict[str, str]) -> None:
    assert inbound.read([*(BASE | broken).items()]) is None


@given(st.text(max_size=3000))
def test_nothing_that_is_typed_begins_like_a_command(text: str) -> None:
    cleaned = inbound.clean(text)
    assert not cleaned.startswith("/")
    assert cleaned == cleaned.strip()
    assert len(cleaned) <= inbound.LONGEST_TEXT


def test_a_long_text_is_not_cut_inside_a_document() -> None:
    text = "a" * (inbound.LONGEST_TEXT - 8) + " 529.982.247-25 fim"
    assert not re.search(r"\d", inbound.clean(text))


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=4000), st.integers(60, 300))
def test_the_parts_are_the_text(text: str, limit: int) -> None:
    parts = splitting.split(text, limit)
    assert all(part.strip() for part in parts)
    assert all(len(part.encode("utf-16-le")) // 2 <= limit for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


words = st.text("abcdefgç", min_size=1, max_size=12)


@given(st.lists(words, max_size=80), st.lists(words, max_size=80), st.integers(60, 300))
def test_a_code_is_never_torn(before: list[str], after: list[str], limit: int) -> None:
    text = " ".join([*before, LINE, *after])
    assert any(LINE in part for part in splitting.split(text, limit))


def test_paragraphs_are_the_first_borders() -> None:
    assert splitting.split("a" * 30 + "\nb\n\n" + "c" * 30, 40) == ["a" * 30 + "\nb", "c" * 30]


MENU = (ButtonChoice("Segunda via", "/pedir_segunda_via"), ButtonChoice("Falar com alguém", "/falar_com_atendente"))


def test_what_is_shown_works_when_it_comes_back() -> None:
    for number, line in enumerate(numbered("?", MENU).splitlines()[1:]):
        assert chosen(line.split(".")[0], "", MENU) == MENU[number]
    assert chosen("falar com alguem!", "", MENU) == MENU[1]
    assert chosen("", "/falar_com_atendente", MENU) == MENU[1]


@pytest.mark.parametrize("said", ["3", "0", "12", "529.982.247-25", "quero 2 boletos", "", "/pedir_segunda_via"])
def test_anything_else_is_not_a_choice(said: str) -> None:
    assert chosen(said, "", MENU) is None
    assert chosen(said, "/restart", MENU) is None
