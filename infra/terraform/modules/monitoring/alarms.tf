locals {
  load_balancer = { LoadBalancer = var.load_balancer_arn_suffix }
  sign_in       = { UserPool = var.user_pool.id, UserPoolClient = var.user_pool.client_id }

  # Alarms that belong to no single service. The modules service and rds create the alarms of services and database.
  alarms = {
    load-balancer-5xx = {
      namespace   = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", dimensions = local.load_balancer
      statistic   = "Sum", threshold = 10
      description = "The load balancer itself returns 5xx errors: no healthy task, or tasks close connections."
    }
    services-5xx = {
      namespace   = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", dimensions = local.load_balancer
      statistic   = "Sum", threshold = 20
      description = "Services return 5xx errors. See their logs in /ecs/${local.name}."
    }
    latency = {
      namespace   = "AWS/ApplicationELB", metric = "TargetResponseTime", dimensions = local.load_balancer
      statistic   = "p95", threshold = 2
      description = "5 % of the requests take more than two seconds."
    }
    sign-in-throttled = {
      namespace   = "AWS/Cognito", metric = "SignInThrottles", dimensions = local.sign_in, statistic = "Sum", threshold = 0
      description = "Cognito throttles sign-ins: an attack, or the quota is too low."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${each.value.description} Runbook: docs/runbooks/${each.key}.md"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
