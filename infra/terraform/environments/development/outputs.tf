output "alb_dns_name" {
  description = "DNS name of the load balancer, the target of domain_name's DNS record."
  value       = module.alb.dns_name
}

output "alb_zone_id" {
  description = "Hosted zone of the load balancer, for an alias record in Route 53."
  value       = module.alb.zone_id
}

output "service_endpoints" {
  description = "Public URL of each service: graphql, auth, storage, functions."
  value       = { for name, service in module.applications.services : name => "${local.public_url}${service.path}" }
}

output "database_endpoint" {
  description = "Host name and port of the database. Only ECS tasks and functions in the VPC can connect."
  value       = module.rds.endpoint
}

output "database_role_command" {
  description = "Command that creates Hasura's database role. Run it after the first apply and each new secret_generation."
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
  description = "Host name of Cognito's hosted sign-in page, or null."
  value       = module.cognito.sign_in_domain
}

output "s3_bucket_name" {
  description = "Name of the general storage bucket."
  value       = module.s3.bucket_name
}

output "s3_access_key_id" {
  description = "Access key id of the storage user, or null when there is no such user."
  value       = module.s3.access_key_id
}

output "app_secret_arn" {
  description = "ARN of the secret with Hasura's endpoint, admin secret and database URL."
  value       = module.secrets.app_secret_arn
}

output "ecs_cluster_name" {
  description = "Name of the ECS cluster."
  value       = module.ecs.cluster.name
}

output "clamd_host" {
  description = "DNS name of clamd inside the VPC, or null."
  value       = one(module.clamd[*].host)
}

output "definitions_refresh_command" {
  description = "Command that copies new virus definitions to the private mirror now, or null without a mirror."
  value       = one(module.clamd[*].refresh_command)
}

output "private_subnet_ids" {
  description = "Subnets of ECS tasks and functions."
  value       = module.networking.private_subnet_ids
}

output "security_group_ids" {
  description = "Ids of the security groups, by name."
  value       = module.networking.security_group_ids
}

output "nat_public_ips" {
  description = "Public IP addresses from which tasks call the internet."
  value       = module.networking.nat_public_ips
}

output "alarm_topic_arn" {
  description = "ARN of the SNS topic that alarms notify."
  value       = module.monitoring.topic_arn
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = module.monitoring.dashboard_name
}

output "ssm_parameter_names" {
  description = "Names of the SSM parameters that the SAM stack and operators read."
  value       = module.ssm.parameter_names
}

output "ci_role_arns" {
  description = "ARNs of GitHub's roles, null without ci_subject: values of its variables DEPLOY_ROLE_ARN, CLOUDFORMATION_ROLE_ARN, PLAN_ROLE_ARN_…. Administrators deploy with the role `administrator`."
  value = {
    deploy         = module.ci.deploy_role_arn
    cloudformation = module.ci.cloudformation_role_arn
    administrator  = module.ci.administrator_role_arn
    plan           = module.ci.plan_role_arn
  }
}

output "chat_host_name" {
  description = "Public name of chat, or null."
  value       = one(module.cloudflare_chat[*].host_name)
}

output "chat_load_balancer_dns_name" {
  description = "DNS name of chat's load balancer, which only Cloudflare may use, or null."
  value       = one(module.chat_edge[*].dns_name)
}

output "chat_firewall_log_group" {
  description = "Log group with the requests that chat's firewall counted or blocked, or null."
  value       = one(module.firewall[*].log_group_name)
}

output "chat_database_command" {
  description = "Command that creates Synapse's role and database. Run it after the first apply and each new generation of chat_database."
  value       = module.chat_database.command
}

output "synapse_operator_secrets" {
  description = "Names of the secrets whose values an operator puts before Synapse starts, or null."
  value       = one(module.chat[*].operator_secrets)
}
