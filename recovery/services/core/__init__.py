"""What every use case stands on: the audit trail, phone numbers."""
