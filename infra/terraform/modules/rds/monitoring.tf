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
  # There is no alarm on replica lag: there are no replicas, and a Multi-AZ standby is in step by design.
  alarms = {
    cpu = {
      metric      = "CPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 80
      description = "The database is short of CPU for 15 minutes. Look at Performance Insights for the statement."
    }
    storage = {
      metric      = "FreeStorageSpace", statistic = "Minimum", comparison = "LessThanThreshold"
      threshold   = var.storage_gb.initial * 1024 * 1024 * 1024 / 10
      description = "The database's storage runs out: it did not grow, or has come to its maximum (storage_gb)."
    }
    connections = {
      metric      = "DatabaseConnections", statistic = "Maximum", comparison = "GreaterThanThreshold"
      threshold   = 300 # four services of at most six tasks with some ten connections each are 240
      description = "More connections than the services should need. Look for a leak, or for too many tasks."
    }
    memory = {
      metric      = "FreeableMemory", statistic = "Minimum", comparison = "LessThanThreshold"
      threshold   = 256 * 1024 * 1024
      description = "The database is short of memory for 15 minutes, and will begin to swap."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-database-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = aws_db_instance.this.identifier }
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "breaching" # a database that says nothing is down
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
