"""The policies that stand above RulePolicy: spoken failures, turns that are ours alone, human takeover."""
