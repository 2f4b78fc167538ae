"""WhatsApp over Twilio: what enters, what is said, and what became of it."""

from __future__ import annotations

from functools import cached_property

import httpx
from sqlalchemy.engine import Engine

from segunda_via.composition.tickets import Tickets
from segunda_via.one_writer import repeatable
from segunda_via.outbox.finishing import Finishing
from segunda_via.outbox.lanes import Lanes
from segunda_via.outbox.sender import Sender
from segunda_via.outbox.steps import Steps
from segunda_via.outbox.turns import Turns
from segunda_via.outbox.twilio_client import TwilioClient
from segunda_via.outbox.twilio_client import new_client as new_twilio_client
from segunda_via.settings import whatsapp as whatsapp_setting
from segunda_via.settings.environment import DEFAULT_PUBLIC_URL
from segunda_via.settings.number_at_hand import NumberAtHand
from segunda_via.settings.whatsapp import WhatsApp


class WhatsAppWing(Tickets):
    def whatsapp(self, company: str) -> WhatsApp | None:
        """The WhatsApp number in force; ConfigurationError when it is only half configured."""
        return whatsapp_setting.in_force(self.environment, self.settings, company)

    @cached_property
    def number_at_hand(self) -> NumberAtHand:
        """The same for who asks all the time."""
        return NumberAtHand(self.whatsapp)

    def whatsapp_public_url(self, number: WhatsApp) -> str:
        """Where the media links are served: as the environment says, else beside the webhook."""
        told = self.environment.public_url
        return number.public_url if told == DEFAULT_PUBLIC_URL else told

    @cached_property
    def repeatable(self) -> Engine:
        """The database for what the channel would do again after a power failure."""
        return repeatable(self.engine)

    @cached_property
    def whatsapp_inbox(self) -> Lanes:
        """The inbox as its worker in the Rasa process sees it: the conversations of WhatsApp."""
        return Lanes(self.repeatable, self.keys, self.now, "inbox", prefix="whatsapp:")

    @cached_property
    def outbox(self) -> Lanes:
        """What waits to be sent over WhatsApp; a lane is a conversation, a batch is a turn."""
        return Lanes(self.repeatable, self.keys, self.now, "whatsapp")

    @cached_property
    def turns(self) -> Turns:
        return Turns(self.repeatable, self.keys, self.now, self.outbox)

    @cached_property
    def steps(self) -> Steps:
        return Steps(self.repeatable, self.now)

    @cached_property
    def finishing(self) -> Finishing:
        return Finishing(self.repeatable, self.now, self.tickets, self.turns, self.journal.current)

    @cached_property
    def twilio(self) -> TwilioClient:
        return TwilioClient(self.environment.twilio_api_url, self.twilio_http)

    @cached_property
    def twilio_http(self) -> httpx.AsyncClient:
        return new_twilio_client()

    @cached_property
    def sender(self) -> Sender:
        return Sender(
            engine=self.repeatable,
            steps=self.steps,
            finishing=self.finishing,
            twilio=self.twilio,
            links=self.media_links,
            number=self.number_at_hand,
            public_url=self.whatsapp_public_url,
            now=self.now,
        )
