locals {
  targets = var.scaling.single ? {} : {
    cpu    = { metric = "ECSServiceAverageCPUUtilization", percent = var.scaling.cpu_percent }
    memory = { metric = "ECSServiceAverageMemoryUtilization", percent = var.scaling.memory_percent }
  }

  service_dimensions = { ClusterName = var.cluster.name, ServiceName = aws_ecs_service.this.name }

  alarms = merge(
    {
      cpu = {
        namespace  = "AWS/ECS", metric = "CPUUtilization", statistic = "Average", dimensions = local.service_dimensions
        comparison = "GreaterThanThreshold", threshold = 85
        description = format(
          "CPU of ${local.full_name} is above 85 %%%s.",
          var.scaling.single ? ", and it runs one task only" : " although autoscaling should have added tasks"
        )
      }
      memory = {
        namespace   = "AWS/ECS", metric = "MemoryUtilization", statistic = "Average", dimensions = local.service_dimensions
        comparison  = "GreaterThanThreshold", threshold = 85
        description = "Memory of ${local.full_name} is above 85 %: its tasks may be killed."
      }
      tasks = {
        namespace  = "ECS/ContainerInsights", metric = "RunningTaskCount", statistic = "Average"
        dimensions = local.service_dimensions, comparison = "LessThanThreshold", threshold = local.minimum
        description = format(
          "%s runs fewer tasks than its minimum. The events of the ECS service show why tasks stop.", local.full_name
        )
      }
    },
    var.target_group == null ? {} : {
      unhealthy = {
        namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum"
        dimensions = {
          TargetGroup  = var.target_group.arn_suffix
          LoadBalancer = var.target_group.load_balancer_arn_suffix
        }
        comparison  = "GreaterThanThreshold", threshold = 0
        description = "Tasks of ${local.full_name} fail the load balancer's health check."
      }
    },
  )
}

resource "aws_appautoscaling_target" "this" {
  count = var.scaling.single ? 0 : 1

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this.name}"
  min_capacity       = var.scaling.min
  max_capacity       = var.scaling.max
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.targets

  name               = "${local.full_name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.percent
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.full_name}-${each.key}"
  alarm_description   = "${each.value.description} Runbook: docs/runbooks/service-${each.key}.md"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = each.key == "tasks" ? "breaching" : "notBreaching" # the metric is missing when no task runs
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
