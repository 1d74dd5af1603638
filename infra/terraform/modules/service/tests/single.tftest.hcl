# A separate file: the service ignores changes of desired_count, and the runs of a file share one state.
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

run "single_task_never_overlaps_with_its_successor" {
  command = apply

  variables {
    scaling = { single = true }
  }

  assert {
    condition = (
      aws_ecs_service.this.desired_count == 1 && aws_ecs_service.this.deployment_minimum_healthy_percent == 0 &&
      aws_ecs_service.this.deployment_maximum_percent == 100 &&
      aws_ecs_service.this.availability_zone_rebalancing == "DISABLED"
    )
    error_message = "ECS may run a second task, in a deployment or while it balances zones."
  }

  assert {
    condition     = length(aws_appautoscaling_target.this) == 0 && length(aws_appautoscaling_policy.this) == 0
    error_message = "Autoscaling may add a second task."
  }

  assert {
    condition     = [for strategy in aws_ecs_service.this.capacity_provider_strategy : strategy.capacity_provider] == ["FARGATE"]
    error_message = "The only task may run on Spot."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["tasks"].threshold == 1 &&
      !strcontains(aws_cloudwatch_metric_alarm.this["cpu"].alarm_description, "autoscaling")
    )
    error_message = "The alarms expect more than one task."
  }
}
