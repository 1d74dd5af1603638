"""What it costs to run: sizes from template.yaml and infra/terraform, prices and assumptions from files beside this."""
