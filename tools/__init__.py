"""Tools for maintainers: cost model and supply chain."""
