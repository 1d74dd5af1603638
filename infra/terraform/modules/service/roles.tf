locals {
  # <secret ARN>:<key>:: refers to one value, but permission is granted on the whole secret.
  secret_arns = distinct([for value in values(var.container.secrets) : join(":", slice(split(":", value), 0, 7))])

  # Repositories of the images that come from ECR.
  repositories = distinct([
    for image in concat([var.container.image], var.container.proxy[*].image) : regex("/([^:@]+)", image)[0]
    if can(regex("\\.dkr\\.ecr\\.", image))
  ])

  # Without this, a container whose volume requires IAM authorization does not start.
  file_policies = var.container.files == null ? {} : {
    mount-files = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid    = "MountFiles"
        Effect = "Allow"
        Action = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource = [format(
          "arn:%s:elasticfilesystem:%s:%s:file-system/%s", data.aws_partition.current.partition,
          data.aws_region.current.region, data.aws_caller_identity.current.account_id, var.container.files.file_system_id
        )]
        Condition = {
          StringEquals = {
            "elasticfilesystem:AccessPointArn" = format(
              "arn:%s:elasticfilesystem:%s:%s:access-point/%s", data.aws_partition.current.partition,
              data.aws_region.current.region, data.aws_caller_identity.current.account_id, var.container.files.access_point_id
            )
          }
        }
      }]
    })
  }

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
    length(local.repositories) == 0 ? [] : [
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
        Resource = [for repository in local.repositories : format(
          "arn:%s:ecr:%s:%s:repository/%s", data.aws_partition.current.partition, data.aws_region.current.region,
          data.aws_caller_identity.current.account_id, repository
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

# Used by the container itself. Only task_policies grant permissions, and container.files the mount.
resource "aws_iam_role" "task" {
  name               = "${local.full_name}-task"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "task" {
  for_each = merge(var.task_policies, local.file_policies)

  name   = each.key
  role   = aws_iam_role.task.id
  policy = each.value
}
