mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  services = {
    for name, port in { graphql = 8080, auth = 4000, storage = 5000, functions = 3000 } : name => {
      image                     = "registry.example.org/${name}:1", port = port, environment = { NAME = name }, secrets = {}
    }
  }
  target_groups = {
    for name in ["graphql", "auth", "storage", "functions"] : name => {
      arn                      = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/phenom-test-${name}/1"
      arn_suffix               = "targetgroup/phenom-test-${name}/1"
      load_balancer_arn_suffix = "app/phenom-test/1"
    }
  }
  network         = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "a_cluster_with_insights_and_a_log_that_ends" {
  command = apply

  assert {
    condition     = one(aws_ecs_cluster.this.setting) == { name = "containerInsights", value = "enabled" }
    error_message = "Container Insights is off."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.this.name == "/ecs/phenom-test" && aws_cloudwatch_log_group.this.retention_in_days == 30 &&
      aws_cloudwatch_log_group.insights.retention_in_days == 30
    )
    error_message = "The log group has another name, or logs are kept for ever."
  }

  assert {
    condition     = aws_ecs_cluster_capacity_providers.this.capacity_providers == toset(["FARGATE", "FARGATE_SPOT"])
    error_message = "The cluster has other capacity than Fargate."
  }
}

run "one_module_four_services" {
  command = apply

  assert {
    condition     = toset(output.service_names) == toset(["graphql", "auth", "storage", "functions"])
    error_message = "Not the four services."
  }

  assert {
    condition     = alltrue([for service in module.service : length(service.alarm_names) == 4])
    error_message = "A service lacks an alarm for CPU, memory, running tasks or health."
  }

  assert {
    condition     = output.namespace.name == "phenom-test.internal"
    error_message = "The services are found under another name."
  }
}

run "logs_are_kept_as_long_as_asked" {
  command = apply

  variables {
    log_retention_days = 365
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "log_retention_days does not arrive."
  }
}
