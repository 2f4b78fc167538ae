"""What Twilio refuses and what goes wrong after it accepted, by its own codes and in its own words.

Source: the pages of twilio.com/docs/api/errors/<code>.
"""

from __future__ import annotations

from starlette.responses import JSONResponse

REFUSALS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable"),
    21211: (400, "Invalid 'To' Phone Number"),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21608: (400, "The number is unverified. Trial accounts cannot send messages to unverified numbers."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL. Messages will not be sent."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21619: (400, "A text message body or media urls must be specified."),
    21620: (400, "Invalid media URL(s)"),
    21623: (400, "Number of media files exceeds allowed limit"),
    21655: (400, "The ContentSid is Invalid"),
    21656: (400, "The ContentVariables Parameter is invalid"),
    21910: (400, "Invalid From and To pair. From and To should be of the same channel"),
    63003: (400, "Channel could not find To address"),
    63007: (400, "Twilio could not find a Channel with the specified From address"),
    63038: (429, "Account exceeded the daily messages limit"),
}
"""Code -> the status of the answer and the message."""

FAILURES: dict[int, str] = {
    11751: "Media Message - Media exceeds messaging provider size limit",
    30008: "Unknown error",
    63001: "Channel could not authenticate the request",
    63003: "Channel could not find To address",
    63005: "Channel did not accept given content",
    63013: "Channel policy violation",
    63016: "Failed to send freeform message because you are outside the allowed window",
    63018: "Rate limit exceeded for Channel",
    63019: "Media failed to download",
    63021: "Channel invalid content error",
    63024: "Invalid message recipient",
    63032: "User is part of a Meta experiment",
    63037: "Channel provider failed to upload media",
    63049: "Meta chose not to deliver this WhatsApp marketing message",
}
"""Code -> what a status callback says of a message that was accepted and did not arrive."""


def refusal(code: int, message: str | None = None) -> JSONResponse:
    """Twilio's answer for that code: `{code, message, more_info, status}`."""
    status, words = REFUSALS.get(code, (400, FAILURES.get(code, "Bad request")))
    body = {
        "code": code,
        "message": message or words,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else {}
    return JSONResponse(body, status, headers=headers)


def refusal_of_status(status: int) -> JSONResponse:
    """Twilio's answer for an HTTP status."""
    code = {401: 20003, 404: 20404, 405: 20004, 429: 20429, 503: 20503}.get(status, 20500 if status >= 500 else 20001)
    answer = refusal(code)
    answer.status_code = status
    return answer
