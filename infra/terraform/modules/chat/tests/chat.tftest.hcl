mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  images = {
    synapse = "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom-test/synapse@sha256:0123"
    proxy   = "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom-test/nginx@sha256:0123"
  }
  server = { name = "chat.example.org", public_url = "https://chat.example.org/" }
  database = {
    host       = "db.example.org", port = 5432, name = "synapse", user = "synapse"
    secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-chat-database-AbCdEf"
  }
  sign_in = { issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001", client_id = "0123abcd" }
  network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  ecs = {
    cluster   = { arn = "arn:aws:ecs:us-east-1:111122223333:cluster/phenom-test-cluster", name = "phenom-test-cluster" }
    namespace = { id = "ns-1", name = "phenom-test.internal" }
    log_group = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  }
  target_group = {
    arn                      = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/phenom-test-chat/1"
    arn_suffix               = "targetgroup/phenom-test-chat/1"
    load_balancer_arn_suffix = "app/phenom-test-chat/1"
  }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "registration_and_federation_are_closed" {
  command = apply

  assert {
    condition = (
      yamldecode(output.configuration).enable_registration == false && yamldecode(output.configuration).allow_guest_access == false &&
      yamldecode(output.configuration).federation_domain_whitelist == [] && yamldecode(output.configuration).trusted_key_servers == []
    )
    error_message = "Anyone may register, or other servers may connect."
  }

  assert {
    condition = [for listener in yamldecode(output.configuration).listeners : {
      addresses = listener.bind_addresses, names = flatten([for resource in listener.resources : resource.names])
    }] == [{ addresses = ["127.0.0.1"], names = ["client", "media"] }]
    error_message = "Synapse listens to more than the proxy, or serves more than clients and media."
  }
}

run "users_sign_in_with_cognito_only" {
  command = apply

  assert {
    condition = (
      yamldecode(output.configuration).password_config.enabled == false &&
      one(yamldecode(output.configuration).oidc_providers).issuer == var.sign_in.issuer &&
      one(yamldecode(output.configuration).oidc_providers).client_id == "0123abcd" &&
      one(yamldecode(output.configuration).oidc_providers).pkce_method == "always" &&
      !can(one(yamldecode(output.configuration).oidc_providers).client_secret)
    )
    error_message = "Passwords are allowed, the provider is another one, or its secret is in the configuration."
  }
}

run "configuration_without_cognito" {
  command = apply

  variables {
    sign_in      = null
    target_group = null
  }

  assert {
    condition = (
      yamldecode(output.configuration).password_config.enabled && !can(yamldecode(output.configuration).oidc_providers)
    )
    error_message = "Without Cognito, users cannot sign in with passwords."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.errors) == 0
    error_message = "The alarm monitors a load balancer that does not exist."
  }
}

run "state_contains_no_secret_and_operators_values_are_not_touched" {
  command = apply

  assert {
    condition = (
      aws_secretsmanager_secret_version.this.secret_string == null &&
      aws_secretsmanager_secret_version.this.secret_string_wo == null &&
      aws_secretsmanager_secret_version.this.secret_id == aws_secretsmanager_secret.this.id
    )
    error_message = "The state contains secrets, or Terraform writes to an operator's secret."
  }

  assert {
    condition = output.operator_secrets == {
      signing_key = "phenom-test-synapse-signing-key", sign_in = "phenom-test-synapse-sign-in"
    }
    error_message = "The secrets have other names."
  }
}

run "media_are_encrypted_backed_up_and_of_synapse_only" {
  command = apply

  assert {
    condition = (
      aws_efs_file_system.this.encrypted && aws_efs_backup_policy.this.backup_policy[0].status == "ENABLED" &&
      aws_efs_access_point.this.posix_user[0].uid == 991 && aws_efs_access_point.this.root_directory[0].path == "/media" &&
      aws_efs_access_point.this.root_directory[0].creation_info[0].permissions == "0700"
    )
    error_message = "The media are not encrypted, have no backup, or belong to another user."
  }

  assert {
    condition = [for statement in jsondecode(aws_efs_file_system_policy.this.policy).Statement : [
      statement.Effect, statement.Sid, try(statement.Principal.AWS, statement.Principal)
    ]] == [["Allow", "MountAsSynapse", module.service.task_role_arn], ["Deny", "RequireTls", "*"]]
    error_message = "Other principals may mount the media, or without encryption in transit."
  }

  assert {
    condition = (
      toset(aws_efs_mount_target.this[*].subnet_id) == toset(["subnet-1", "subnet-2"]) &&
      aws_vpc_security_group_ingress_rule.files.referenced_security_group_id == "sg-1" &&
      aws_vpc_security_group_ingress_rule.files.from_port == 2049
    )
    error_message = "A subnet has no mount target, or others can connect to it."
  }
}

run "proxy_knows_the_client_paths_only" {
  command = apply

  assert {
    condition = join(", ", flatten(regexall("location ([^{]+) {", local.nginx_conf))) == join(", ", [
      "/", "= /health", "^~ /_matrix/", "^~ /_synapse/client/", "^~ /.well-known/matrix/",
    ])
    error_message = "The proxy passes other paths on."
  }

  assert {
    condition     = strcontains(local.nginx_conf, "X-Forwarded-For $client_address;") && strcontains(local.nginx_conf, "client_max_body_size 50m;")
    error_message = "The client can choose its address, or the proxy refuses uploads that Synapse accepts."
  }
}

run "failing_requests_raise_an_alarm" {
  command = apply

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.errors[0].alarm_name == "phenom-test-synapse-errors" &&
      aws_cloudwatch_metric_alarm.errors[0].dimensions == tomap({
        TargetGroup = "targetgroup/phenom-test-chat/1", LoadBalancer = "app/phenom-test-chat/1"
      })
    )
    error_message = "The alarm monitors another target group."
  }

  assert {
    condition     = output.internal_url == "http://synapse.phenom-test.internal:8008" && output.service_name == "phenom-test-synapse"
    error_message = "The service has another name."
  }
}
