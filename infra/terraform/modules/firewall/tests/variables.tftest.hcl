mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment       = "test"
  load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/phenom-test-chat/0123456789abcdef"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "Test"
  }
  expect_failures = [var.environment]
}

run "load_balancer_arn_must_be_one" {
  command = plan
  variables {
    load_balancer_arn = "phenom-test-chat"
  }
  expect_failures = [var.load_balancer_arn]
}

run "mode_must_be_known" {
  command = plan
  variables {
    mode = "BLOCK"
  }
  expect_failures = [var.mode]
}

run "rate_must_have_a_window_of_waf" {
  command = plan
  variables {
    rate = { seconds = 30 }
  }
  expect_failures = [var.rate]
}

run "client_ip_header_must_not_be_one_that_clients_set" {
  command = plan
  variables {
    client_ip_header = "x-forwarded-for"
  }
  expect_failures = [var.client_ip_header]
}

run "rules_json_must_not_be_empty" {
  command = plan
  variables {
    rules_json = "[]"
  }
  expect_failures = [var.rules_json]
}

run "rules_json_must_be_a_list_of_rules" {
  command = plan
  variables {
    rules_json = "{\"WebACL\": {\"Rules\": []}}"
  }
  expect_failures = [var.rules_json]
}

run "rules_json_must_have_decoded_search_strings" {
  command = plan
  variables {
    rules_json = "[{\"Name\":\"a\",\"Priority\":0,\"Statement\":{\"ByteMatchStatement\":{\"SearchString\": \"L19zeW5hcHNlL2FkbWlu\"}},\"Action\":{\"Count\":{}}}]"
  }
  expect_failures = [var.rules_json]
}

run "operator_roles_must_be_names" {
  command = plan
  variables {
    operator_roles = ["arn:aws:iam::111122223333:role/operations"]
  }
  expect_failures = [var.operator_roles]
}

run "log_retention_days_must_be_a_period_of_cloudwatch" {
  command = plan
  variables {
    log_retention_days = 10
  }
  expect_failures = [var.log_retention_days]
}
