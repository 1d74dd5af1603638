output "services" {
  description = <<-EOT
    What each service is: image, port, public path, what the container serves that path as (`target_path`, and `target_prefix`
    for all below it), environment, secrets, and where it has them command, task_policies, read_only_root and start_seconds.
  EOT
  value       = local.services
}

output "ports" {
  description = "Port of each service."
  value       = { for name, service in local.services : name => service.port }
}

output "hasura_endpoint" {
  description = "URL of GraphQL as the load balancer serves it."
  value       = "${var.public_url}${local.services.graphql.path}"
}
