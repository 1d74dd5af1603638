mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment              = "test"
  monthly_budget_usd       = 250
  load_balancer_arn_suffix = "app/phenom-test/1"
  cluster_name             = "phenom-test-cluster"
  service_names            = ["phenom-test-graphql", "phenom-test-auth"]
  database_identifier      = "phenom-test-postgres"
  user_pool                = { id = "us-east-1_Test00001", client_id = "client-1" }
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "test-environment"
  }
  expect_failures = [var.environment]
}

run "alarm_emails_must_be_addresses" {
  command = plan
  variables {
    alarm_emails = ["operations"]
  }
  expect_failures = [var.alarm_emails]
}

run "monthly_budget_usd_must_be_positive" {
  command = plan
  variables {
    monthly_budget_usd = 0
  }
  expect_failures = [var.monthly_budget_usd]
}

run "load_balancer_arn_suffix_must_not_be_an_arn" {
  command = plan
  variables {
    load_balancer_arn_suffix = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/phenom-test/1"
  }
  expect_failures = [var.load_balancer_arn_suffix]
}

run "cluster_name_must_not_be_empty" {
  command = plan
  variables {
    cluster_name = ""
  }
  expect_failures = [var.cluster_name]
}

run "service_names_must_not_be_empty" {
  command = plan
  variables {
    service_names = []
  }
  expect_failures = [var.service_names]
}

run "database_identifier_must_not_be_empty" {
  command = plan
  variables {
    database_identifier = ""
  }
  expect_failures = [var.database_identifier]
}

run "user_pool_id_must_not_be_empty" {
  command = plan
  variables {
    user_pool = { id = "", client_id = "" }
  }
  expect_failures = [var.user_pool]
}
