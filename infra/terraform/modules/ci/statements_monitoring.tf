locals {
  monitoring_statements = [
    {
      Sid    = "ManageLogGroups"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "logs:DescribeIndexPolicies",
        "logs:GetDataProtectionPolicy", "logs:ListTagsForResource", "logs:ListTagsLogGroup", "logs:PutRetentionPolicy",
        "logs:TagResource", "logs:UntagResource", "logs:*MetricFilter", "logs:*MetricFilters",
      ]
      Resource = [
        "arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/${local.name}-*",
        "arn:${local.partition}:logs:${local.here}:log-group:/aws/apigateway/${local.name}-*",
      ]
    },
    {
      Sid      = "ListLogGroups"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = ["arn:${local.partition}:logs:${local.here}:log-group:*"] # lists all log groups
    },
    {
      Sid      = "ReadLogPolicies"
      Effect   = "Allow"
      Action   = ["logs:DescribeResourcePolicies"]
      Resource = ["*"] # the call supports no resources
    },
    {
      Sid    = "ManageAlarmsAndDashboard"
      Effect = "Allow"
      Action = [
        "cloudwatch:*Alarm", "cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:*Dashboard*",
        "cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource",
      ]
      Resource = [
        "arn:${local.partition}:cloudwatch:${local.here}:alarm:${local.name}-*",
        "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${local.name}-*",
      ]
    },
    {
      Sid    = "ManageEventBus"
      Effect = "Allow"
      Action = ["events:*EventBus", "events:ListTagsForResource", "events:TagResource", "events:UntagResource"]
      Resource = [
        "arn:${local.partition}:events:${local.here}:event-bus/${local.name}",
      ]
    },
    {
      Sid    = "ManageRulesAndPipes"
      Effect = "Allow"
      Action = [
        "events:*Rule", "events:*Targets", "events:ListTagsForResource", "events:ListTargetsByRule", "events:TagResource",
        "events:UntagResource", "pipes:*Pipe", "pipes:*agResource", "pipes:ListTagsForResource",
      ]
      Resource = [
        "arn:${local.partition}:events:${local.here}:rule/${local.name}-*",
        "arn:${local.partition}:pipes:${local.here}:pipe/${local.name}-*",
      ]
    },
  ]
}
