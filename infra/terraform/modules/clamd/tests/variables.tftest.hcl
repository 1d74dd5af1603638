mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment     = "test"
  cluster         = { arn = "arn:aws:ecs:us-east-1:111122223333:cluster/phenom-test-cluster", name = "phenom-test-cluster" }
  image           = "clamav/clamav@sha256:0123"
  configuration   = "StreamMaxLength 600M\nAlertExceedsMax yes\n"
  network         = { subnet_ids = ["subnet-1"], security_group_id = "sg-1" }
  namespace       = { id = "ns-1", name = "phenom-test.internal" }
  log_group       = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "-"
  }
  expect_failures = [var.environment]
}

run "cluster_must_have_an_arn" {
  command = plan
  variables {
    cluster = { arn = "phenom-test", name = "phenom-test" }
  }
  expect_failures = [var.cluster]
}

run "image_must_not_have_a_tag" {
  command = plan
  variables {
    image = "clamav/clamav:1.4.3"
  }
  expect_failures = [var.image]
}

run "configuration_must_not_pass_oversized_files" {
  command = plan
  variables {
    configuration = "StreamMaxLength 600M\n"
  }
  expect_failures = [var.configuration]
}

run "configuration_must_not_set_the_address" {
  command = plan
  variables {
    configuration = "StreamMaxLength 600M\nAlertExceedsMax yes\nTCPSocket 3311\n"
  }
  expect_failures = [var.configuration]
}

run "network_must_have_subnets" {
  command = plan
  variables {
    network = { subnet_ids = [], security_group_id = "sg-1" }
  }
  expect_failures = [var.network]
}

run "namespace_must_be_a_domain" {
  command = plan
  variables {
    namespace = { id = "ns-1", name = "phenom test" }
  }
  expect_failures = [var.namespace]
}

run "log_group_must_have_an_arn" {
  command = plan
  variables {
    log_group = { arn = "/ecs/phenom-test", name = "/ecs/phenom-test" }
  }
  expect_failures = [var.log_group]
}

run "scaling_max_must_not_be_below_min" {
  command = plan
  variables {
    scaling = { min = 3 }
  }
  expect_failures = [var.scaling]
}

run "alarm_topic_arn_must_be_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = "alarms"
  }
  expect_failures = [var.alarm_topic_arn]
}

run "mirror_must_have_an_endpoint_id" {
  command = plan
  variables {
    mirror = { s3_endpoint_id = "s3" }
  }
  expect_failures = [var.mirror]
}
