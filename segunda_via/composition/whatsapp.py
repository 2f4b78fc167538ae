"""WhatsApp over Twilio: what enters, what is said, and what became of it."""

from __future__ import annotations

from functools import cached_property

import httpx
from sqlalchemy.engine import Engine

from segunda_via.composition.tickets import Tickets
from segunda_via.job_queue.queue import JobQueue
from segunda_via.settings import whatsapp as whatsapp_setting
from segunda_via.settings.cached import CachedWhatsAppNumber
from segunda_via.settings.environment import DEFAULT_PUBLIC_URL
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.storage.sqlite_writes import repeatable
from segunda_via.whatsapp.reply_drafts import ReplyDrafts
from segunda_via.whatsapp.sender import Sender
from segunda_via.whatsapp.sent_messages import SentMessages
from segunda_via.whatsapp.ticket_completion import TicketCompletion
from segunda_via.whatsapp.twilio_client import TwilioClient
from segunda_via.whatsapp.twilio_client import new_client as new_twilio_client


class WhatsAppWing(Tickets):
    def whatsapp(self, company: str) -> WhatsAppNumber | None:
        """The WhatsApp number in force; ConfigurationError when it is only half configured."""
        return whatsapp_setting.in_force(self.environment, self.settings, company)

    @cached_property
    def number_at_hand(self) -> CachedWhatsAppNumber:
        """The same for who asks all the time."""
        return CachedWhatsAppNumber(self.whatsapp)

    def whatsapp_public_url(self, number: WhatsAppNumber) -> str:
        """Where the media links are served: as the environment says, else beside the webhook."""
        told = self.environment.public_url
        return number.public_url if told == DEFAULT_PUBLIC_URL else told

    @cached_property
    def repeatable(self) -> Engine:
        """The database for what the channel would do again after a power failure."""
        return repeatable(self.engine)

    @cached_property
    def whatsapp_inbox(self) -> JobQueue:
        """The inbox as its worker in the Rasa process sees it: the conversations of WhatsApp."""
        return JobQueue(self.repeatable, self.keys, self.now, "inbox", prefix="whatsapp:")

    @cached_property
    def outbox(self) -> JobQueue:
        """What waits to be sent over WhatsApp; a lane is a conversation, a batch is a turn."""
        return JobQueue(self.repeatable, self.keys, self.now, "whatsapp")

    @cached_property
    def turns(self) -> ReplyDrafts:
        return ReplyDrafts(self.repeatable, self.keys, self.now, self.outbox)

    @cached_property
    def steps(self) -> SentMessages:
        return SentMessages(self.repeatable, self.now)

    @cached_property
    def finishing(self) -> TicketCompletion:
        return TicketCompletion(self.repeatable, self.now, self.tickets, self.turns, self.journal.current)

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
