# Read by the SAM stack and by operators. samconfig.toml passes these names to template.yaml; tests/infra compares both.
locals {
  parameters = {
    "cognito/user-pool-id"             = { value = var.cognito.user_pool_id }
    "cognito/user-pool-arn"            = { value = var.cognito.user_pool_arn }
    "cognito/user-pool-client-id"      = { value = var.cognito.client_id }
    "secrets/app-secret-arn"           = { value = var.app_secret_arn }
    "network/private-subnet-ids"       = { value = join(",", var.network.private_subnet_ids), type = "StringList" }
    "network/lambda-security-group-id" = { value = var.network.lambda_security_group_id }
    "clamd/host"                       = { value = coalesce(var.clamd_host, "none") } # SSM rejects empty values
    "monitoring/alarm-topic-arn"       = { value = var.alarm_topic_arn }
  }
}

resource "aws_ssm_parameter" "this" {
  # checkov:skip=CKV2_AWS_34: contains no secrets; CloudFormation cannot read encrypted parameters

  for_each = local.parameters

  name  = "/phenom/${var.environment}/${each.key}"
  type  = try(each.value.type, "String")
  value = each.value.value
}
