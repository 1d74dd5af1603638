locals {
  alb = ["AWS/ApplicationELB", "LoadBalancer", var.load_balancer_arn_suffix]
  rds = ["AWS/RDS", "DBInstanceIdentifier", var.database_identifier]
  ecs = { for name in var.service_names : name => ["ClusterName", var.cluster_name, "ServiceName", name] }

  # Each graph: title, statistic, and one list [namespace, metric, dimension, value, …] per line.
  graphs = [
    {
      title = "Requests", stat = "Sum"
      metrics = [for metric in ["RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"] :
        [local.alb[0], metric, local.alb[1], local.alb[2]]
      ]
    },
    {
      title   = "Response time (s)", stat = "p95"
      metrics = [[local.alb[0], "TargetResponseTime", local.alb[1], local.alb[2]]]
    },
    {
      title   = "Service CPU (%)", stat = "Average"
      metrics = [for dimensions in local.ecs : concat(["AWS/ECS", "CPUUtilization"], dimensions)]
    },
    {
      title   = "Service memory (%)", stat = "Average"
      metrics = [for dimensions in local.ecs : concat(["AWS/ECS", "MemoryUtilization"], dimensions)]
    },
    {
      title   = "Running tasks", stat = "Average"
      metrics = [for dimensions in local.ecs : concat(["ECS/ContainerInsights", "RunningTaskCount"], dimensions)]
    },
    {
      title   = "Database CPU (%) and connections", stat = "Average"
      metrics = [for metric in ["CPUUtilization", "DatabaseConnections"] : [local.rds[0], metric, local.rds[1], local.rds[2]]]
    },
    {
      title   = "Database free storage and memory (bytes)", stat = "Minimum"
      metrics = [for metric in ["FreeStorageSpace", "FreeableMemory"] : [local.rds[0], metric, local.rds[1], local.rds[2]]]
    },
    {
      title = "Sign-ins", stat = "Sum"
      metrics = [for metric in ["SignInSuccesses", "SignInThrottles", "TokenRefreshSuccesses"] :
        ["AWS/Cognito", metric, "UserPool", var.user_pool.id, "UserPoolClient", var.user_pool.client_id]
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = [
      for index, graph in local.graphs : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = graph.title
          view    = "timeSeries"
          region  = data.aws_region.current.region
          stat    = graph.stat
          period  = 60
          metrics = graph.metrics
        }
      }
    ]
  })
}
