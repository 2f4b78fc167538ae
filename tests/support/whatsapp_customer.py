"""A customer on WhatsApp whose messages go through the inbox, Rasa's turn channel and the outbox, in this process."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from segunda_via.http.rasa_client import RasaClient
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.worker import Ended, Retry
from segunda_via.server import inbox, late_tries
from segunda_via.server.admission import Admission
from segunda_via.whatsapp import turn_request
from segunda_via.whatsapp.inbound import Inbound
from segunda_via.whatsapp.sent_messages import messages_of
from support.conversations import COMPANY, Conversation
from support.turn_server import turn_server

NUMBER = "whatsapp:+14155238886"


class Customer:
    """What they write goes into the inbox; what they are to be sent is read in the outbox."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.app = talk.app
        self.phone = f"whatsapp:+5547{random.randrange(10**9):09}"
        self.conversation_id = talk.sender = f"{NUMBER}:{self.phone}"
        self.inbox = inbox.handler(self.app, Admission(), lambda: None)
        self.written = 0

    async def writes(self, text: str) -> list[str]:
        await self.is_answered(self.sends(text))
        return self.received()

    def sends(self, text: str) -> Job:
        self.written += 1
        message = Inbound(f"SM{self.written:032}{self.phone}", self.phone, NUMBER, "text", text)
        self.app.inbox.put(self.conversation_id, message.message_id, "message", message.as_payload())
        return self.taken()

    def taken(self) -> Job:
        (job,) = self.app.whatsapp_inbox.take("test")
        return job

    async def is_answered_by_rasa(self, job: Job) -> None:
        """And nothing is queued: as if the public server had died then."""
        turn = turn_request.of(job, self.app.shown_choices.of(job.company, job.ordering_key))
        assert turn is not None
        await self.app.rasa_client.run(turn, job.attempts)

    async def is_answered(self, job: Job) -> None:
        verdict = await self.inbox(job)
        if isinstance(verdict, Retry):  # on a slow machine Rasa's server closes the connection in between
            verdict = await self.inbox(job)
        assert verdict == Ended()

    async def hears_after(self, **time: float) -> list[str]:
        """What arrives unasked when so much time has passed: what is due enters the inbox, and is answered."""
        self.talk.passes(**time)
        late_tries.of(self.app).look()
        for job in self.app.whatsapp_inbox.take("test"):
            await self.is_answered(job)
        return self.received()

    def received(self) -> list[str]:
        """What waits to be sent, which is then accepted by Twilio."""
        bodies = []
        while taken := self.app.outbox.take("test"):
            for job in taken:
                for ordinal, message in messages_of(job):
                    bodies.append(str(message.get("body") or message.get("url")))
                    self.app.ticket_completion.accepted(COMPANY, job.batch, ordinal)
                self.app.outbox.done(job)
        return bodies


@asynccontextmanager
async def customer_of(talk: Conversation) -> AsyncIterator[Customer]:
    """With the server of that conversation's Rasa."""
    async with turn_server(talk.app, talk.agent) as url:
        app = talk.app
        app.__dict__["rasa_client"] = RasaClient(url, app.turn_secret, app.rasa_http)  # where this test's Rasa listens
        yield Customer(talk)
        await app.close()
