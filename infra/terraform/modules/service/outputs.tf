output "name" {
  description = "Name of the ECS service: `phenom-<environment>-<name>`."
  value       = aws_ecs_service.this.name
}

output "arn" {
  description = "ARN of the ECS service."
  value       = aws_ecs_service.this.arn
}

output "task_definition_arn" {
  description = "ARN of the task definition."
  value       = aws_ecs_task_definition.this.arn
}

output "task_role_arn" {
  description = "ARN of the container's IAM role."
  value       = aws_iam_role.task.arn
}

output "alarm_names" {
  description = "Names of the service's alarms."
  value       = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name]
}

output "execution_role_arn" {
  description = "ARN of the IAM role with which ECS starts the container: pulls its image, writes logs under `<name>/`."
  value       = aws_iam_role.execution.arn
}
