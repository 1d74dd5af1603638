locals {
  # <secret ARN>:<key>:: refers to one value, but permission is granted on the whole secret.
  secret_arns = distinct([for value in values(var.container.secrets) : join(":", slice(split(":", value), 0, 7))])
  from_ecr    = can(regex("\\.dkr\\.ecr\\.", var.container.image))

  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
        ArnLike = {
          "aws:SourceArn" = format(
            "arn:%s:ecs:%s:%s:*", data.aws_partition.current.partition, data.aws_region.current.region,
            data.aws_caller_identity.current.account_id
          )
        }
      }
    }]
  })

  execution_statements = concat(
    [{
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${var.log_group.arn}:log-stream:${var.name}/*"]
    }],
    length(var.container.secrets) == 0 ? [] : [{
      Sid      = "ReadSecrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = local.secret_arns
    }],
    !local.from_ecr ? [] : [
      {
        Sid      = "LogInToRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"] # this call supports no resources
      },
      {
        Sid    = "PullImage"
        Effect = "Allow"
        Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = [format(
          "arn:%s:ecr:%s:%s:repository/%s", data.aws_partition.current.partition, data.aws_region.current.region,
          data.aws_caller_identity.current.account_id, regex("/([^:@]+)", var.container.image)[0]
        )]
      },
    ],
  )
}

# Used by ECS to start the container: pulls the image, reads the secrets, creates the log stream.
resource "aws_iam_role" "execution" {
  name               = "${local.full_name}-execution"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-${var.name}"
  role   = aws_iam_role.execution.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.execution_statements })
}

# Used by the container itself. Only task_policies grant permissions.
resource "aws_iam_role" "task" {
  name               = "${local.full_name}-task"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "task" {
  for_each = var.task_policies

  name   = each.key
  role   = aws_iam_role.task.id
  policy = each.value
}
