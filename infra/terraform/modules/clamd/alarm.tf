locals {
  age_metric = { namespace = "phenom-${var.environment}", name = "DefinitionsAgeHours" }
}

# From start.sh: the age of the definitions that each clamd uses.
resource "aws_cloudwatch_log_metric_filter" "age" {
  name           = "${local.full_name}-definitions-age"
  log_group_name = var.log_group.name
  pattern        = "{ $.definitionsAgeHours = * }"

  metric_transformation {
    namespace = local.age_metric.namespace
    name      = local.age_metric.name
    value     = "$.definitionsAgeHours"
  }
}

# ClamAV publishes daily.cvd once a day; the schedule and clamd's own checks add up to five hours.
resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name = "${local.full_name}-definitions"
  alarm_description = join(" ", [
    "clamd of phenom-${var.environment} scans with virus definitions that are 36 hours old or older, or reports no age.",
    "Runbook: docs/runbooks/clamd-definitions.md",
  ])
  namespace           = local.age_metric.namespace
  metric_name         = local.age_metric.name
  statistic           = "Maximum" # of all tasks
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 36
  period              = 900
  evaluation_periods  = 4
  treat_missing_data  = "breaching" # no clamd runs, or it has no daily.cvd
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
