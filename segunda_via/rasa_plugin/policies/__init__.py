"""The policies that stand above RulePolicy: spoken failures and human takeover."""
