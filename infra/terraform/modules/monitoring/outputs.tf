output "topic_arn" {
  description = "ARN of the SNS topic that alarms notify."
  value       = aws_sns_topic.alarms.arn

  depends_on = [aws_sns_topic_policy.alarms]
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
