mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment     = "test"
  cluster         = { arn = "arn:aws:ecs:us-east-1:111122223333:cluster/phenom-test", name = "phenom-test" }
  image           = "clamav/clamav:1.4.3"
  configuration   = "StreamMaxLength 600M\nAlertExceedsMax yes\n"
  network         = { subnet_ids = ["subnet-1"], security_group_id = "sg-1" }
  namespace       = { id = "ns-1", name = "phenom-test.internal" }
  log_group       = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "environment_is_a_short_name" {
  command = plan
  variables {
    environment = "-"
  }
  expect_failures = [var.environment]
}

run "cluster_is_a_cluster" {
  command = plan
  variables {
    cluster = { arn = "phenom-test", name = "phenom-test" }
  }
  expect_failures = [var.cluster]
}

run "image_has_a_version" {
  command = plan
  variables {
    image = "clamav/clamav:latest"
  }
  expect_failures = [var.image]
}

run "what_is_too_large_never_passes" {
  command = plan
  variables {
    configuration = "StreamMaxLength 600M\n"
  }
  expect_failures = [var.configuration]
}

run "where_it_listens_is_not_in_the_configuration" {
  command = plan
  variables {
    configuration = "StreamMaxLength 600M\nAlertExceedsMax yes\nTCPSocket 3311\n"
  }
  expect_failures = [var.configuration]
}

run "network_has_subnets" {
  command = plan
  variables {
    network = { subnet_ids = [], security_group_id = "sg-1" }
  }
  expect_failures = [var.network]
}

run "namespace_is_a_domain" {
  command = plan
  variables {
    namespace = { id = "ns-1", name = "phenom test" }
  }
  expect_failures = [var.namespace]
}

run "log_group_is_a_log_group" {
  command = plan
  variables {
    log_group = { arn = "/ecs/phenom-test", name = "/ecs/phenom-test" }
  }
  expect_failures = [var.log_group]
}

run "scaling_has_room" {
  command = plan
  variables {
    scaling = { min = 3 }
  }
  expect_failures = [var.scaling]
}

run "alarm_topic_arn_is_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = "alarms"
  }
  expect_failures = [var.alarm_topic_arn]
}
