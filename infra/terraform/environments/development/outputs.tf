output "alb_dns_name" {
  description = "Name of the load balancer, for the DNS record of domain_name."
  value       = module.alb.dns_name
}

output "alb_zone_id" {
  description = "Hosted zone of the load balancer's name, for an alias record in Route 53."
  value       = module.alb.zone_id
}

output "service_endpoints" {
  description = "Public URL of each service."
  value       = { for name, service in module.applications.services : name => "${local.public_url}${service.path}" }
}

output "database_endpoint" {
  description = "Host name and port of the database, reachable from ECS tasks and functions in the VPC."
  value       = module.rds.endpoint
}

output "database_role_command" {
  description = "Makes Hasura's role in the database: to be run after the first apply, and after a new secret_generation."
  value       = module.database_role.command
}

output "cognito_user_pool_id" {
  description = "Id of the user pool."
  value       = module.cognito.user_pool_id
}

output "cognito_user_pool_arn" {
  description = "ARN of the user pool."
  value       = module.cognito.user_pool_arn
}

output "cognito_app_client_id" {
  description = "Id of the app client."
  value       = module.cognito.client_id
}

output "cognito_sign_in_domain" {
  description = "Host name of the hosted sign-in, or null."
  value       = module.cognito.sign_in_domain
}

output "s3_bucket_name" {
  description = "Name of the general bucket."
  value       = module.s3.bucket_name
}

output "s3_access_key_id" {
  description = "Access key id of the storage user, or null without one."
  value       = module.s3.access_key_id
}

output "app_secret_arn" {
  description = "ARN of the secret with Hasura's endpoint, admin secret and database."
  value       = module.secrets.app_secret_arn
}

output "ecs_cluster_name" {
  description = "Name of the ECS cluster."
  value       = module.ecs.cluster.name
}

output "clamd_host" {
  description = "Name of clamd inside the VPC, or null."
  value       = one(module.clamd[*].host)
}

output "private_subnet_ids" {
  description = "Subnets of tasks and functions."
  value       = module.networking.private_subnet_ids
}

output "security_group_ids" {
  description = "Security groups by name."
  value       = module.networking.security_group_ids
}

output "nat_public_ips" {
  description = "Addresses from which tasks call the internet."
  value       = module.networking.nat_public_ips
}

output "alarm_topic_arn" {
  description = "SNS topic of the alarms."
  value       = module.monitoring.topic_arn
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = module.monitoring.dashboard_name
}

output "ssm_parameter_names" {
  description = "Parameters that the SAM stack and operators read."
  value       = module.ssm.parameter_names
}

output "ci_role_arns" {
  description = "Roles of GitHub Actions, for the variables DEPLOY_ROLE_ARN, CLOUDFORMATION_ROLE_ARN and PLAN_ROLE_ARN_…."
  value = {
    deploy         = module.ci.deploy_role_arn
    cloudformation = module.ci.cloudformation_role_arn
    plan           = module.ci.plan_role_arn
  }
}
