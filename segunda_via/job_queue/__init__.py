"""The durable queue: jobs in the database, taken under leases, one at a time for each ordering key, retried."""
