mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  services = {
    for name, port in { graphql = 8080, auth = 4000, storage = 5000, functions = 3000 } : name => {
      image                     = "registry.example.org/${name}:1", port = port, environment = { NAME = name }, secrets = {}
    }
  }
  target_groups = {
    for name in ["graphql", "auth", "storage", "functions"] : name => {
      arn                      = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/phenom-test-${name}/1"
      arn_suffix               = "targetgroup/phenom-test-${name}/1"
      load_balancer_arn_suffix = "app/phenom-test/1"
    }
  }
  network         = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "test_1"
  }
  expect_failures = [var.environment]
}

run "services_must_include_graphql" {
  command = plan
  variables {
    services = { auth = { image = "auth:1", port = 4000, environment = {}, secrets = {} } }
  }
  expect_failures = [var.services]
}

run "every_service_must_have_a_target_group" {
  command = plan
  variables {
    target_groups = {}
  }
  expect_failures = [var.target_groups]
}

run "network_must_have_two_subnets" {
  command = plan
  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"], security_group_id = "sg-1" }
  }
  expect_failures = [var.network]
}

run "size_must_not_be_too_small" {
  command = plan
  variables {
    size = { cpu = 128 }
  }
  expect_failures = [var.size]
}

run "scaling_max_must_not_be_below_min" {
  command = plan
  variables {
    scaling = { min = 0 }
  }
  expect_failures = [var.scaling]
}

run "log_retention_days_must_be_supported_by_cloudwatch" {
  command = plan
  variables {
    log_retention_days = 2
  }
  expect_failures = [var.log_retention_days]
}

run "alarm_topic_arn_must_be_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = ""
  }
  expect_failures = [var.alarm_topic_arn]
}
