"""Operating an installation: is it in order, does everything it depends on answer, and how keys are changed.

doctor.py         every check, one finding a line
status_lights.py  the page Estado, from the database alone
*_probe.py        ask the gateway, the desk or Twilio once, and note what it answered
health_watch.py   runs the probes regularly, and alerts the operator once
twilio_check.py   whether Twilio and this installation reach each other
dry_run.py        Testar: a delivery that sends nothing
exposure.py       whether the network reaches Rasa's server or the action server
key_rotation.py   encrypts everything anew with another secret key
"""
