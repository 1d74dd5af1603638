data "aws_region" "current" {}
data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  full_name = "phenom-${var.environment}-${var.name}"
  minimum   = var.scaling.single ? 1 : var.scaling.min

  # Minimum and maximum memory in MiB that Fargate supports for each CPU size.
  fargate_memory = {
    "256"  = [512, 2048]
    "512"  = [1024, 4096]
    "1024" = [2048, 8192]
    "2048" = [4096, 16384]
    "4096" = [8192, 30720]
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = local.full_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.size.cpu
  memory                   = var.size.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions = jsonencode([
    for container in concat([local.container], local.proxies) : { for key, value in container : key => value if value != null }
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  dynamic "volume" {
    for_each = local.volumes

    content {
      name = volume.key

      dynamic "efs_volume_configuration" {
        for_each = volume.key == "files" ? [var.container.files] : []

        content {
          file_system_id     = efs_volume_configuration.value.file_system_id
          transit_encryption = "ENABLED"

          authorization_config {
            access_point_id = efs_volume_configuration.value.access_point_id
            iam             = "ENABLED"
          }
        }
      }
    }
  }
}

resource "aws_service_discovery_service" "this" {
  count = var.discovery == null ? 0 : 1

  name = var.name

  dns_config {
    namespace_id   = var.discovery.namespace_id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }

  # ECS reports which tasks are healthy; without this, DNS would also return tasks that are still starting.
  health_check_custom_config {
    failure_threshold = 1
  }
}

resource "aws_ecs_service" "this" {
  name                               = local.full_name
  cluster                            = var.cluster.arn
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = local.minimum
  deployment_minimum_healthy_percent = var.scaling.single ? 0 : 100 # single: the old task stops before the new one starts
  deployment_maximum_percent         = var.scaling.single ? 100 : 200
  health_check_grace_period_seconds  = var.target_group == null ? null : var.container.start_seconds
  availability_zone_rebalancing      = var.scaling.single ? "DISABLED" : "ENABLED" # it starts the new task first
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [var.network.security_group_id]
    assign_public_ip = false
  }

  # The first task never runs on Spot, so that one task remains when AWS reclaims the others.
  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 100 - var.scaling.spot_percent
  }

  dynamic "capacity_provider_strategy" {
    for_each = var.scaling.spot_percent == 0 ? [] : [var.scaling.spot_percent]

    content {
      capacity_provider = "FARGATE_SPOT"
      weight            = capacity_provider_strategy.value
    }
  }

  dynamic "load_balancer" {
    for_each = var.target_group[*]

    content {
      target_group_arn = load_balancer.value.arn
      container_name   = local.entrance.name
      container_port   = local.entrance.port
    }
  }

  dynamic "service_registries" {
    for_each = aws_service_discovery_service.this[*].arn

    content {
      registry_arn = service_registries.value
    }
  }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling sets it
  }

  depends_on = [aws_iam_role_policy.execution]
}
