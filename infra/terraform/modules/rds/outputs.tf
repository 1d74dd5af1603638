output "identifier" {
  description = "Identifier of the instance."
  value       = aws_db_instance.this.identifier
}

output "address" {
  description = "Host name of the database."
  value       = aws_db_instance.this.address
}

output "endpoint" {
  description = "Host name and port of the database."
  value       = aws_db_instance.this.endpoint
}

output "port" {
  description = "Port of the database."
  value       = aws_db_instance.this.port
}

output "database_name" {
  description = "Name of the database."
  value       = aws_db_instance.this.db_name
}

output "master_secret_arn" {
  description = "ARN of the secret with the master user's name and password. RDS rotates it every week."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}
