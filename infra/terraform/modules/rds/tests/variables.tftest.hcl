mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment     = "test"
  network         = { subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "1st"
  }
  expect_failures = [var.environment]
}

run "network_must_have_two_subnets" {
  command = plan
  variables {
    network = { subnet_ids = ["subnet-1"], security_group_id = "sg-1" }
  }
  expect_failures = [var.network]
}

run "names_must_be_plain_identifiers" {
  command = plan
  variables {
    names = { master_user = "Admin User" }
  }
  expect_failures = [var.names]
}

run "engine_version_must_be_a_version_of_postgresql" {
  command = plan
  variables {
    engine = { version = "17.x" }
  }
  expect_failures = [var.engine]
}

run "instance_class_must_be_an_rds_class" {
  command = plan
  variables {
    instance_class = "m5.large"
  }
  expect_failures = [var.instance_class]
}

run "storage_must_be_able_to_grow" {
  command = plan
  variables {
    storage_gb = { initial = 100, maximum = 100 }
  }
  expect_failures = [var.storage_gb]
}

run "backup_retention_days_must_be_positive" {
  command = plan
  variables {
    backup_retention_days = 0
  }
  expect_failures = [var.backup_retention_days]
}

run "snapshot_identifier_must_be_a_name" {
  command = plan
  variables {
    snapshot_identifier = "not a snapshot"
  }
  expect_failures = [var.snapshot_identifier]
}

run "log_retention_days_must_be_supported_by_cloudwatch" {
  command = plan
  variables {
    log_retention_days = 100
  }
  expect_failures = [var.log_retention_days]
}

run "alarm_topic_arn_must_be_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = "alarms"
  }
  expect_failures = [var.alarm_topic_arn]
}
