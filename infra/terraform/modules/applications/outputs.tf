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

output "hasura_endpoint" {
  description = "Public URL of the GraphQL API."
  value       = "${var.public_url}${local.services.graphql.path}"
}
