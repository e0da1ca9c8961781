"""What follows without a nurse: escalation and silence."""
