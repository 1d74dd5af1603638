"""Checks of an AWS account before an environment is deployed to it. They only read."""
