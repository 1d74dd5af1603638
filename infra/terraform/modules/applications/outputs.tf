output "services" {
  description = <<-EOT
    Definition of each service: image, port, public path and its rewrites (`target_path`, `target_prefix`), environment and
    secrets; optionally command, task_policies, read_only_root and start_seconds.
  EOT
  value       = local.services
}

output "ports" {
  description = "Port of each service."
  value       = { for name, service in local.services : name => service.port }
}

output "smtp_port" {
  description = "Port of the mail server that auth uses. Null: no e-mail."
  value       = local.has_auth ? try(var.auth_smtp.port, null) : null
}

output "cognito_jwt" {
  description = "Value of HASURA_GRAPHQL_JWT_SECRET: how Hasura verifies the user pool's tokens (JSON, no secret)."
  value       = local.cognito_jwt
}

output "hasura_endpoint" {
  description = "Public URL of the GraphQL API."
  value       = "${var.public_url}${local.services.graphql.path}"
}
