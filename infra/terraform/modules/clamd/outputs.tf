output "host" {
  description = "Name under which the validator finds clamd."
  value       = "${module.service.name}.${var.namespace.name}"
}

output "port" {
  description = "Port of clamd."
  value       = local.port
}

output "configuration" {
  description = "clamd.conf as the container gets it."
  value       = local.configuration
}

output "service_name" {
  description = "Name of the ECS service."
  value       = module.service.name
}
