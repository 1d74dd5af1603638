mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  name        = "synapse"
  image       = "registry.example.org/postgres@sha256:0123"
  server = {
    host              = "db.example.org"
    master_secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!db-1-AbCdEf"
  }
  log_group = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  run       = { cluster_name = "phenom-test-cluster", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "x"
  }
  expect_failures = [var.environment]
}

run "name_must_be_a_plain_name" {
  command = plan
  variables {
    name = "Synapse-Chat"
  }
  expect_failures = [var.name]
}

run "name_must_not_be_hasuras" {
  command = plan
  variables {
    name = "hasura"
  }
  expect_failures = [var.name]
}

run "image_must_not_have_a_tag" {
  command = plan
  variables {
    image = "postgres:17.4-alpine"
  }
  expect_failures = [var.image]
}

run "server_must_have_a_master_secret" {
  command = plan
  variables {
    server = { host = "db.example.org", master_secret_arn = "password" }
  }
  expect_failures = [var.server]
}

run "secret_generation_must_be_whole" {
  command = plan
  variables {
    secret = { generation = 1.5 }
  }
  expect_failures = [var.secret]
}

run "secret_recovery_must_be_what_aws_accepts" {
  command = plan
  variables {
    secret = { recovery_window_days = 3 }
  }
  expect_failures = [var.secret]
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
