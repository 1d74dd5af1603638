output "command" {
  description = "Command that runs the task."
  value = join(" ", [
    "aws ecs run-task --cluster ${var.run.cluster_name} --task-definition ${aws_ecs_task_definition.this.family}",
    "--launch-type FARGATE --network-configuration",
    "'awsvpcConfiguration={subnets=[${join(",", var.run.subnet_ids)}],securityGroups=[${var.run.security_group_id}]}'",
  ])
}

output "connection" {
  description = "How Synapse connects: host, port, database, role, and the ARN of the secret whose key `password` is the role's."
  value = {
    host       = var.server.host
    port       = var.server.port
    name       = var.name
    user       = var.name
    secret_arn = aws_secretsmanager_secret.this.arn
  }
}
