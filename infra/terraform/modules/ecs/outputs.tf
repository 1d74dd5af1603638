output "cluster" {
  description = "ARN and name of the cluster."
  # Taken from the capacity providers, which must exist before a service.
  value = { arn = aws_ecs_cluster.this.arn, name = aws_ecs_cluster_capacity_providers.this.cluster_name }
}

output "log_group" {
  description = "ARN and name of the log group that all containers share."
  value       = { arn = aws_cloudwatch_log_group.this.arn, name = aws_cloudwatch_log_group.this.name }
}

output "namespace" {
  description = "Id and name of the private DNS namespace."
  value = {
    id   = aws_service_discovery_private_dns_namespace.this.id
    name = aws_service_discovery_private_dns_namespace.this.name
  }
}

output "service_names" {
  description = "Names of the ECS services."
  value       = [for service in module.service : service.name]
}

output "service_arns" {
  description = "ARN of each service."
  value       = { for name, service in module.service : name => service.arn }
}

output "task_definition_arns" {
  description = "ARN of each service's task definition."
  value       = { for name, service in module.service : name => service.task_definition_arn }
}
