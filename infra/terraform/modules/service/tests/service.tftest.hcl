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

run "two_small_tasks_on_fargate" {
  command = apply

  assert {
    condition     = aws_ecs_service.this.name == "phenom-test-graphql" && output.name == "phenom-test-graphql"
    error_message = "The service has another name."
  }

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
    error_message = "The service does not start with two tasks."
  }

  assert {
    condition = one(aws_ecs_service.this.network_configuration) == {
      subnets = toset(["subnet-1", "subnet-2"]), security_groups = toset(["sg-1"]), assign_public_ip = false
    }
    error_message = "Tasks have other subnets or security groups, or a public address."
  }
}

run "failed_deployment_is_rolled_back" {
  command = apply

  assert {
    condition = (
      one(aws_ecs_service.this.deployment_circuit_breaker) == { enable = true, rollback = true } &&
      aws_ecs_service.this.deployment_minimum_healthy_percent == 100
    )
    error_message = "A failed deployment is not rolled back, or old tasks stop before new ones are healthy."
  }
}

run "container_has_a_read_only_root_and_its_settings" {
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
    error_message = "The container is privileged, or can write outside /tmp."
  }

  assert {
    condition = one(jsondecode(aws_ecs_task_definition.this.container_definitions)).environment == [
      { name = "MODE", value = "test" }
      ] && one(jsondecode(aws_ecs_task_definition.this.container_definitions)).secrets == [
      { name = "ADMIN", valueFrom = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-AbCdEf:admin::" }
    ]
    error_message = "Environment or secrets are not applied."
  }

  assert {
    condition = one(jsondecode(aws_ecs_task_definition.this.container_definitions)).portMappings == [
      { containerPort = 8080, hostPort = 8080, protocol = "tcp" }
    ]
    error_message = "The container has other ports."
  }

  assert {
    condition = one(
      jsondecode(aws_ecs_task_definition.this.container_definitions)
    ).logConfiguration.options["awslogs-group"] == "/ecs/phenom-test"
    error_message = "The container writes to another log group."
  }
}

run "roles_have_least_privilege" {
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
    error_message = "The execution role may do more than write logs and read its secret."
  }

  assert {
    condition     = length(aws_iam_role_policy.task) == 0
    error_message = "The task role has permissions by default."
  }

  assert {
    condition = alltrue([
      for policy in [aws_iam_role.task.assume_role_policy, aws_iam_role.execution.assume_role_policy] :
      jsondecode(policy).Statement[0].Principal == { Service = "ecs-tasks.amazonaws.com" } &&
      jsondecode(policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    ])
    error_message = "Principals other than this account's ECS may assume the roles."
  }
}

run "execution_role_may_pull_only_its_ecr_image" {
  command = apply

  variables {
    container = { image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom/functions:1", port = 3000 }
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource
    }["PullImage"] == ["arn:aws:ecr:us-east-1:111122223333:repository/phenom/functions"]
    error_message = "The execution role may pull from other repositories, or not from this one."
  }
}

run "task_policies_are_applied" {
  command = apply

  variables {
    task_policies = { keep-objects = "{\"Version\": \"2012-10-17\", \"Statement\": []}" }
  }

  assert {
    condition     = [for policy in aws_iam_role_policy.task : policy.name] == ["keep-objects"]
    error_message = "The task role lacks its policy."
  }
}

run "scales_on_cpu_and_memory" {
  command = apply

  variables {
    scaling = { min = 1, max = 9, cpu_percent = 50 }
  }

  assert {
    condition     = aws_appautoscaling_target.this[0].min_capacity == 1 && aws_appautoscaling_target.this[0].max_capacity == 9
    error_message = "Autoscaling has another minimum or maximum."
  }

  assert {
    condition = {
      for policy in aws_appautoscaling_policy.this :
      policy.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type =>
      policy.target_tracking_scaling_policy_configuration[0].target_value
    } == { ECSServiceAverageCPUUtilization = 50, ECSServiceAverageMemoryUtilization = 70 }
    error_message = "Autoscaling has other targets for CPU and memory."
  }
}

run "spot_percent_excludes_the_first_task" {
  command = apply

  variables {
    scaling = { spot_percent = 75 }
  }

  assert {
    condition = {
      for strategy in aws_ecs_service.this.capacity_provider_strategy :
      strategy.capacity_provider => "${coalesce(strategy.base, 0)} ${strategy.weight}"
    } == { FARGATE = "1 25", FARGATE_SPOT = "0 75" }
    error_message = "The capacity provider strategy has other weights."
  }
}

run "spot_is_off_by_default" {
  command = apply

  assert {
    condition     = [for strategy in aws_ecs_service.this.capacity_provider_strategy : strategy.capacity_provider] == ["FARGATE"]
    error_message = "Tasks run on Spot by default."
  }
}

