"""The port to payment gateways. One adapter a file; what differs between gateways lives there and nowhere else."""

from segunda_via.gateways.port import Capabilities, Credentials, Gateway, GatewayIdentity

__all__ = ["Capabilities", "Credentials", "Gateway", "GatewayIdentity"]
