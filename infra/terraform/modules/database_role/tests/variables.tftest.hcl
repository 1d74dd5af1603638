mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment       = "test"
  image             = "registry.example.org/postgres@sha256:0123"
  app_secret_arn    = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-app-secrets-AbCdEf"
  master_secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!db-1-AbCdEf"
  log_group         = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  run               = { cluster_name = "phenom-test-cluster", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "x"
  }
  expect_failures = [var.environment]
}

run "image_must_not_have_a_tag" {
  command = plan
  variables {
    image = "postgres:17.4-alpine"
  }
  expect_failures = [var.image]
}

run "app_secret_arn_must_be_a_secret" {
  command = plan
  variables {
    app_secret_arn = "phenom-test-app-secrets"
  }
  expect_failures = [var.app_secret_arn]
}

run "master_secret_arn_must_be_an_arn" {
  command = plan
  variables {
    master_secret_arn = "password"
  }
  expect_failures = [var.master_secret_arn]
}

run "log_group_must_have_an_arn" {
  command = plan
  variables {
    log_group = { arn = "/ecs/phenom-test", name = "/ecs/phenom-test" }
  }
  expect_failures = [var.log_group]
}

run "run_must_have_subnets" {
  command = plan
  variables {
    run = { cluster_name = "phenom-test-cluster", subnet_ids = [], security_group_id = "sg-1" }
  }
  expect_failures = [var.run]
}