run "service_behind_the_load_balancer" {
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
    error_message = "The service has another target group or port."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.this)) == toset(["cpu", "memory", "tasks", "unhealthy"])
    error_message = "An alarm is missing."
  }

  assert {
    condition = aws_cloudwatch_metric_alarm.this["unhealthy"].dimensions == tomap({
      TargetGroup = "targetgroup/phenom-test-graphql/1", LoadBalancer = "app/phenom-test/1"
    })
    error_message = "The alarm monitors another target group."
  }
}

run "service_with_discovery_instead_of_load_balancer" {
  command = apply

  variables {
    discovery = { namespace_id = "ns-1" }
  }

  assert {
    condition = (
      length(aws_ecs_service.this.load_balancer) == 0 && aws_service_discovery_service.this[0].name == "graphql" &&
      one(aws_ecs_service.this.service_registries).registry_arn == aws_service_discovery_service.this[0].arn
    )
    error_message = "The service is not registered in the namespace."
  }

  assert {
    condition     = length(aws_service_discovery_service.this[0].health_check_custom_config) == 1
    error_message = "DNS would return tasks that are not healthy yet."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([var.alarm_topic_arn])
    ]) && toset(keys(aws_cloudwatch_metric_alarm.this)) == toset(["cpu", "memory", "tasks"])
    error_message = "An alarm is missing, or does not notify the topic."
  }
}

run "container_health_check_is_applied" {
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
    error_message = "The container's health check is different."
  }

  assert {
    condition     = length(aws_ecs_task_definition.this.volume) == 0
    error_message = "A container with a writable root file system has a volume at /tmp."
  }
}

run "several_tasks_overlap_and_are_balanced_by_default" {
  command = apply

  assert {
    condition = (
      aws_ecs_service.this.deployment_maximum_percent == 200 && aws_ecs_service.this.availability_zone_rebalancing == "ENABLED"
    )
    error_message = "New tasks do not start before old ones stop."
  }
}

run "files_are_mounted_encrypted_and_authorized" {
  command = apply

  variables {
    container = {
      image = "registry.example.org/graphql:1", port = 8080
      files = { file_system_id = "fs-1", access_point_id = "fsap-1", path = "/data" }
    }
  }

  assert {
    condition = [for volume in aws_ecs_task_definition.this.volume : {
      id         = volume.efs_volume_configuration[0].file_system_id
      encryption = volume.efs_volume_configuration[0].transit_encryption
      point      = volume.efs_volume_configuration[0].authorization_config[0].access_point_id
      iam        = volume.efs_volume_configuration[0].authorization_config[0].iam
    } if volume.name == "files"] == [{ id = "fs-1", encryption = "ENABLED", point = "fsap-1", iam = "ENABLED" }]
    error_message = "The volume is not encrypted in transit, not authorized by IAM, or of another access point."
  }

  assert {
    condition = toset(one(jsondecode(aws_ecs_task_definition.this.container_definitions)).mountPoints) == toset([
      { sourceVolume = "tmp", containerPath = "/tmp", readOnly = false },
      { sourceVolume = "files", containerPath = "/data", readOnly = false },
    ])
    error_message = "The files are mounted elsewhere."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.task["mount-files"].policy).Statement : {
      actions = statement.Action, resources = statement.Resource, condition = statement.Condition.StringEquals
      }] == [{
      actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
      resources = ["arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-1"]
      condition = {
        "elasticfilesystem:AccessPointArn" = "arn:aws:elasticfilesystem:us-east-1:111122223333:access-point/fsap-1"
      }
    }]
    error_message = "The task role may mount something else, or has root's rights."
  }
}

run "proxy_accepts_the_connections" {
  command = apply

  variables {
    container = {
      image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom/chat@sha256:0123", port = 8009
      proxy = {
        image       = "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom/nginx@sha256:0123", port = 8008, user = "nginx"
        environment = { CONFIGURATION = "events {}" }
      }
    }
    target_group = {
      arn                      = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/phenom-test-graphql/1"
      arn_suffix               = "targetgroup/phenom-test-graphql/1"
      load_balancer_arn_suffix = "app/phenom-test/1"
    }
  }

  assert {
    condition = (
      one(aws_ecs_service.this.load_balancer).container_name == "proxy" &&
      one(aws_ecs_service.this.load_balancer).container_port == 8008
    )
    error_message = "The load balancer goes around the proxy."
  }

  assert {
    condition = {
      for container in jsondecode(aws_ecs_task_definition.this.container_definitions) : container.name => [
        container.essential, container.readonlyRootFilesystem, container.portMappings[0].containerPort, can(container.secrets[0])
      ]
    } == { graphql = [true, true, 8009, false], proxy = [true, true, 8008, false] }
    error_message = "The containers have other ports, may write to their root, or one may fail unnoticed."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource
      }["PullImage"] == [
      "arn:aws:ecr:us-east-1:111122223333:repository/phenom/chat",
      "arn:aws:ecr:us-east-1:111122223333:repository/phenom/nginx",
    ]
    error_message = "The execution role cannot pull both images, or may pull others."
  }
}
