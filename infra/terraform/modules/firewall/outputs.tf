output "web_acl_arn" {
  description = "ARN of the web ACL."
  value       = aws_wafv2_web_acl.this.arn
}

output "policy_arn" {
  description = "ARN of the policy that lets operators attach the firewall and take it off."
  value       = aws_iam_policy.association.arn
}

output "log_group_name" {
  description = "Log group with the requests that a rule counted or blocked."
  value       = aws_cloudwatch_log_group.this.name
}
