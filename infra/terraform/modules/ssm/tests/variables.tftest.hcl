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

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "test/1"
  }
  expect_failures = [var.environment]
}

run "user_pool_arn_must_be_a_user_pool" {
  command = plan
  variables {
    cognito = { user_pool_id = "us-east-1_Test00001", user_pool_arn = "us-east-1_Test00001", client_id = "client-1" }
  }
  expect_failures = [var.cognito]
}

run "app_secret_arn_must_be_a_secret" {
  command = plan
  variables {
    app_secret_arn = "phenom-test-app-secrets"
  }
  expect_failures = [var.app_secret_arn]
}

run "network_must_have_subnets" {
  command = plan
  variables {
    network = { private_subnet_ids = [], lambda_security_group_id = "sg-1" }
  }
  expect_failures = [var.network]
}

run "clamd_host_must_be_a_host_name" {
  command = plan
  variables {
    clamd_host = "tcp://clamd:3310"
  }
  expect_failures = [var.clamd_host]
}

run "alarm_topic_arn_must_be_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = "phenom-test-alarms"
  }
  expect_failures = [var.alarm_topic_arn]
}
