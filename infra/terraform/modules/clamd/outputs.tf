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

output "refresh_command" {
  description = "Command that copies new definitions to the private mirror now, or null without a mirror."
  value = var.mirror == null ? null : join(" ", [
    "aws ecs run-task --cluster ${var.cluster.name} --task-definition ${aws_ecs_task_definition.refresh[0].family}",
    "--launch-type FARGATE --network-configuration",
    "'awsvpcConfiguration={subnets=[${join(",", var.network.subnet_ids)}],securityGroups=[${var.network.security_group_id}]}'",
  ])
}
