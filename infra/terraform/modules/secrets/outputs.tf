output "app_secret_arn" {
  description = "Full ARN of the app secret. ECS refers to one of its values as `<arn>:<key>::`."
  value       = aws_secretsmanager_secret.app.arn
}

output "app_secret_name" {
  description = "Name of the app secret."
  value       = aws_secretsmanager_secret.app.name
}
