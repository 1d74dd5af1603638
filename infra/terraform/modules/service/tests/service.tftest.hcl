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

run "two_small_tasks_on_fargate" {
  command = apply

  assert {
    condition = (
      aws_ecs_task_definition.this.cpu == "256" && aws_ecs_task_definition.this.memory == "512" &&
      aws_ecs_task_definition.this.network_mode == "awsvpc" &&
      aws_ecs_task_definition.this.requires_compatibilities == toset(["FARGATE"])
    )
    error_message = "The task is not 0.25 vCPU and 0.5 GB on Fargate."
  }

  assert {
    condition     = aws_ecs_service.this.desired_count == 2
    error_message = "Not two tasks."
  }

  assert {
    condition = one(aws_ecs_service.this.network_configuration) == {
      subnets = toset(["subnet-1", "subnet-2"]), security_groups = toset(["sg-1"]), assign_public_ip = false
    }
    error_message = "Tasks are not in the private subnets under the group given."
  }
}

run "a_bad_deployment_is_rolled_back" {
  command = apply

  assert {
    condition = (
      one(aws_ecs_service.this.deployment_circuit_breaker) == { enable = true, rollback = true } &&
      aws_ecs_service.this.deployment_minimum_healthy_percent == 100
    )
    error_message = "A deployment that fails stays, or takes tasks away first."
  }
}

run "the_container_is_confined" {
  command = apply

  variables {
    container = {
      image       = "registry.example.org/graphql:1"
      port        = 8080
      environment = { MODE = "test" }
      secrets     = { ADMIN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-AbCdEf:admin::" }
    }
  }

  assert {
    condition = alltrue([
      for container in jsondecode(aws_ecs_task_definition.this.container_definitions) :
      container.readonlyRootFilesystem && container.essential && !can(container.privileged) &&
      container.mountPoints == [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    ])
    error_message = "The container may write elsewhere than to /tmp."
  }

  assert {
    condition = one(jsondecode(aws_ecs_task_definition.this.container_definitions)).environment == [
      { name = "MODE", value = "test" }
      ] && one(jsondecode(aws_ecs_task_definition.this.container_definitions)).secrets == [
      { name = "ADMIN", valueFrom = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-AbCdEf:admin::" }
    ]
    error_message = "Environment or secrets do not arrive."
  }

  assert {
    condition = one(jsondecode(aws_ecs_task_definition.this.container_definitions)).portMappings == [
      { containerPort = 8080, hostPort = 8080, protocol = "tcp" }
    ]
    error_message = "Other ports than the one asked for."
  }

  assert {
    condition = one(
      jsondecode(aws_ecs_task_definition.this.container_definitions)
    ).logConfiguration.options["awslogs-group"] == "/ecs/phenom-test"
    error_message = "The container logs elsewhere."
  }
}

run "roles_hold_what_the_service_needs_and_no_more" {
  command = apply

  variables {
    container = {
      image = "registry.example.org/graphql:1"
      port  = 8080
      secrets = {
        ADMIN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-AbCdEf:admin::"
        URL   = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-AbCdEf:url::"
      }
    }
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource
      } == {
      WriteLogs   = ["arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test:log-stream:graphql/*"]
      ReadSecrets = ["arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-AbCdEf"]
    }
    error_message = "ECS may do more for this service than log and read its secret."
  }

  assert {
    condition     = length(aws_iam_role_policy.task) == 0
    error_message = "The container may do something that nobody asked for."
  }

  assert {
    condition = alltrue([
      for policy in [aws_iam_role.task.assume_role_policy, aws_iam_role.execution.assume_role_policy] :
      jsondecode(policy).Statement[0].Principal == { Service = "ecs-tasks.amazonaws.com" } &&
      jsondecode(policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    ])
    error_message = "Others than this account's ECS may take the roles."
  }
}

run "an_image_from_ecr_may_be_pulled_and_no_other" {
  command = apply

  variables {
    container = { image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom/functions:1", port = 3000 }
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource
    }["PullImage"] == ["arn:aws:ecr:us-east-1:111122223333:repository/phenom/functions"]
    error_message = "Other repositories may be pulled from, or this one may not."
  }
}

run "the_task_may_do_what_is_given" {
  command = apply

  variables {
    task_policies = { keep-objects = "{\"Version\": \"2012-10-17\", \"Statement\": []}" }
  }

  assert {
    condition     = [for policy in aws_iam_role_policy.task : policy.name] == ["keep-objects"]
    error_message = "The container does not get its policy."
  }
}

run "scales_on_cpu_and_memory" {
  command = apply

  variables {
    scaling = { min = 1, max = 9, cpu_percent = 50 }
  }

  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 1 && aws_appautoscaling_target.this.max_capacity == 9
    error_message = "Autoscaling has other bounds."
  }

  assert {
    condition = {
      for policy in aws_appautoscaling_policy.this :
      policy.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type =>
      policy.target_tracking_scaling_policy_configuration[0].target_value
    } == { ECSServiceAverageCPUUtilization = 50, ECSServiceAverageMemoryUtilization = 70 }
    error_message = "Autoscaling does not follow CPU and memory as asked."
  }
}

run "spot_takes_its_share_but_never_the_first_task" {
  command = apply

  variables {
    scaling = { spot_percent = 75 }
  }

  assert {
    condition = {
      for strategy in aws_ecs_service.this.capacity_provider_strategy :
      strategy.capacity_provider => "${coalesce(strategy.base, 0)} ${strategy.weight}"
    } == { FARGATE = "1 25", FARGATE_SPOT = "0 75" }
    error_message = "Spot has another share."
  }
}

run "no_spot_unasked" {
  command = apply

  assert {
    condition     = [for strategy in aws_ecs_service.this.capacity_provider_strategy : strategy.capacity_provider] == ["FARGATE"]
    error_message = "Tasks run on Spot unasked."
  }
}

run "behind_the_load_balancer" {
  command = apply

  variables {
    target_group = {
      arn                      = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/phenom-test-graphql/1"
      arn_suffix               = "targetgroup/phenom-test-graphql/1"
      load_balancer_arn_suffix = "app/phenom-test/1"
    }
  }

  assert {
    condition = (
      one(aws_ecs_service.this.load_balancer).target_group_arn == var.target_group.arn &&
      one(aws_ecs_service.this.load_balancer).container_port == 8080
    )
    error_message = "The load balancer does not reach the container."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.this)) == toset(["cpu", "memory", "tasks", "unhealthy"])
    error_message = "An alarm is missing."
  }

  assert {
    condition = aws_cloudwatch_metric_alarm.this["unhealthy"].dimensions == tomap({
      TargetGroup = "targetgroup/phenom-test-graphql/1", LoadBalancer = "app/phenom-test/1"
    })
    error_message = "The alarm looks at another target group."
  }
}

