locals {
  # Gateway endpoints only lead to this account's data and to the layers of ECR images, so a compromised function cannot
  # copy files to a bucket or table of another account.
  gateway_policies = {
    s3 = [
      {
        Sid       = "OwnBuckets"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:*"
        Resource  = "arn:${data.aws_partition.current.partition}:s3:::*"
        Condition = { StringEquals = { "aws:ResourceAccount" = data.aws_caller_identity.current.account_id } }
      },
      {
        Sid       = "ImageLayers"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource = format(
          "arn:%s:s3:::prod-%s-starport-layer-bucket/*",
          data.aws_partition.current.partition, data.aws_region.current.region
        )
      },
    ]
    dynamodb = [
      {
        Sid       = "OwnTables"
        Effect    = "Allow"
        Principal = "*"
        Action    = "dynamodb:*"
        Resource  = "arn:${data.aws_partition.current.partition}:dynamodb:*:*:table/*"
        Condition = { StringEquals = { "aws:ResourceAccount" = data.aws_caller_identity.current.account_id } }
      },
    ]
  }

  # The same for interface endpoints: allowed actions, and the kind of this account's resources.
  interface_policies = {
    secretsmanager = { actions = ["secretsmanager:GetSecretValue"], resource = "secretsmanager:%s:secret:*" }
    sqs            = { actions = ["sqs:*"], resource = "sqs:%s:*" }
    logs           = { actions = ["logs:CreateLogStream", "logs:PutLogEvents"], resource = "logs:%s:log-group:*" }
    "ecr.api"      = { actions = local.pull_actions, resource = null }
    "ecr.dkr"      = { actions = local.pull_actions, resource = null }
  }
  pull_actions = [ # GetAuthorizationToken supports no resources
    "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
  ]
  here = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_policies

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  route_table_ids   = aws_route_table.private[*].id
  policy            = jsonencode({ Version = "2012-10-17", Statement = each.value })

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  subnet_ids          = [for index in range(var.zone_count) : aws_subnet.this["private-${index}"].id]
  security_group_ids  = [aws_security_group.this["endpoints"].id]
  private_dns_enabled = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnResources"
      Effect    = "Allow"
      Principal = "*"
      Action    = local.interface_policies[each.key].actions
      Resource = local.interface_policies[each.key].resource == null ? "*" : format(
        "arn:%s:${local.interface_policies[each.key].resource}", data.aws_partition.current.partition, local.here
      )
      Condition = { StringEquals = { "aws:PrincipalAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })

  tags = { Name = "${local.name}-${each.key}" }
}
