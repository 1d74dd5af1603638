"""Known vulnerabilities, bills of materials and licences of everything that is shipped."""
