mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "Production!"
  }
  expect_failures = [var.environment]
}

run "vpc_cidr_must_have_prefix_16" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.0/20"
  }
  expect_failures = [var.vpc_cidr]
}

run "zone_count_must_be_two_or_three" {
  command = plan
  variables {
    zone_count = 1
  }
  expect_failures = [var.zone_count]
}

run "nat_gateways_must_be_a_known_value" {
  command = plan
  variables {
    nat_gateways = "many"
  }
  expect_failures = [var.nat_gateways]
}

run "interface_endpoints_must_be_known_services" {
  command = plan
  variables {
    interface_endpoints = ["sqs", "bedrock"]
  }
  expect_failures = [var.interface_endpoints]
}

run "service_ports_must_be_unprivileged" {
  command = plan
  variables {
    service_ports = { graphql = 80 }
  }
  expect_failures = [var.service_ports]
}

run "service_ports_must_include_graphql" {
  command = plan
  variables {
    service_ports = { auth = 4000 }
  }
  expect_failures = [var.service_ports]
}

run "log_retention_days_must_be_supported_by_cloudwatch" {
  command = plan
  variables {
    log_retention_days = 8
  }
  expect_failures = [var.log_retention_days]
}

run "smtp_port_must_be_a_port" {
  command = plan
  variables {
    smtp_port = 70000
  }
  expect_failures = [var.smtp_port]
}

run "smtp_port_needs_a_nat_gateway" {
  command = plan
  variables {
    smtp_port    = 465
    nat_gateways = "none"
  }
  expect_failures = [var.smtp_port]
}
