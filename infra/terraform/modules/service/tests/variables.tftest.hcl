mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  name        = "graphql"
  cluster     = { arn = "arn:aws:ecs:us-east-1:111122223333:cluster/phenom-test", name = "phenom-test" }
  container   = { image = "registry.example.org/graphql:1", port = 8080 }
  network     = { subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  log_group = {
    name = "/ecs/phenom-test"
    arn  = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test"
  }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "environment_is_a_short_name" {
  command = plan
  variables {
    environment = "TEST"
  }
  expect_failures = [var.environment]
}

run "name_is_lower_case" {
  command = plan
  variables {
    name = "GraphQL"
  }
  expect_failures = [var.name]
}

run "cluster_is_a_cluster" {
  command = plan
  variables {
    cluster = { arn = "phenom-test", name = "phenom-test" }
  }
  expect_failures = [var.cluster]
}

run "secrets_name_a_key" {
  command = plan
  variables {
    container = {
      image   = "graphql:1", port = 8080
      secrets = { ADMIN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-AbCdEf" }
    }
  }
  expect_failures = [var.container]
}

run "start_seconds_is_within_ecs_limit" {
  command = plan
  variables {
    container = { image = "graphql:1", port = 8080, start_seconds = 600 }
  }
  expect_failures = [var.container]
}

run "size_is_one_of_fargates" {
  command = plan
  variables {
    size = { cpu = 256, memory = 4096 }
  }
  expect_failures = [var.size]
}

run "size_has_a_known_cpu" {
  command = plan
  variables {
    size = { cpu = 300, memory = 1024 }
  }
  expect_failures = [var.size]
}

run "scaling_has_room" {
  command = plan
  variables {
    scaling = { min = 4, max = 2 }
  }
  expect_failures = [var.scaling]
}

run "scaling_aims_at_a_sane_share" {
  command = plan
  variables {
    scaling = { cpu_percent = 100 }
  }
  expect_failures = [var.scaling]
}

run "network_has_subnets" {
  command = plan
  variables {
    network = { subnet_ids = [], security_group_id = "sg-1" }
  }
  expect_failures = [var.network]
}

run "target_group_is_a_target_group" {
  command = plan
  variables {
    target_group = { arn = "graphql", arn_suffix = "graphql", load_balancer_arn_suffix = "app" }
  }
  expect_failures = [var.target_group]
}

run "discovery_names_a_namespace" {
  command = plan
  variables {
    discovery = { namespace_id = "" }
  }
  expect_failures = [var.discovery]
}

run "log_group_is_a_log_group" {
  command = plan
  variables {
    log_group = { name = "/ecs/phenom-test", arn = "/ecs/phenom-test" }
  }
  expect_failures = [var.log_group]
}

run "task_policies_are_json" {
  command = plan
  variables {
    task_policies = { keep-objects = "allow everything" }
  }
  expect_failures = [var.task_policies]
}

run "alarm_topic_arn_is_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = "alarms"
  }
  expect_failures = [var.alarm_topic_arn]
}
