"""The rules, one small pure function each: a view in, findings out."""
