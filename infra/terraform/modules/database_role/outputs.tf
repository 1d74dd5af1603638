output "command" {
  description = "Command that runs the task."
  value = join(" ", [
    "aws ecs run-task --cluster ${var.run.cluster_name} --task-definition ${aws_ecs_task_definition.this.family}",
    "--launch-type FARGATE --network-configuration",
    "'awsvpcConfiguration={subnets=[${join(",", var.run.subnet_ids)}],securityGroups=[${var.run.security_group_id}]}'",
  ])
}
