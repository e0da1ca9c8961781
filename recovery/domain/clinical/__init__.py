"""The expected course of a recovery, and how a report is judged against it."""
