"""Operating an installation: is it in order, does everything it depends on answer, and how keys are changed.

backup/            the installation into a file, and back
probes/            what is looked at, one thing a probe: for the terminal, for Estado, for the health watch
health_watch.py    asks the slow probes regularly, erases unconfirmed tokens, and alerts the operator once
pasted_gateway.py  a gateway that is not saved yet: its fields, its answer, and whom its invoices pay
disk_space.py      what is free where data are written
dry_run.py         Testar: a delivery that sends nothing
exposure.py        whether the network reaches Rasa's server or the action server
key_rotation.py    encrypts everything anew with another secret key
"""
