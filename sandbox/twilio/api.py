"""Twilio's HTTP API, as far as a WhatsApp channel uses it, and the simulator that stands behind it.

Mounted at `/twilio`, which takes the place of https://api.twilio.com and of its siblings messaging. and content.:

    /2010-04-01/Accounts/{sid}.json                          the account
    /2010-04-01/Accounts/{sid}/Messages.json                 POST sends, GET lists
    /2010-04-01/Accounts/{sid}/Messages/{sid}.json           one message
    /2010-04-01/Accounts/{sid}/Messages/{sid}/Media/{sid}    a customer's file
    /2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json     phone numbers
    /v2/Channels/Senders, /v2/Channels/Senders/{sid}         WhatsApp senders and their webhooks; POST changes them
    /v2/Indicators/Typing.json                               "typing…", and the message it answers is read
    /v1/Content, /v1/Content/{sid}                           content templates
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sandbox.faults import orders
from sandbox.twilio import content, inbound, webhooks
from sandbox.twilio.account import API_VERSION, Account, Message
from sandbox.twilio.delivery import Delivery, Timing
from sandbox.twilio.errors import refusal, refusal_of_status

LONGEST_BODY = 1600
MOST_MEDIA = 10
_ADDRESS = re.compile(r"whatsapp:(\+[1-9]\d{7,14}|[A-Z]{2}\.[0-9A-Za-z]{1,128})")


class TwilioSimulator:
    """One account with one WhatsApp number; a `faults.Faultable`, where the "document" is the customer's address."""

    name = "twilio"
    api = "/"

    def __init__(self, now: Callable[[], datetime], timing: Timing | None = None) -> None:
        self.account = Account(now)
        self.delivery = Delivery(self.account, timing or Timing())
        account = f"/{API_VERSION}/Accounts/{{account}}"
        self.app: ASGIApp = Starlette(
            routes=[
                Route(f"{account}.json", self._account),
                Route(f"{account}/Messages.json", self._create, methods=["POST"]),
                Route(f"{account}/Messages.json", self._list),
                Route(f"{account}/Messages/{{message}}.json", self._message),
                Route(f"{account}/Messages/{{message}}/Media/{{media}}", self._media),
                Route(f"{account}/IncomingPhoneNumbers.json", self._phone_numbers),
                Route("/v2/Channels/Senders", self._senders),
                Route("/v2/Channels/Senders/{sender}", self._sender, methods=["GET", "POST"]),
                Route("/v2/Indicators/Typing.json", self._typing, methods=["POST"]),
                Route("/v1/Content", self._contents, methods=["GET", "POST"]),
                Route("/v1/Content/{content}", self._content),
            ],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self._admit)],
            exception_handlers={404: lambda *_: refusal(20404), 405: lambda *_: refusal(20004)},
        )

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        return parse_qs(body.decode("utf-8", "replace")).get("To", [None])[0]

    def fault_of(self, document: str) -> str | None:
        return None

    def refusal(self, status: int) -> Response:
        return refusal_of_status(status)

    async def receive(self, act: inbound.Inbound, root: str) -> tuple[Message, webhooks.Answered | None]:
        """A customer's act: kept, and told to the channel's webhook; None when no webhook was configured.

        `root` is the address where this simulator is mounted.
        """
        message = inbound.receive(self.account, act)
        return message, await self.repeat(message, act.profile, root)

    async def repeat(self, message: Message, profile: str | None, root: str) -> webhooks.Answered | None:
        """Tell the webhook of a message, of an old one once more: Twilio may do that."""
        url, told = self.account.webhook_url, self.account
        if not url:
            return None
        form = inbound.parameters(told, message, profile, f"{root}/{API_VERSION}/Accounts/{told.sid}")
        answered = await webhooks.call(self.delivery.client, told.token, url, form)
        if not answered.accepted and told.fallback_url:
            form |= {"ErrorCode": str(answered.error), "ErrorUrl": url}
            answered = await webhooks.call(self.delivery.client, told.token, told.fallback_url, form)
        if answered.accepted and "accepted" not in message.reached:
            message.reached.append("accepted")
            told.tell("message", message)
        told.tell("webhook", (message, answered))
        return answered

    async def _admit(self, request: Request, proceed: RequestResponseEndpoint) -> Response:
        if not _authorised(request.headers.get("authorization", ""), self.account):
            return refusal(20003)
        response = await proceed(request)
        named = request.path_params.get("account")
        return refusal(20404) if named not in {None, self.account.sid} else response

    async def _account(self, request: Request) -> Response:
        account = self.account
        return JSONResponse(
            {
                "sid": account.sid,
                "friendly_name": "Segunda Via (sandbox)",
                "status": account.status,
                "type": "Full",
                "owner_account_sid": account.sid,
                "uri": f"/{API_VERSION}/Accounts/{account.sid}.json",
            }
        )

    async def _create(self, request: Request) -> Response:
        if request.path_params["account"] != self.account.sid:
            return refusal(20404)
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        told = {name: values[0] for name, values in form.items()}
        media = tuple(url for url in form.get("MediaUrl", []) if url)
        ordered = orders(request.scope)
        refused = next((fault.code for fault in ordered if fault.kind == "refuse"), None)
        code = refused or _complaint(told, media, self.account)
        if code:
            return refusal(code)
        body, buttons, kind = told.get("Body", ""), (), "text"
        if told.get("ContentSid"):
            try:
                shown = content.render(self.account, told["ContentSid"], told.get("ContentVariables"))
            except content.ContentRefused as error:
                return refusal(error.code)
            body, buttons, kind = shown.body, shown.buttons, shown.kind
        message = Message(
            sid=self.account.new_sid("MM" if media else "SM"),
            inbound=False,
            sender=told["From"],
            to=told["To"],
            body=body,
            created=self.account.now(),
            status="queued",
            kind="media" if media else kind,
            media_urls=media,
            buttons=buttons,
            content_sid=told.get("ContentSid") or None,
            callback=told.get("StatusCallback") or None,
        )
        self.account.add(message)
        self.delivery.start(message, ordered)
        return JSONResponse(self.account.as_json(message), 201)

    async def _list(self, request: Request) -> Response:
        to, sender = request.query_params.get("To"), request.query_params.get("From")
        found = [
            self.account.as_json(message)
            for message in reversed(self.account.messages)
            if to in {None, message.to} and sender in {None, message.sender}
        ]
        size = min(int(request.query_params.get("PageSize", "50")), 1000)
        return JSONResponse({"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None})

    async def _message(self, request: Request) -> Response:
        message = self.account.find(request.path_params["message"])
        return JSONResponse(self.account.as_json(message)) if message else refusal(20404)

    async def _media(self, request: Request) -> Response:
        message = self.account.find(request.path_params["message"])
        for each in message.media if message else ():
            if each.sid == request.path_params["media"]:
                return Response(each.content, media_type=each.content_type)
        return refusal(20404)

    async def _phone_numbers(self, request: Request) -> Response:
        number = self.account.number.removeprefix("whatsapp:")
        wanted = request.query_params.get("PhoneNumber")
        owned = {
            "sid": "PN" + self.account.sender_sid[2:],
            "account_sid": self.account.sid,
            "phone_number": number,
            "friendly_name": number,
            "capabilities": {"voice": False, "sms": True, "mms": True, "fax": False},
            "sms_url": self.account.webhook_url or "",
            "sms_method": "POST",
            "status": "in-use",
        }
        return JSONResponse({"incoming_phone_numbers": [owned] if wanted in {None, number} else [], "page": 0})

    async def _senders(self, request: Request) -> Response:
        meta = {"page": 0, "page_size": 50, "next_page_url": None, "key": "senders"}
        return JSONResponse({"senders": [self._sender_object()], "meta": meta})

    async def _sender(self, request: Request) -> Response:
        if request.path_params["sender"] != self.account.sender_sid:
            return refusal(20404)
        if request.method == "GET":
            return JSONResponse(self._sender_object())
        try:
            webhook = (await request.json())["webhook"]
            self.configure(webhook.get("callback_url"), webhook.get("status_callback_url"), webhook.get("fallback_url"))
        except (ValueError, KeyError, AttributeError, TypeError):
            return refusal(20001)
        return JSONResponse(self._sender_object(), 202)

    def configure(
        self, webhook_url: str | None, status_callback_url: str | None = None, fallback_url: str | None = None
    ) -> None:
        """What is called when a customer writes, and when the status of a message changes."""
        self.account.webhook_url = webhook_url
        self.account.status_callback_url = status_callback_url
        self.account.fallback_url = fallback_url

    def _sender_object(self) -> Mapping[str, object]:
        account = self.account
        return {
            "sid": account.sender_sid,
            "sender_id": account.number,
            "status": account.sender_status,
            "webhook": {
                "callback_url": account.webhook_url,
                "callback_method": "POST",
                "fallback_url": account.fallback_url,
                "fallback_method": "POST",
                "status_callback_url": account.status_callback_url,
                "status_callback_method": "POST",
            },
            "profile": {"name": "Empresa Teste"},
            "properties": {"quality_rating": "HIGH", "messaging_limit": "1K Customers/24hr"},
            "offline_reasons": None,
        }

    async def _typing(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        message = self.account.find(form.get("messageId", ""))
        if message is None or not message.inbound or form.get("channel") != "whatsapp":
            return refusal(20001, "messageId must be a message that was received by WhatsApp")
        message.status = "read"
        self.account.tell("message", message)
        self.account.tell("typing", message.sender)
        return JSONResponse({"success": True})

    async def _contents(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"contents": list(self.account.contents.values()), "meta": {"page": 0}})
        try:
            return JSONResponse(content.add(self.account, await request.json()), 201)
        except (ValueError, AttributeError, content.ContentRefused):
            return refusal(20001)

    async def _content(self, request: Request) -> Response:
        found = self.account.contents.get(request.path_params["content"])
        return JSONResponse(found) if found else refusal(20404)


def _authorised(header: str, account: Account) -> bool:
    scheme, _, encoded = header.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(given, f"{account.sid}:{account.token}".encode())


def _complaint(told: Mapping[str, str], media: tuple[str, ...], account: Account) -> int | None:
    """Why the call is refused, in Twilio's order; None when it is accepted."""
    to, sender = told.get("To", ""), told.get("From", "")
    checks = (
        (not to, 21604),
        (not sender and not told.get("MessagingServiceSid"), 21603),
        (to.startswith("whatsapp:") != sender.startswith("whatsapp:"), 21910),
        (not _ADDRESS.fullmatch(to), 21211),
        (sender != account.number, 63007),
        (not (told.get("Body") or media or told.get("ContentSid")), 21619),
        (len(told.get("Body", "")) > LONGEST_BODY, 21617),
        (len(media) > MOST_MEDIA, 21623),
        (not all(_is_url(url) for url in media), 21620),
        (bool(told.get("StatusCallback")) and not _is_url(told["StatusCallback"]), 21609),
    )
    return next((code for wrong, code in checks if wrong), None)


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
