mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "subnets_have_the_documented_ranges" {
  command = plan

  assert {
    condition = { for key, subnet in aws_subnet.this : key => subnet.cidr_block } == {
      public-0   = "10.0.0.0/24", public-1 = "10.0.1.0/24"
      private-0  = "10.0.10.0/24", private-1 = "10.0.11.0/24"
      database-0 = "10.0.20.0/24", database-1 = "10.0.21.0/24"
    }
    error_message = "A subnet has another address range."
  }

  assert {
    condition     = aws_subnet.this["private-0"].availability_zone != aws_subnet.this["private-1"].availability_zone
    error_message = "Both private subnets are in one zone."
  }

  assert {
    condition     = !anytrue([for subnet in aws_subnet.this : subnet.map_public_ip_on_launch])
    error_message = "A subnet assigns public addresses."
  }
}

run "zone_count_and_vpc_cidr_are_applied" {
  command = plan

  variables {
    zone_count = 3
    vpc_cidr   = "10.20.0.0/16"
  }

  assert {
    condition     = length(aws_subnet.this) == 9 && aws_subnet.this["database-2"].cidr_block == "10.20.22.0/24"
    error_message = "The subnets do not follow zone_count and vpc_cidr."
  }
}

run "one_nat_gateway_serves_all_zones" {
  command = apply

  assert {
    condition = length(aws_nat_gateway.this) == 1 && length(aws_route.private_internet) == 2 && alltrue(
      [for route in aws_route.private_internet : route.nat_gateway_id == aws_nat_gateway.this[0].id]
    )
    error_message = "A private route does not use the NAT gateway."
  }

  assert {
    condition = alltrue([
      for index in range(2) :
      aws_route_table_association.this["database-${index}"].route_table_id == aws_route_table.database.id
    ])
    error_message = "A database subnet has another route table."
  }
}

run "each_zone_has_its_own_nat_gateway" {
  command = apply

  variables {
    nat_gateways = "per_zone"
  }

  assert {
    condition = alltrue([
      for index in range(2) : aws_route.private_internet[index].nat_gateway_id == aws_nat_gateway.this[index].id
    ])
    error_message = "A zone uses the NAT gateway of another zone."
  }

  assert {
    condition     = length(output.nat_public_ips) == 2
    error_message = "nat_public_ips does not list both addresses."
  }
}

run "all_endpoints_without_nat_gateway" {
  command = plan

  variables {
    nat_gateways        = "none"
    interface_endpoints = ["secretsmanager", "ecr.api", "ecr.dkr", "logs", "sqs"]
  }

  assert {
    condition     = length(aws_nat_gateway.this) + length(aws_eip.nat) + length(aws_route.private_internet) == 0
    error_message = "There is a NAT gateway, or a route to one."
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.internet) == 0
    error_message = "There is an egress rule to the internet without NAT."
  }

  assert {
    condition = toset([for endpoint in aws_vpc_endpoint.interface : endpoint.service_name]) == toset([
      for name in ["secretsmanager", "ecr.api", "ecr.dkr", "logs", "sqs"] : "com.amazonaws.us-east-1.${name}"
    ])
    error_message = "The interface endpoints are not those of the variable."
  }
}

run "gateway_endpoints_only_allow_this_accounts_data" {
  command = apply

  assert {
    condition = {
      for statement in jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement :
      statement.Sid => try(statement.Condition.StringEquals["aws:ResourceAccount"], statement.Resource)
      } == {
      OwnBuckets  = "111122223333"
      ImageLayers = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"
    }
    error_message = "The S3 endpoint allows access to buckets of other accounts."
  }

  assert {
    condition     = aws_vpc_endpoint.gateway["s3"].route_table_ids == toset(aws_route_table.private[*].id)
    error_message = "A private route table lacks the S3 endpoint."
  }
}

run "interface_endpoints_only_allow_this_accounts_resources" {
  command = apply

  variables {
    interface_endpoints = ["secretsmanager", "ecr.api", "ecr.dkr", "logs", "sqs"]
  }

  assert {
    condition = {
      for name, endpoint in aws_vpc_endpoint.interface : name => jsondecode(endpoint.policy).Statement[0].Resource
      } == {
      secretsmanager = "arn:aws:secretsmanager:us-east-1:111122223333:secret:*"
      sqs            = "arn:aws:sqs:us-east-1:111122223333:*"
      logs           = "arn:aws:logs:us-east-1:111122223333:log-group:*"
      "ecr.api"      = "*"
      "ecr.dkr"      = "*"
    }
    error_message = "An endpoint allows access to resources of other accounts."
  }

  assert {
    condition = alltrue([
      for endpoint in aws_vpc_endpoint.interface :
      jsondecode(endpoint.policy).Statement[0].Condition.StringEquals["aws:PrincipalAccount"] == "111122223333"
    ])
    error_message = "An endpoint allows principals of other accounts."
  }
}

run "log_retention_days_is_applied_to_flow_logs" {
  command = apply

  variables {
    log_retention_days = 7
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow.retention_in_days == 7 && aws_flow_log.this.traffic_type == "ALL"
    error_message = "Flow logs have another retention, or do not cover all traffic."
  }

  assert {
    condition = (
      jsondecode(aws_iam_role_policy.flow.policy).Statement[0].Resource == "${aws_cloudwatch_log_group.flow.arn}:*"
    )
    error_message = "The flow log role may write to other log groups."
  }
}
