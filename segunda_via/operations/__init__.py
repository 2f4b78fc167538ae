"""What is asked of a running installation: doctor, status lights, probes, retention, key rotation."""
