"""What guards the two servers that stand on Sanic: Rasa's own, and the action server that Rasa's SDK starts.

Neither is for the internet; whatever reaches them all the same is refused here before it costs anything.

binding.py         where a server listens, and a warning when others reach it
request_bounds.py  refuses a request by its head, before its body is read
access.py          the action server's guard, and what an error of its may say
callers.py         who may call: by the secret, or from this machine; also for the public server's `/metrics`
"""
