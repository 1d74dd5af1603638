mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  name        = "graphql"
  cluster     = { arn = "arn:aws:ecs:us-east-1:111122223333:cluster/phenom-test-cluster", name = "phenom-test-cluster" }
  container   = { image = "registry.example.org/graphql:1", port = 8080 }
  network     = { subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  log_group = {
    name = "/ecs/phenom-test"
    arn  = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test"
  }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "TEST"
  }
  expect_failures = [var.environment]
}

run "name_must_be_lower_case" {
  command = plan
  variables {
    name = "GraphQL"
  }
  expect_failures = [var.name]
}

run "cluster_must_have_an_arn" {
  command = plan
  variables {
    cluster = { arn = "phenom-test", name = "phenom-test" }
  }
  expect_failures = [var.cluster]
}

run "secrets_must_name_a_key" {
  command = plan
  variables {
    container = {
      image   = "graphql:1", port = 8080
      secrets = { ADMIN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-AbCdEf" }
    }
  }
  expect_failures = [var.container]
}

run "start_seconds_must_not_exceed_ecs_limit" {
  command = plan
  variables {
    container = { image = "graphql:1", port = 8080, start_seconds = 600 }
  }
  expect_failures = [var.container]
}

run "size_must_be_a_fargate_combination" {
  command = plan
  variables {
    size = { cpu = 256, memory = 4096 }
  }
  expect_failures = [var.size]
}

run "size_must_have_a_fargate_cpu" {
  command = plan
  variables {
    size = { cpu = 300, memory = 1024 }
  }
  expect_failures = [var.size]
}

run "scaling_max_must_not_be_below_min" {
  command = plan
  variables {
    scaling = { min = 4, max = 2 }
  }
  expect_failures = [var.scaling]
}

run "scaling_target_must_be_at_most_90_percent" {
  command = plan
  variables {
    scaling = { cpu_percent = 100 }
  }
  expect_failures = [var.scaling]
}

run "network_must_have_subnets" {
  command = plan
  variables {
    network = { subnet_ids = [], security_group_id = "sg-1" }
  }
  expect_failures = [var.network]
}

run "target_group_must_have_an_arn" {
  command = plan
  variables {
    target_group = { arn = "graphql", arn_suffix = "graphql", load_balancer_arn_suffix = "app" }
  }
  expect_failures = [var.target_group]
}

run "discovery_must_name_a_namespace" {
  command = plan
  variables {
    discovery = { namespace_id = "" }
  }
  expect_failures = [var.discovery]
}

run "log_group_must_have_an_arn" {
  command = plan
  variables {
    log_group = { name = "/ecs/phenom-test", arn = "/ecs/phenom-test" }
  }
  expect_failures = [var.log_group]
}

run "task_policies_must_be_json" {
  command = plan
  variables {
    task_policies = { keep-objects = "allow everything" }
  }
  expect_failures = [var.task_policies]
}

run "alarm_topic_arn_must_be_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = "alarms"
  }
  expect_failures = [var.alarm_topic_arn]
}

run "files_must_have_an_absolute_path" {
  command = plan
  variables {
    container = {
      image = "graphql:1", port = 8080, files = { file_system_id = "fs-1", access_point_id = "fsap-1", path = "data" }
    }
  }
  expect_failures = [var.container]
}

run "files_must_not_replace_the_temporary_directory" {
  command = plan
  variables {
    container = {
      image = "graphql:1", port = 8080, files = { file_system_id = "fs-1", access_point_id = "fsap-1", path = "/tmp" }
    }
  }
  expect_failures = [var.container]
}

run "proxy_must_have_a_port_of_its_own" {
  command = plan
  variables {
    container = { image = "graphql:1", port = 8080, proxy = { image = "nginx:1", port = 8080 } }
  }
  expect_failures = [var.container]
}

run "single_task_must_not_run_on_spot" {
  command = plan
  variables {
    scaling = { single = true, spot_percent = 50 }
  }
  expect_failures = [var.scaling]
}