run "without_load_balancer_but_with_a_name" {
  command = apply

  variables {
    discovery = { namespace_id = "ns-1" }
  }

  assert {
    condition = (
      length(aws_ecs_service.this.load_balancer) == 0 && aws_service_discovery_service.this[0].name == "graphql" &&
      one(aws_ecs_service.this.service_registries).registry_arn == aws_service_discovery_service.this[0].arn
    )
    error_message = "The service cannot be found by its name."
  }

  assert {
    condition     = length(aws_service_discovery_service.this[0].health_check_custom_config) == 1
    error_message = "The name leads to tasks that are not healthy yet."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([var.alarm_topic_arn])
    ]) && toset(keys(aws_cloudwatch_metric_alarm.this)) == toset(["cpu", "memory", "tasks"])
    error_message = "Alarms are missing or reach nobody."
  }
}

run "a_health_check_in_the_container" {
  command = apply

  variables {
    container = {
      image          = "clamav/clamav:1", port = 3310, health_command = ["CMD-SHELL", "ping"], start_seconds = 300
      read_only_root = false
    }
  }

  assert {
    condition = one(jsondecode(aws_ecs_task_definition.this.container_definitions)).healthCheck == {
      command = ["CMD-SHELL", "ping"], interval = 30, timeout = 10, retries = 3, startPeriod = 300
    }
    error_message = "The container's health is not checked as asked."
  }

  assert {
    condition     = length(aws_ecs_task_definition.this.volume) == 0
    error_message = "A container that may write anywhere has a volume over its /tmp."
  }
}
