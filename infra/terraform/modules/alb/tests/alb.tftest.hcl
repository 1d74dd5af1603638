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

run "four_target_groups_with_health_checks" {
  command = apply

  assert {
    condition = { for name, group in aws_lb_target_group.this : name => group.port } == {
      graphql = 8080, auth = 4000, storage = 5000, functions = 3000
    }
    error_message = "The services or their ports are wrong."
  }

  assert {
    condition = alltrue([
      for group in aws_lb_target_group.this :
      group.health_check[0].path == "/healthz" && group.health_check[0].interval == 30 && group.target_type == "ip"
    ])
    error_message = "Health checks use another path, interval or target type."
  }

  assert {
    condition     = output.target_group_arns == { for name, group in aws_lb_target_group.this : name => group.arn }
    error_message = "target_group_arns does not list every target group."
  }
}

run "each_path_is_forwarded_to_its_service" {
  command = apply

  assert {
    condition = {
      for name, rule in aws_lb_listener_rule.this : name => one(one(one(rule.condition).path_pattern).values)
      } == merge([
        for name in ["graphql", "auth", "storage", "functions"] :
        { (name) = "/api/${name}", "${name}-below" = "/api/${name}/*" }
    ]...)
    error_message = "A service has another path."
  }

  assert {
    condition = alltrue([
      for name, rule in aws_lb_listener_rule.this :
      rule.action[0].target_group_arn == aws_lb_target_group.this[trimsuffix(name, "-below")].arn
    ])
    error_message = "A path is forwarded to the wrong service."
  }

  assert {
    condition     = length(distinct([for rule in aws_lb_listener_rule.this : rule.priority])) == 8
    error_message = "Two rules have the same priority."
  }
}

run "priorities_stay_when_a_service_is_left_out" {
  command = apply

  variables {
    services = {
      graphql = { port = 8080, path = "/api/graphql", target_path = "/v1/graphql", target_prefix = "/" }
      storage = { port = 5000, path = "/api/storage", target_path = "/v1/", target_prefix = "/v1/" }
    }
  }

  assert {
    condition = { for name, rule in aws_lb_listener_rule.this : name => rule.priority } == {
      graphql = 30, "graphql-below" = 31, storage = 40, "storage-below" = 41
    }
    error_message = "AWS refuses a new priority that a removed rule still has (PriorityInUse)."
  }
}

run "paths_are_rewritten_for_the_container" {
  command = apply

  variables {
    services = {
      graphql = { port = 8080, path = "/api/graphql", target_path = "/v1/graphql", target_prefix = "/" }
      auth    = { port = 5001, path = "/api/files", target_path = "/v1/", target_prefix = "/v1/" }
      storage = { port = 5000, path = "/api/storage", target_path = "/api/storage", target_prefix = "/api/storage/" }
    }
  }

  assert {
    condition = {
      for path, name in {
        "/api/graphql"             = "graphql"
        "/api/graphql?x=/api"      = "graphql"
        "/api/graphql/v1/metadata" = "graphql-below"
        "/api/files/1?w=9"         = "auth-below"
        } : path => one([
          for rewrite in one(one(aws_lb_listener_rule.this[name].transform).url_rewrite_config).rewrite :
          replace(path, "/${rewrite.regex}/", rewrite.replace)
      ])
      } == {
      "/api/graphql"             = "/v1/graphql"
      "/api/graphql?x=/api"      = "/v1/graphql?x=/api"
      "/api/graphql/v1/metadata" = "/v1/metadata"
      "/api/files/1?w=9"         = "/v1/1?w=9"
    }
    error_message = "A path is rewritten to one that the container does not serve."
  }

  assert {
    condition = alltrue([
      for name in ["storage", "storage-below"] : length(aws_lb_listener_rule.this[name].transform) == 0
    ])
    error_message = "A request is rewritten although the container serves its public path."
  }
}

run "http_forwards_when_there_is_no_certificate" {
  command = apply

  assert {
    condition     = length(aws_lb_listener.https) == 0 && aws_lb_listener.http.default_action[0].type == "fixed-response"
    error_message = "There is an HTTPS listener without a certificate, or unknown paths are forwarded."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : rule.listener_arn == aws_lb_listener.http.arn])
    error_message = "The HTTP listener does not forward to the services."
  }
}

run "http_redirects_when_there_is_a_certificate" {
  command = apply

  variables {
    https = { certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1" }
  }

  assert {
    condition = (
      one(aws_lb_listener.http.default_action[0].redirect).protocol == "HTTPS" &&
      one(aws_lb_listener.http.default_action[0].redirect).status_code == "HTTP_301"
    )
    error_message = "Plain HTTP does not redirect to HTTPS."
  }

  assert {
    condition = (
      aws_lb_listener.https[0].port == 443 && aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" &&
      length(aws_lb_listener.https[0].mutual_authentication) == 0
    )
    error_message = "The HTTPS listener has another port or TLS policy, or requires client certificates by default."
  }
}

run "rules_belong_to_the_https_listener" {
  command = apply

  override_resource {
    target = aws_lb_listener.https
    values = { arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/phenom-test/1/443" }
  }

  variables {
    https = { certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1" }
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : rule.listener_arn == aws_lb_listener.https[0].arn])
    error_message = "Services are still served over plain HTTP."
  }
}

run "mutual_tls_verifies_client_certificates" {
  command = apply

  variables {
    https               = { certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1" }
    client_certificates = { bucket = "phenom-test-ca", key = "clients.pem" }
  }

  assert {
    condition = (
      one(aws_lb_listener.https[0].mutual_authentication).mode == "verify" &&
      one(aws_lb_listener.https[0].mutual_authentication).trust_store_arn == aws_lb_trust_store.this[0].arn &&
      aws_lb_trust_store.this[0].ca_certificates_bundle_s3_key == "clients.pem"
    )
    error_message = "Client certificates are not verified against the bundle."
  }
}

run "load_balancer_is_public_protected_and_logged" {
  command = apply

  assert {
    condition = (
      aws_lb.this.enable_deletion_protection && aws_lb.this.drop_invalid_header_fields &&
      one(aws_lb.this.access_logs).enabled && aws_lb.this.internal == false
    )
    error_message = "The load balancer is internal, can be deleted, accepts invalid headers, or has no access logs."
  }

  assert {
    condition     = aws_lb.this.security_groups == toset(["sg-1"])
    error_message = "The load balancer has another security group."
  }
}

run "access_logs_expire" {
  command = apply

  variables {
    log_retention_days = 90
  }

  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.logs.rule[0].expiration).days == 90
    error_message = "Access logs do not expire after log_retention_days."
  }
}
