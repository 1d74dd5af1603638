data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

resource "aws_iam_role" "monitoring" {
  name = "${local.name}-rds-monitoring"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

locals {
  # No alarm on replica lag: there are no replicas, and a Multi-AZ standby is replicated synchronously.
  alarms = {
    cpu = {
      metric      = "CPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 80
      description = "Database CPU has been above 80 % for 15 minutes. Performance Insights shows the statements."
    }
    storage = {
      metric      = "FreeStorageSpace", statistic = "Minimum", comparison = "LessThanThreshold"
      threshold   = var.storage_gb.initial * 1024 * 1024 * 1024 / 10
      description = "Database storage is almost full: it did not grow, or has reached its maximum (storage_gb)."
    }
    connections = {
      metric      = "DatabaseConnections", statistic = "Maximum", comparison = "GreaterThanThreshold"
      threshold   = 300 # four services with at most six tasks of about ten connections each need 240
      description = "The database has more connections than the services need: a leak, or too many tasks."
    }
    memory = {
      metric      = "FreeableMemory", statistic = "Minimum", comparison = "LessThanThreshold"
      threshold   = 256 * 1024 * 1024
      description = "The database has had less than 256 MiB of free memory for 15 minutes and may start to swap."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-database-${each.key}"
  alarm_description   = "${each.value.description} Runbook: docs/runbooks/database-${each.key}.md"
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = aws_db_instance.this.identifier }
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "breaching" # a database without metrics is down
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
