"""What a customer sends from their phone, as the webhook that Twilio makes of it.

The parameters and their names are those of WhatsApp messages: twilio.com/docs/messaging/guides/webhook-request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.twilio.account import API_VERSION, Account, Media, Message

KINDS = (
    "text", "empty", "button", "list", "location", "image", "audio", "video", "document", "sticker", "contact",
    "reaction",
)  # fmt: skip
_MESSAGE_TYPES = {
    "empty": "unsupported",
    "button": "interactive",
    "list": "interactive",
    "contact": "contacts",
}


@dataclass(frozen=True)
class Inbound:
    """One act of a customer. `sender` is `whatsapp:+55…`, or `whatsapp:BR.…` where the phone number is hidden.

    `text` is what was typed, the caption, the title of the button or of the item, or the emoji of a reaction.
    """

    sender: str
    kind: str = "text"
    text: str = ""
    profile: str | None = "Cliente Exemplo"
    payload: str = ""
    """The id of the button or of the item that was chosen."""
    latitude: str = ""
    longitude: str = ""
    address: str = ""
    label: str = ""
    file: tuple[str, bytes, str | None] | None = field(default=None, repr=False)
    """Content type, content and name of what was attached."""
    reply_to: str = ""
    """MessageSid of the message that this one answers or reacts to."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of message: {self.kind}; there are {', '.join(KINDS)}")
        if not self.sender.startswith("whatsapp:"):
            raise ValueError("a sender is written whatsapp:+5547999990001")


def receive(account: Account, act: Inbound) -> Message:
    """Keep the message; `parameters` makes its webhook."""
    files = []
    if act.file is not None:
        files.append(Media(account.new_sid("ME"), *act.file))
    message = Message(
        sid=account.new_sid("MM" if files else "SM"),
        inbound=True,
        sender=act.sender,
        to=account.number,
        body=act.text,
        created=account.now(),
        status="received",
        kind=act.kind,
        media=files,
        extra=_extra(account, act),
    )
    account.add(message)
    return message


def parameters(account: Account, message: Message, profile: str | None, media_root: str) -> dict[str, str]:
    """The form of the webhook. `media_root` is where Twilio would serve the account's media."""
    told = {
        "SmsMessageSid": message.sid,
        "NumMedia": str(len(message.media)),
        "SmsSid": message.sid,
        "MessageType": _MESSAGE_TYPES.get(message.kind, message.kind),
        "SmsStatus": "received",
        "Body": message.body,
        "To": message.to,
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": message.sid,
        "AccountSid": account.sid,
        "From": message.sender,
        "ApiVersion": API_VERSION,
    }
    if profile is not None:
        told["ProfileName"] = profile
    address = message.sender.removeprefix("whatsapp:")
    if address.startswith("+"):
        told["WaId"] = address[1:]
    else:
        told["ExternalUserIdentifier"] = address
    for place, each in enumerate(message.media):
        told[f"MediaContentType{place}"] = each.content_type
        told[f"MediaUrl{place}"] = f"{media_root}/Messages/{message.sid}/Media/{each.sid}"
    return told | dict(message.extra)


def _extra(account: Account, act: Inbound) -> Mapping[str, str]:
    extra: dict[str, str] = {}
    if act.kind == "button":
        extra = {"ButtonText": act.text, "ButtonPayload": act.payload}
    elif act.kind == "list":
        extra = {"ListTitle": act.text, "ListId": act.payload}
    elif act.kind == "location":
        named = {"Address": act.address, "Label": act.label}
        extra = {"Latitude": act.latitude, "Longitude": act.longitude, **{k: v for k, v in named.items() if v}}
    if act.reply_to:
        extra |= {"OriginalRepliedMessageSid": act.reply_to, "OriginalRepliedMessageSender": account.number}
    return extra
