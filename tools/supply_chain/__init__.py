"""What is shipped and where it comes from: known vulnerabilities, bills of materials, licences."""
