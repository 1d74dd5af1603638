output "deploy_role_arn" {
  description = "Role that deploys, for the variable DEPLOY_ROLE_ARN of the environment on GitHub."
  value       = aws_iam_role.deploy.arn
}

output "cloudformation_role_arn" {
  description = "Role that CloudFormation takes, for the variable CLOUDFORMATION_ROLE_ARN of the environment on GitHub."
  value       = aws_iam_role.cloudformation.arn
}

output "plan_role_arn" {
  description = "Role that the checks plan as, for the repository's variable PLAN_ROLE_ARN_DEVELOPMENT or PLAN_ROLE_ARN_PRODUCTION."
  value       = aws_iam_role.plan.arn
}
