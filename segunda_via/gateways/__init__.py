"""The port to payment gateways. One adapter a file; what differs between gateways lives there and nowhere else."""

from segunda_via.gateways.port import Capabilities, Gateway, GatewayIdentity
from segunda_via.http.credentials import Credentials

__all__ = ["Capabilities", "Credentials", "Gateway", "GatewayIdentity"]
