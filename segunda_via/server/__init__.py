"""The public server: what the internet reaches.

http_protocol.py   HTTP as it comes from the wire: what is malformed, too large, too slow or too much is refused
"""
