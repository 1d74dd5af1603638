mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "environment_is_a_short_name" {
  command = plan
  variables {
    environment = "Production!"
  }
  expect_failures = [var.environment]
}

run "vpc_cidr_is_a_16" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.0/20"
  }
  expect_failures = [var.vpc_cidr]
}

run "zone_count_is_two_or_three" {
  command = plan
  variables {
    zone_count = 1
  }
  expect_failures = [var.zone_count]
}

run "nat_gateways_is_one_of_three_words" {
  command = plan
  variables {
    nat_gateways = "many"
  }
  expect_failures = [var.nat_gateways]
}

run "interface_endpoints_are_known_services" {
  command = plan
  variables {
    interface_endpoints = ["sqs", "bedrock"]
  }
  expect_failures = [var.interface_endpoints]
}

run "service_ports_are_unprivileged" {
  command = plan
  variables {
    service_ports = { graphql = 80 }
  }
  expect_failures = [var.service_ports]
}

run "service_ports_have_graphql" {
  command = plan
  variables {
    service_ports = { auth = 4000 }
  }
  expect_failures = [var.service_ports]
}

run "log_retention_days_is_known_to_cloudwatch" {
  command = plan
  variables {
    log_retention_days = 8
  }
  expect_failures = [var.log_retention_days]
}
