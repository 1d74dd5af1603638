output "internal_url" {
  description = "Address of the client API inside the VPC, for the chat MCP. Security groups decide who can connect."
  value       = "http://${local.name}.${var.ecs.namespace.name}:${local.port}"
}

output "port" {
  description = "Port at which the load balancer connects."
  value       = local.port
}

output "service_name" {
  description = "Name of the ECS service."
  value       = module.service.name
}

output "configuration" {
  description = "Complete homeserver.yaml of the container. It contains no secret."
  value       = local.homeserver_yaml
}

output "file_system_id" {
  description = "Id of the file system with the uploaded media."
  value       = aws_efs_file_system.this.id
}

output "operator_secrets" {
  description = "Names of the secrets whose values an operator puts: `signing_key`, and `sign_in` before the variable of that name is set."
  value = {
    signing_key = aws_secretsmanager_secret.signing_key.name
    sign_in     = aws_secretsmanager_secret.sign_in.name
  }
}
