"""Where an operator finds each field of a ticket desk, how it looks, and what went wrong. In Brazilian Portuguese."""

from __future__ import annotations

from collections.abc import Mapping

from segunda_via.errors import TicketDeskError
from segunda_via.gateways.field_help import FieldHelp

ABOUT: Mapping[str, str] = {
    "journal": "Os atendimentos ficam aqui mesmo",
    "whaticket": "E plataformas derivadas dele",
    "chatwoot": "Na nuvem ou no seu servidor",
    "webhook": "Qualquer outra plataforma",
}

_COMMON: Mapping[str, FieldHelp] = {
    "ca_file": FieldHelp("Caminho, no servidor, do certificado da sua autoridade própria.", "/etc/ssl/minha-ca.pem"),
    "allow_http": FieldHelp("Evite: qualquer um no caminho lê a senha."),
    "return_secret": FieldHelp("Invente um, e informe-o à plataforma. Em branco: conversas voltam só por comando."),
}
HELP: Mapping[str, Mapping[str, FieldHelp]] = {
    "journal": {},
    "whaticket": {
        **_COMMON,
        "base_url": FieldHelp(
            "O endereço do backend, que não é o da tela em que os atendentes entram.", "https://api.suaempresa.com.br"
        ),
        "email": FieldHelp("Crie um usuário administrador só para o assistente.", "assistente@suaempresa.com.br"),
        "password": FieldHelp("A senha com que esse usuário entra no Whaticket."),
    },
    "chatwoot": {
        **_COMMON,
        "base_url": FieldHelp("O endereço que você abre no navegador.", "https://app.chatwoot.com"),
        "account_id": FieldHelp("O número depois de /accounts/ no endereço do navegador.", "3"),
        "token": FieldHelp("No Chatwoot: Configurações do perfil → Token de acesso."),
        "inbox_id": FieldHelp("O número da caixa de entrada do tipo API, para conversas que começam aqui.", "5"),
    },
    "webhook": {
        **_COMMON,
        "base_url": FieldHelp("Recebe um POST a cada acontecimento.", "https://crm.suaempresa.com.br/segunda-via"),
        "secret": FieldHelp("Assina cada aviso. Invente um, longo, e informe-o a quem recebe."),
    },
}


def in_words(label: str, error: TicketDeskError) -> str:
    """Why that desk cannot be used, and what to do."""
    if error.rejected:
        return f"{label} recusou o acesso: confira o usuário, a senha ou o token, e se têm permissão"
    if error.retryable:
        return f"{label} não respondeu: confira o endereço, e se a plataforma está no ar"
    return f"{label} deu uma resposta que não entendo: confira se o endereço é o da API"
