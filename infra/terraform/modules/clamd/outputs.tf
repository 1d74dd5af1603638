output "host" {
  description = "DNS name at which the validator connects to clamd."
  value       = "${local.name}.${var.namespace.name}"
}

output "port" {
  description = "Port of clamd."
  value       = local.port
}

output "configuration" {
  description = "Complete clamd.conf of the container."
  value       = local.configuration
}

output "service_name" {
  description = "Name of the ECS service."
  value       = module.service.name
}
