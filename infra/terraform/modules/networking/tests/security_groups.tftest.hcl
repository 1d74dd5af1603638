mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "each_flow_has_one_port_and_one_peer_at_either_end" {
  command = apply

  assert {
    condition = toset([
      for rule in aws_vpc_security_group_ingress_rule.flow :
      "${rule.referenced_security_group_id} ${rule.security_group_id} ${rule.from_port}"
      ]) == toset([
      for rule in aws_vpc_security_group_egress_rule.flow :
      "${rule.security_group_id} ${rule.referenced_security_group_id} ${rule.from_port}"
    ])
    error_message = "A flow may leave but not arrive, or arrive but not leave."
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

run "the_database_hears_ecs_and_lambda_alone" {
  command = apply

  assert {
    condition = {
      for rule in aws_vpc_security_group_ingress_rule.flow : rule.referenced_security_group_id => rule.from_port
      if rule.security_group_id == output.security_group_ids.rds
      } == {
      (output.security_group_ids.ecs)    = 5432
      (output.security_group_ids.lambda) = 5432
    }
    error_message = "The database is reachable by others than ECS tasks and functions, or on another port."
  }

  assert {
    condition = alltrue([
      for rule in concat(
        values(aws_vpc_security_group_egress_rule.flow), values(aws_vpc_security_group_egress_rule.internet),
        values(aws_vpc_security_group_egress_rule.gateway),
      ) : rule.security_group_id != output.security_group_ids.rds
    ])
    error_message = "The database may call somebody."
  }
}

run "clamd_hears_lambda_alone" {
  command = apply

  assert {
    condition = {
      for rule in aws_vpc_security_group_ingress_rule.flow : rule.referenced_security_group_id => rule.from_port
      if rule.security_group_id == output.security_group_ids.clamd
    } == { (output.security_group_ids.lambda) = 3310 }
    error_message = "clamd is reachable by others than functions, or on another port."
  }
}

run "only_the_load_balancer_is_open_to_the_world" {
  command = apply

  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.world : rule.security_group_id == output.security_group_ids.alb
    ]) && toset([for rule in aws_vpc_security_group_ingress_rule.world : rule.from_port]) == toset([80, 443])
    error_message = "The world reaches something else than the load balancer on 80 and 443."
  }

  assert {
    condition = toset([
      for rule in aws_vpc_security_group_ingress_rule.flow : rule.from_port
      if rule.referenced_security_group_id == output.security_group_ids.alb
    ]) == toset([8080, 4000, 5000, 3000])
    error_message = "The load balancer does not reach exactly the four services."
  }
}

run "functions_have_no_way_to_the_internet" {
  command = apply

  assert {
    condition = !contains(
      [for rule in aws_vpc_security_group_egress_rule.internet : rule.security_group_id],
      output.security_group_ids.lambda
    )
    error_message = "Functions in the VPC may call the internet."
  }
}

run "without_endpoints_nobody_calls_them" {
  command = plan

  variables {
    interface_endpoints = []
  }

  assert {
    condition     = !anytrue([for key in keys(aws_vpc_security_group_ingress_rule.flow) : endswith(key, "-to-endpoints")])
    error_message = "There are rules for endpoints that do not exist."
  }
}
