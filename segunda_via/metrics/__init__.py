"""What happens in the flow, as events and figures. An event carries no personal data."""
