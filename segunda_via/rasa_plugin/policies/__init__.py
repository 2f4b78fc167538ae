"""The policies above RulePolicy: spoken failures, late deliveries, turns that are ours alone, human takeover."""
