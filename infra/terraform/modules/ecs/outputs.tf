output "cluster" {
  description = "ARN and name of the cluster."
  # By way of its capacity, which has to be there before a service is.
  value = { arn = aws_ecs_cluster.this.arn, name = aws_ecs_cluster_capacity_providers.this.cluster_name }
}

output "log_group" {
  description = "ARN and name of the log group of all containers."
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
  description = "Names of the services."
  value       = [for service in module.service : service.name]
}
