mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "each_flow_has_one_rule_on_each_side" {
  command = apply

  assert {
    condition = toset([
      for rule in aws_vpc_security_group_ingress_rule.flow :
      "${rule.referenced_security_group_id} ${rule.security_group_id} ${rule.from_port}"
      ]) == toset([
      for rule in aws_vpc_security_group_egress_rule.flow :
      "${rule.security_group_id} ${rule.referenced_security_group_id} ${rule.from_port}"
    ])
    error_message = "A flow lacks its ingress or its egress rule."
  }

  assert {
    condition = alltrue([
      for rule in concat(
        values(aws_vpc_security_group_ingress_rule.flow), values(aws_vpc_security_group_ingress_rule.world),
        values(aws_vpc_security_group_egress_rule.flow), values(aws_vpc_security_group_egress_rule.internet),
        values(aws_vpc_security_group_egress_rule.gateway),
      ) : rule.ip_protocol == "tcp" && rule.from_port == rule.to_port
    ])
    error_message = "A rule allows more than one TCP port."
  }
}

run "database_accepts_only_ecs_chat_and_lambda" {
  command = apply

  assert {
    condition = {
      for rule in aws_vpc_security_group_ingress_rule.flow : rule.referenced_security_group_id => rule.from_port
      if rule.security_group_id == output.security_group_ids.rds
      } == {
      (output.security_group_ids.ecs)    = 5432
      (output.security_group_ids.chat)   = 5432
      (output.security_group_ids.lambda) = 5432
    }
    error_message = "The database accepts connections from groups other than ecs, chat and lambda, or on another port."
  }

  assert {
    condition = alltrue([
      for rule in concat(
        values(aws_vpc_security_group_egress_rule.flow), values(aws_vpc_security_group_egress_rule.internet),
        values(aws_vpc_security_group_egress_rule.gateway),
      ) : rule.security_group_id != output.security_group_ids.rds
    ])
    error_message = "The database has an egress rule."
  }
}

run "clamd_accepts_only_lambda" {
  command = apply

  assert {
    condition = {
      for rule in aws_vpc_security_group_ingress_rule.flow : rule.referenced_security_group_id => rule.from_port
      if rule.security_group_id == output.security_group_ids.clamd
    } == { (output.security_group_ids.lambda) = 3310 }
    error_message = "clamd accepts connections from groups other than lambda, or on another port."
  }
}

run "only_the_load_balancer_is_public" {
  command = apply

  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.world : rule.security_group_id == output.security_group_ids.alb
    ]) && toset([for rule in aws_vpc_security_group_ingress_rule.world : rule.from_port]) == toset([80, 443])
    error_message = "The internet reaches more than the load balancer on ports 80 and 443."
  }

  assert {
    condition = toset([
      for rule in aws_vpc_security_group_ingress_rule.flow : rule.from_port
      if rule.referenced_security_group_id == output.security_group_ids.alb
    ]) == toset([8080, 4000, 5000, 3000])
    error_message = "The load balancer does not reach exactly the ports of the four services."
  }
}

run "functions_cannot_call_the_internet" {
  command = apply

  assert {
    condition = !contains(
      [for rule in aws_vpc_security_group_egress_rule.internet : rule.security_group_id],
      output.security_group_ids.lambda
    )
    error_message = "Functions in the VPC can call the internet."
  }
}

run "tasks_send_no_mail_by_default" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.smtp) == 0
    error_message = "Tasks can connect to mail servers by default."
  }
}

run "tasks_send_mail_to_the_given_port" {
  command = apply

  variables {
    smtp_port = 465
  }

  assert {
    condition = (
      aws_vpc_security_group_egress_rule.smtp[0].security_group_id == output.security_group_ids.ecs &&
      aws_vpc_security_group_egress_rule.smtp[0].from_port == 465 && aws_vpc_security_group_egress_rule.smtp[0].to_port == 465
    )
    error_message = "Tasks cannot connect to the mail server, or to more than its port."
  }
}

run "no_endpoint_rules_without_endpoints" {
  command = plan

  variables {
    interface_endpoints = []
  }

  assert {
    condition     = !anytrue([for key in keys(aws_vpc_security_group_ingress_rule.flow) : endswith(key, "-to-endpoints")])
    error_message = "There are rules for endpoints that do not exist."
  }
}
