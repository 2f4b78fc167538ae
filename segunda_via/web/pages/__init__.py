"""The pages of the settings screen, in the order of the navigation. A new page is a module and a line here."""

from segunda_via.web.page import Page
from segunda_via.web.pages import (
    account,
    contacts,
    desk,
    flow,
    gateway,
    gateway_confirm,  # noqa: F401  handlers of gateway's page
    messages,
    not_understood,
    overview,
    panel,
    panel_list,
    queue,
    trail,
    trial,
    whatsapp,
)

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    panel.PAGE,
    panel_list.PAGE,
    not_understood.PAGE,
    gateway.PAGE,
    trial.PAGE,
    queue.PAGE,
    flow.PAGE,
    desk.PAGE,
    whatsapp.PAGE,
    messages.PAGE,
    contacts.PAGE,
    account.PAGE,
    trail.PAGE,
)
