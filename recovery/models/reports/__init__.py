"""Reports, their revisions, assessments and photos."""
