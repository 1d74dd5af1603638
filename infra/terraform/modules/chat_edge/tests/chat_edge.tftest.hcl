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

run "listener_verifies_client_certificates" {
  command = apply

  assert {
    condition = (
      aws_lb_listener.this.port == 443 && aws_lb_listener.this.protocol == "HTTPS" &&
      aws_lb_listener.this.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" &&
      one(aws_lb_listener.this.mutual_authentication).mode == "verify" &&
      one(aws_lb_listener.this.mutual_authentication).trust_store_arn == aws_lb_trust_store.this.arn &&
      one(aws_lb_listener.this.mutual_authentication).ignore_client_certificate_expiry == false &&
      one(aws_lb_listener.this.mutual_authentication).advertise_trust_store_ca_names == "off"
    )
    error_message = "The listener accepts clients without a valid certificate."
  }

  assert {
    condition = (
      aws_s3_object.bundle.content == var.client_ca_pem &&
      aws_lb_trust_store.this.ca_certificates_bundle_s3_object_version == aws_s3_object.bundle.version_id
    )
    error_message = "A changed bundle would not reach the load balancer."
  }

  assert {
    condition     = one(aws_lb.this.access_logs).enabled && one(aws_lb.this.connection_logs).enabled
    error_message = "A log is off."
  }
}

run "everything_that_is_no_client_path_is_redirected" {
  command = apply

  assert {
    condition = alltrue([
      for action in [one(aws_lb_listener.this.default_action), one(aws_lb_listener_rule.dot_segments.action)] :
      action.type == "redirect" && one(action.redirect).host == "try.acme.org" && one(action.redirect).path == "/" &&
      one(action.redirect).query == "" && one(action.redirect).status_code == "HTTP_302"
    ])
    error_message = "Other paths are not redirected, or take their path or query along."
  }

  assert {
    condition     = aws_lb_listener_rule.dot_segments.priority < aws_lb_listener_rule.service["synapse"].priority
    error_message = "Paths with dot segments are forwarded."
  }

  assert {
    condition = toset(flatten([
      for condition in aws_lb_listener_rule.service["synapse"].condition :
      concat(flatten(condition.host_header[*].values), flatten(condition.path_pattern[*].values))
    ])) == toset(["chat.acme.org", "/_matrix/*", "/_synapse/client/*", "/.well-known/matrix/*"])
    error_message = "Other paths or host names are forwarded."
  }
}

run "services_are_reached_only_through_the_edge" {
  command = apply

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.service["synapse"].security_group_id == "sg-synapse" &&
      aws_vpc_security_group_ingress_rule.service["synapse"].referenced_security_group_id == aws_security_group.this.id &&
      aws_vpc_security_group_egress_rule.service["synapse"].referenced_security_group_id == "sg-synapse" &&
      aws_vpc_security_group_egress_rule.service["synapse"].to_port == 8008
    )
    error_message = "The load balancer reaches another port or group."
  }

  assert {
    condition = output.target_groups == {
      synapse = {
        arn                      = aws_lb_target_group.this["synapse"].arn
        arn_suffix               = aws_lb_target_group.this["synapse"].arn_suffix
        load_balancer_arn_suffix = aws_lb.this.arn_suffix
      }
    }
    error_message = "Module service cannot use the output."
  }

  assert {
    condition = (
      aws_lb_target_group.this["synapse"].port == 8008 && one(aws_lb_target_group.this["synapse"].health_check).path == "/health"
    )
    error_message = "Synapse answers health checks on another port or path."
  }
}

run "second_service_gets_its_own_rule" {
  command = apply

  variables {
    services = {
      synapse = {
        port = 8008, security_group_id = "sg-synapse", health_path = "/health", path_prefixes = ["/_matrix/"], priority = 10
      }
      mcp = {
        port = 9000, security_group_id = "sg-mcp", health_path = "/healthz", path_prefixes = ["/mcp/"], priority = 20
      }
    }
  }

  assert {
    condition     = { for name, rule in aws_lb_listener_rule.service : name => rule.priority } == { synapse = 10, mcp = 20 }
    error_message = "AWS refuses a priority that is in use."
  }

  assert {
    condition     = output.path_prefixes == tolist(["/_matrix/", "/mcp/"])
    error_message = "Cloudflare would redirect clients of a service."
  }
}

run "mutual_tls_can_be_turned_off" {
  command = apply

  variables {
    mutual_tls = "off"
  }

  assert {
    condition     = [for block in aws_lb_listener.this.mutual_authentication : block.mode] == ["off"]
    error_message = "Mutual TLS is still on."
  }
}

run "existing_resources_keep_their_names" {
  command = apply

  variables {
    names = { load_balancer = "chat-alb", trust_store = "chat-ca" }
    services = {
      synapse = {
        port              = 8008
        security_group_id = "sg-synapse"
        health_path       = "/health"
        path_prefixes     = ["/_matrix/"]
        priority          = 10
        target_group_name = "chat-tg"
      }
    }
  }

  assert {
    condition = (
      aws_lb.this.name == "chat-alb" && aws_lb_trust_store.this.name == "chat-ca" &&
      aws_lb_target_group.this["synapse"].name == "chat-tg"
    )
    error_message = "A resource that cannot be renamed would be replaced."
  }
}

run "alarms_name_their_runbooks" {
  command = apply

  assert {
    condition = {
      for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => regex("Runbook: (.*)$", alarm.alarm_description)[0]
      } == {
      phenom-test-chat-tls-errors        = "docs/runbooks/chat-tls-errors.md"
      phenom-test-chat-load-balancer-5xx = "docs/runbooks/chat-load-balancer-5xx.md"
    }
    error_message = "An alarm is missing or names another page."
  }
}
