"""Generates the dashboard of template.yaml and the metrics table of the documentation from metrics.yaml."""
