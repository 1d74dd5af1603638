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

run "host_and_port_are_what_the_validator_uses" {
  command = apply

  assert {
    condition     = output.host == "clamd.phenom-test.internal" && output.port == 3310
    error_message = "The validator would connect to another host or port."
  }
}

run "configuration_includes_address_and_directories" {
  command = apply

  assert {
    condition = output.configuration == join("\n", [
      "StreamMaxLength 600M", "AlertExceedsMax yes", "TCPSocket 3310", "TCPAddr 0.0.0.0",
      "DatabaseDirectory /var/lib/clamav", "TemporaryDirectory /tmp", "",
    ])
    error_message = "The container's clamd.conf is different."
  }
}

run "without_mirror_tasks_download_from_clamav" {
  command = apply

  assert {
    condition     = output.refresh_command == null && length(aws_scheduler_schedule.refresh) == 0 && length(module.bucket) == 0
    error_message = "There is a mirror although none was asked for."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.age.threshold == 36
    error_message = "No alarm reports old definitions."
  }
}

run "with_mirror_one_scheduled_task_fills_the_bucket" {
  command = apply
  variables {
    mirror = { s3_endpoint_id = "vpce-0123456789abcdef0" }
  }

  assert {
    condition     = module.bucket[0].name != "" && aws_scheduler_schedule.refresh[0].schedule_expression == "rate(4 hours)"
    error_message = "The bucket or its schedule is missing."
  }

  assert {
    condition = (
      jsondecode(aws_ecs_task_definition.refresh[0].container_definitions)[0].environment[0].value
      == "https://${module.bucket[0].name}.s3.us-east-1.amazonaws.com"
    )
    error_message = "The task publishes to another URL."
  }

  assert {
    condition = output.refresh_command == join(" ", [
      "aws ecs run-task --cluster phenom-test-cluster --task-definition phenom-test-clamd-refresh --launch-type FARGATE",
      "--network-configuration 'awsvpcConfiguration={subnets=[subnet-1],securityGroups=[sg-1]}'",
    ])
    error_message = "The command is different."
  }
}

run "service_name_and_alarms" {
  command = apply

  assert {
    condition     = output.service_name == "phenom-test-clamd"
    error_message = "The ECS service has another name."
  }

  assert {
    condition = toset(module.service.alarm_names) == toset([
      "phenom-test-clamd-cpu", "phenom-test-clamd-memory", "phenom-test-clamd-tasks",
    ])
    error_message = "No alarm reports that clamd is down."
  }
}
