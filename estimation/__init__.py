"""Expected bands from a clinic's own reports. Knows the domain only; the one place that loads scipy."""
