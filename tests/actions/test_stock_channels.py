"""The bundle and the menu on Rasa's own channels: the real classes, with what they would call put into them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel
from rasa.core.channels.facebook import MessengerBot
from rasa.core.channels.socketio import SocketIOOutput
from rasa.core.channels.telegram import TelegramOutput
from rasa.core.channels.twilio import TwilioOutput
from rasa_sdk.executor import CollectingDispatcher
from ruamel.yaml import YAML
from twilio.http import HttpClient
from twilio.http.response import Response

from segunda_via import skill
from segunda_via.actions import stock_channels
from segunda_via.actions.delivering import say
from segunda_via.delivery.bundle import Attachment, Code, Image, Line, Message, Text

PDF, QR, PIX = "https://pay.example/media/abc.pdf", "https://pay.example/media/abc.png", "00020126…6304ABCD"
RESPONSES = YAML(typ="safe").load(skill.DOMAIN.read_text("utf-8"))["responses"]
BUNDLE: list[Message] = [
    Text((Line("utter_segunda_via_link", {"link": "https://pay.example/i/1"}),)),
    Code(PIX),
    Code("34191.79001 01043.510047 91020.150008 5 91230000010000"),
    Image(QR),
    Attachment(PDF),
]
Sent = list[Any]


class TwilioApi(HttpClient):
    def __init__(self, sent: Sent) -> None:
        self.sent = sent

    def request(self, method: str, url: str, params: Any = None, data: Any = None, *_: Any, **__: Any) -> Response:
        self.sent.append({name: value for name, value in data.items() if name in {"Body", "MediaUrl", "To"}})
        return Response(201, json.dumps({"sid": "SM1"}))


def twilio(sent: Sent) -> OutputChannel:
    channel = TwilioOutput("AC1", "token", "whatsapp:+551130000000")
    channel.http_client = TwilioApi(sent)
    return channel


class Telegram(TelegramOutput):
    """Whose calls of the API go no further."""

    sent: Sent

    async def request(self, method: str, data: Any = None, *_: Any, **__: Any) -> Any:
        self.sent.append((method, {name: value for name, value in (data or {}).items() if value is not None}))
        return {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}


def telegram(sent: Sent) -> OutputChannel:
    channel = Telegram("1:abcdefghijklmnopqrstuvwxyz012345678")
    channel.sent = sent
    return channel


class Messenger:
    def __init__(self, sent: Sent) -> None:
        self.sent = sent

    def send(self, payload: Any, *_: Any) -> None:
        self.sent.append(payload)


class Sockets:
    def __init__(self, sent: Sent) -> None:
        self.sent = sent

    async def emit(self, event: str, message: Any, room: str) -> None:
        self.sent.append(message)


def facebook(sent: Sent) -> OutputChannel:
    return MessengerBot(Messenger(sent))


def socketio(sent: Sent) -> OutputChannel:
    return SocketIOOutput(Sockets(sent), "bot_uttered")


async def told(channel: OutputChannel, messages: list[Message]) -> None:
    """As Rasa hands on what an action said."""
    dispatcher = CollectingDispatcher()
    for message in messages:
        say(dispatcher, message, RESPONSES, channel.name())
    for draft in dispatcher.messages:
        await channel.send_response("1", {name: value for name, value in draft.items() if value})


async def bundle(made: Callable[[Sent], OutputChannel]) -> Sent:
    sent: Sent = []
    await told(made(sent), BUNDLE)
    assert len(sent) == len(BUNDLE)
    return sent


async def test_on_twilio_the_bundle_arrives_in_order_and_the_pdf_is_media() -> None:
    sent = await bundle(twilio)
    assert [next(iter(set(each) & {"Body", "MediaUrl"})) for each in sent] == ["Body"] * 3 + ["MediaUrl"] * 2
    assert sent[1]["Body"] == PIX
    assert sent[3]["MediaUrl"] == [QR]
    assert sent[4]["MediaUrl"] == [PDF]


async def test_on_telegram_the_pdf_is_a_document() -> None:
    sent = await bundle(telegram)
    assert [method for method, _ in sent] == ["sendMessage"] * 3 + ["sendPhoto", "sendDocument"]
    assert sent[1][1]["text"] == PIX
    assert sent[4][1]["document"] == PDF


async def test_on_facebook_the_pdf_is_a_file() -> None:
    sent = await bundle(facebook)
    assert sent[1]["text"] == PIX
    assert sent[3]["attachment"]["type"] == "image"
    assert sent[4] == {"attachment": {"type": "file", "payload": {"url": PDF}}}


async def test_a_web_widget_gets_the_pdf_as_a_sentence_with_its_link() -> None:
    sent = await bundle(socketio)
    assert sent[3]["attachment"]["payload"] == {"src": QR}
    assert sent[4] == {"text": f"📑 Boleto em PDF: {PDF}"}


async def test_rest_answers_with_an_image_and_an_attachment() -> None:
    channel = CollectingOutputChannel()
    await told(channel, BUNDLE)
    parts = [set(each) - {"recipient_id"} for each in channel.messages]
    assert parts == [{"text"}] * 3 + [{"image"}, {"attachment"}]


@pytest.mark.parametrize("name", ["slack", "mattermost", "rocketchat", "webexteams", "hangouts", "botframework"])
def test_where_a_file_cannot_be_said_its_link_stands_in_a_portuguese_sentence(name: str) -> None:
    dispatcher = CollectingDispatcher()
    say(dispatcher, Attachment(PDF), RESPONSES, name)
    assert [each["text"] for each in dispatcher.messages] == [f"📑 Boleto em PDF: {PDF}"]


@pytest.mark.parametrize(
    ("channel", "count", "buttons"),
    [("twilio", 2, False), ("cmdline", 2, False), ("facebook", 3, True), ("facebook", 4, False), ("rest", 9, True)],
)
def test_the_menu_has_buttons_only_where_all_of_them_can_be_pressed(channel: str, count: int, buttons: bool) -> None:
    assert stock_channels.shows_buttons(channel, count) is buttons
