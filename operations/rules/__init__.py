"""What is wrong with an installation, and what somebody is told of it. Facts in, findings out."""
