"""The monthly bill: sizes from template.yaml and Terraform's plans, prices and assumptions from the TOML files here."""
