mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment              = "test"
  monthly_budget_usd       = 250
  load_balancer_arn_suffix = "app/phenom-test/1"
  cluster_name             = "phenom-test-cluster"
  service_names            = ["phenom-test-graphql", "phenom-test-auth"]
  database_identifier      = "phenom-test-postgres"
  user_pool                = { id = "us-east-1_Test00001", client_id = "client-1" }
}

run "topic_is_encrypted_and_cloudwatch_may_publish" {
  command = apply

  assert {
    condition     = aws_sns_topic.alarms.name == "phenom-test-alarms" && aws_sns_topic.alarms.kms_master_key_id == aws_kms_key.topic.arn
    error_message = "The topic has another name, or is not encrypted with the key that services may use."
  }

  assert {
    condition = alltrue([
      for policy in [aws_kms_key.topic.policy, aws_sns_topic_policy.alarms.policy] : anytrue([
        for statement in jsondecode(policy).Statement :
        statement.Sid == "AllowServicesToPublish" && try(statement.Principal.Service, []) == ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] &&
        try(statement.Condition.StringEquals["aws:SourceAccount"], "") == "111122223333"
      ])
    ])
    error_message = "CloudWatch or Budgets cannot publish, or those of other accounts can."
  }

  assert {
    condition     = aws_kms_key.topic.enable_key_rotation
    error_message = "The key is not rotated."
  }
}

run "alarms_notify_the_subscribed_addresses" {
  command = apply

  variables {
    alarm_emails = ["operations@example.org"]
  }

  assert {
    condition     = [for subscription in aws_sns_topic_subscription.email : subscription.endpoint] == ["operations@example.org"]
    error_message = "The address is not subscribed."
  }

  assert {
    condition = toset(keys(aws_cloudwatch_metric_alarm.this)) == toset(
      ["load-balancer-5xx", "services-5xx", "latency", "sign-in-throttled"]
    )
    error_message = "The set of alarms is different."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([aws_sns_topic.alarms.arn])
    ])
    error_message = "An alarm does not notify the topic."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["latency"].extended_statistic == "p95" &&
      aws_cloudwatch_metric_alarm.this["latency"].statistic == null
    )
    error_message = "The latency alarm uses an average, which hides slow requests."
  }
}

run "budget_notifies_before_the_limit_is_reached" {
  command = apply

  assert {
    condition     = aws_budgets_budget.monthly.limit_amount == "250.00" && aws_budgets_budget.monthly.limit_unit == "USD"
    error_message = "The budget has another limit."
  }

  assert {
    condition = {
      for notification in aws_budgets_budget.monthly.notification : notification.notification_type => notification.threshold
    } == { ACTUAL = 80, FORECASTED = 100 }
    error_message = "The budget does not notify at 80 % actual and 100 % forecast cost."
  }

  assert {
    condition     = tolist(one(aws_budgets_budget.monthly.cost_filter).values) == tolist(["user:environment$test"])
    error_message = "The budget counts the costs of another environment."
  }
}

run "dashboard_shows_every_service" {
  command = apply

  assert {
    condition     = output.dashboard_name == "phenom-test"
    error_message = "The dashboard has another name."
  }

  assert {
    condition = alltrue([
      for name in var.service_names : contains(flatten(
        [for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.metrics]
      ), name)
    ])
    error_message = "The dashboard lacks a service."
  }
}
