mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment       = "test"
  vpc_id            = "vpc-1"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
  services = {
    for name, port in { graphql = 8080, auth = 4000, storage = 5000, functions = 3000 } : name => {
      port                      = port
      path                      = "/api/${name}"
      target_path               = "/v1/${name}"
      target_prefix             = "/"
    }
  }
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "te st"
  }
  expect_failures = [var.environment]
}

run "vpc_id_must_not_be_empty" {
  command = plan
  variables {
    vpc_id = ""
  }
  expect_failures = [var.vpc_id]
}

run "subnet_ids_must_be_two" {
  command = plan
  variables {
    subnet_ids = ["subnet-1"]
  }
  expect_failures = [var.subnet_ids]
}

run "security_group_id_must_not_be_empty" {
  command = plan
  variables {
    security_group_id = ""
  }
  expect_failures = [var.security_group_id]
}

run "service_path_must_start_with_a_slash" {
  command = plan
  variables {
    services = { graphql = { port = 8080, path = "graphql/", target_path = "/", target_prefix = "/" } }
  }
  expect_failures = [var.services]
}

run "target_prefix_must_end_with_a_slash" {
  command = plan
  variables {
    services = { graphql = { port = 8080, path = "/api/graphql", target_path = "/v1/graphql", target_prefix = "/v1" } }
  }
  expect_failures = [var.services]
}

run "certificate_must_be_from_acm" {
  command = plan
  variables {
    https = { certificate_arn = "certificate" }
  }
  expect_failures = [var.https]
}

run "tls_policy_must_be_current" {
  command = plan
  variables {
    https = {
      certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
      ssl_policy      = "ELBSecurityPolicy-2016-08"
    }
  }
  expect_failures = [var.https]
}

run "client_certificates_need_https" {
  command = plan
  variables {
    client_certificates = { bucket = "phenom-test-ca", key = "clients.pem" }
  }
  expect_failures = [var.client_certificates]
}

run "log_retention_days_must_be_positive" {
  command = plan
  variables {
    log_retention_days = 0
  }
  expect_failures = [var.log_retention_days]
}

run "services_need_a_priority" {
  command = plan
  variables {
    services = { chat = { port = 8008, path = "/chat", target_path = "/", target_prefix = "/" } }
  }
  expect_failures = [var.services]
}
