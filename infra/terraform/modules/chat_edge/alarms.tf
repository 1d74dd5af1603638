locals {
  alarms = {
    chat-tls-errors = {
      metric      = "ClientTLSNegotiationErrorCount"
      threshold   = 20
      description = "The chat load balancer refuses TLS connections: Cloudflare's client certificate is wrong or has expired, or scanners try to connect."
    }
    chat-load-balancer-5xx = {
      metric      = "HTTPCode_ELB_5XX_Count"
      threshold   = 10
      description = "The chat load balancer itself returns 5xx errors: no healthy task, or the task closes connections."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "phenom-${var.environment}-${each.key}"
  alarm_description   = "${each.value.description} Runbook: docs/runbooks/${each.key}.md"
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.metric
  dimensions          = { LoadBalancer = aws_lb.this.arn_suffix }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
