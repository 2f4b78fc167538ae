"""Payment gateways: the port, the registry, what adapters share, and one package a gateway.

What is known of a gateway stands in its package alone: `description.py` (names, fields, hosts), `adapter.py` (calls)
and `reading.py` (what it answers).
"""

from segunda_via.gateways.port import Gateway, GatewayIdentity
from segunda_via.http.credentials import Credentials

__all__ = ["Credentials", "Gateway", "GatewayIdentity"]
