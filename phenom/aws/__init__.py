"""AWS APIs as the command line uses them."""
