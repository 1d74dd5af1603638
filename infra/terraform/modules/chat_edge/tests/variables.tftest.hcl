mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment     = "test"
  network         = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  host_name       = "chat.acme.org"
  elsewhere_host  = "try.acme.org"
  certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
  client_ca_pem   = "-----BEGIN CERTIFICATE-----\nMIIA\n-----END CERTIFICATE-----\n"
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
  services = {
    synapse = {
      port              = 8008
      security_group_id = "sg-synapse"
      health_path       = "/health"
      path_prefixes     = ["/_matrix/", "/_synapse/client/", "/.well-known/matrix/"]
      priority          = 10
    }
  }
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "Test"
  }
  expect_failures = [var.environment]
}

run "network_needs_two_subnets" {
  command = plan
  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"] }
  }
  expect_failures = [var.network]
}

run "host_name_must_be_lower_case" {
  command = plan
  variables {
    host_name = "Chat.acme.org"
  }
  expect_failures = [var.host_name]
}

run "elsewhere_host_must_not_be_a_url" {
  command = plan
  variables {
    elsewhere_host = "https://try.acme.org/"
  }
  expect_failures = [var.elsewhere_host]
}

run "elsewhere_host_must_be_another_host" {
  command = plan
  variables {
    elsewhere_host = "chat.acme.org"
  }
  expect_failures = [var.elsewhere_host]
}

run "certificate_arn_must_be_of_acm" {
  command = plan
  variables {
    certificate_arn = "arn:aws:iam::111122223333:server-certificate/chat"
  }
  expect_failures = [var.certificate_arn]
}

run "client_ca_pem_must_not_be_null" {
  command = plan
  variables {
    client_ca_pem = null
  }
  expect_failures = [var.client_ca_pem]
}

run "client_ca_pem_must_not_contain_a_key" {
  command = plan
  variables {
    client_ca_pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n"
  }
  expect_failures = [var.client_ca_pem]
}

run "client_ca_pem_must_not_contain_a_third_authority" {
  command = plan
  variables {
    client_ca_pem = "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n"
  }
  expect_failures = [var.client_ca_pem]
}

run "mutual_tls_must_not_pass_through" {
  command = plan
  variables {
    mutual_tls = "passthrough"
  }
  expect_failures = [var.mutual_tls]
}

run "services_must_not_be_empty" {
  command = plan
  variables {
    services = {}
  }
  expect_failures = [var.services]
}

run "services_must_have_short_names" {
  command = plan
  variables {
    services = {
      synapse-main = {
        port = 8008, security_group_id = "sg-1", health_path = "/health", path_prefixes = ["/_matrix/"], priority = 10
      }
    }
  }
  expect_failures = [var.services]
}

run "services_must_not_get_the_admin_api" {
  command = plan
  variables {
    services = {
      synapse = {
        port = 8008, security_group_id = "sg-1", health_path = "/health", path_prefixes = ["/_synapse/admin/"], priority = 10
      }
    }
  }
  expect_failures = [var.services]
}

run "services_must_not_get_a_parent_of_the_admin_api" {
  command = plan
  variables {
    services = {
      synapse = {
        port = 8008, security_group_id = "sg-1", health_path = "/health", path_prefixes = ["/_synapse/"], priority = 10
      }
    }
  }
  expect_failures = [var.services]
}

run "services_must_get_whole_segments" {
  command = plan
  variables {
    services = {
      synapse = {
        port = 8008, security_group_id = "sg-1", health_path = "/health", path_prefixes = ["/_matrix"], priority = 10
      }
    }
  }
  expect_failures = [var.services]
}

run "services_must_not_have_four_paths" {
  command = plan
  variables {
    services = {
      synapse = {
        port = 8008, security_group_id = "sg-1", health_path = "/health", path_prefixes = ["/a/", "/b/", "/c/", "/d/"], priority = 10
      }
    }
  }
  expect_failures = [var.services]
}

run "services_must_not_use_the_first_priority" {
  command = plan
  variables {
    services = {
      synapse = {
        port = 8008, security_group_id = "sg-1", health_path = "/health", path_prefixes = ["/_matrix/"], priority = 1
      }
    }
  }
  expect_failures = [var.services]
}

run "names_must_be_short" {
  command = plan
  variables {
    names = { trust_store = "chat_ca" }
  }
  expect_failures = [var.names]
}

run "log_retention_days_must_be_short" {
  command = plan
  variables {
    log_retention_days = 365
  }
  expect_failures = [var.log_retention_days]
}

run "alarm_topic_arn_must_be_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = "alarms"
  }
  expect_failures = [var.alarm_topic_arn]
}
