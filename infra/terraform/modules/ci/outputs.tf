output "deploy_role_arn" {
  description = "ARN of the role that deploys: variable DEPLOY_ROLE_ARN of the GitHub environment, or null."
  value       = one(aws_iam_role.deploy[*].arn)
}

output "cloudformation_role_arn" {
  description = "ARN of the role that CloudFormation assumes: variable CLOUDFORMATION_ROLE_ARN of the GitHub environment, or null."
  value       = one(aws_iam_role.cloudformation[*].arn)
}

output "administrator_role_arn" {
  description = "ARN of the role that CloudFormation assumes for administrators: ROLE_ARN of make deploy, or null."
  value       = one(aws_iam_role.administrator[*].arn)
}

output "plan_role_arn" {
  description = "ARN of the role for plans: repository variable PLAN_ROLE_ARN_DEVELOPMENT or PLAN_ROLE_ARN_PRODUCTION, or null."
  value       = one(aws_iam_role.plan[*].arn)
}
