"""Any other desk: a receiver of signed events, its description, and the calls."""
