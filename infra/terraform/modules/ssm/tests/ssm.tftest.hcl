mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  cognito = {
    user_pool_id  = "us-east-1_Test00001"
    user_pool_arn = "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_Test00001"
    client_id     = "client-1"
  }
  app_secret_arn  = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-app-secrets-AbCdEf"
  network         = { private_subnet_ids = ["subnet-1", "subnet-2"], lambda_security_group_id = "sg-1" }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:phenom-test-alarms"
}

run "parameters_match_the_contract_with_sam" {
  command = apply

  assert {
    condition = { for parameter in aws_ssm_parameter.this : parameter.name => "${parameter.type} ${parameter.value}" } == {
      "/phenom/test/cognito/user-pool-id"             = "String us-east-1_Test00001"
      "/phenom/test/cognito/user-pool-arn"            = "String ${var.cognito.user_pool_arn}"
      "/phenom/test/cognito/user-pool-client-id"      = "String client-1"
      "/phenom/test/secrets/app-secret-arn"           = "String ${var.app_secret_arn}"
      "/phenom/test/network/private-subnet-ids"       = "StringList subnet-1,subnet-2"
      "/phenom/test/network/lambda-security-group-id" = "String sg-1"
      "/phenom/test/clamd/host"                       = "String none"
      "/phenom/test/monitoring/alarm-topic-arn"       = "String ${var.alarm_topic_arn}"
    }
    error_message = "A parameter that the SAM stack reads has another name, type or value."
  }
}

run "clamd_host_is_written" {
  command = apply

  variables {
    clamd_host = "clamd.phenom-test.internal"
  }

  assert {
    condition     = aws_ssm_parameter.this["clamd/host"].value == "clamd.phenom-test.internal"
    error_message = "The parameter clamd/host has another value."
  }
}
