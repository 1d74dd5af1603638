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

run "cluster_has_insights_and_log_retention" {
  command = apply

  assert {
    condition     = aws_ecs_cluster.this.name == "phenom-test-cluster" && output.cluster.name == "phenom-test-cluster"
    error_message = "The cluster has another name."
  }

  assert {
    condition     = one(aws_ecs_cluster.this.setting) == { name = "containerInsights", value = "enabled" }
    error_message = "Container Insights is off."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.this.name == "/ecs/phenom-test" && aws_cloudwatch_log_group.this.retention_in_days == 30 &&
      aws_cloudwatch_log_group.insights.name == "/aws/ecs/containerinsights/phenom-test-cluster/performance" &&
      aws_cloudwatch_log_group.insights.retention_in_days == 30
    )
    error_message = "A log group has another name or retention."
  }

  assert {
    condition     = aws_ecs_cluster_capacity_providers.this.capacity_providers == toset(["FARGATE", "FARGATE_SPOT"])
    error_message = "The cluster has capacity providers other than Fargate."
  }
}

run "four_services_with_alarms" {
  command = apply

  assert {
    condition = toset(output.service_names) == toset([
      "phenom-test-graphql", "phenom-test-auth", "phenom-test-storage", "phenom-test-functions",
    ])
    error_message = "The services have other names."
  }

  assert {
    condition = alltrue([
      for arns in [output.service_arns, output.task_definition_arns] :
      toset(keys(arns)) == toset(["graphql", "auth", "storage", "functions"]) && !contains(values(arns), "")
    ])
    error_message = "service_arns or task_definition_arns lacks a service."
  }

  assert {
    condition     = alltrue([for service in module.service : length(service.alarm_names) == 4])
    error_message = "A service lacks an alarm on CPU, memory, running tasks or health."
  }

  assert {
    condition     = output.namespace.name == "phenom-test.internal"
    error_message = "The private DNS namespace has another name."
  }
}

run "log_retention_days_is_applied" {
  command = apply

  variables {
    log_retention_days = 365
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "log_retention_days is not applied."
  }
}
