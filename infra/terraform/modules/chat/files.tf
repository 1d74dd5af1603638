# Uploaded media. One access point, as Synapse's user, for the service's task role only.
resource "aws_efs_file_system" "this" {
  # checkov:skip=CKV_AWS_184: encrypted with AWS's key; no other account has access

  creation_token  = "${local.full_name}-media"
  encrypted       = true
  throughput_mode = "elastic"

  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }

  lifecycle_policy {
    transition_to_primary_storage_class = "AFTER_1_ACCESS"
  }

  tags = { Name = "${local.full_name}-media" }
}

# Daily, kept for 35 days in AWS Backup's vault aws/efs/automatic-backup-vault.
resource "aws_efs_backup_policy" "this" {
  file_system_id = aws_efs_file_system.this.id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_access_point" "this" {
  file_system_id = aws_efs_file_system.this.id

  posix_user {
    uid = local.user
    gid = local.user
  }

  root_directory {
    path = "/media"

    creation_info {
      owner_uid   = local.user
      owner_gid   = local.user
      permissions = "0700"
    }
  }

  tags = { Name = "${local.full_name}-media" }
}

# Without a policy, EFS lets every client mount that reaches a mount target.
resource "aws_efs_file_system_policy" "this" {
  file_system_id = aws_efs_file_system.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "MountAsSynapse"
        Effect    = "Allow"
        Principal = { AWS = module.service.task_role_arn }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource  = aws_efs_file_system.this.arn
        Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = aws_efs_access_point.this.arn } }
      },
      {
        Sid       = "RequireTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "*"
        Resource  = aws_efs_file_system.this.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_efs_mount_target" "this" {
  count = length(var.network.subnet_ids)

  file_system_id  = aws_efs_file_system.this.id
  subnet_id       = var.network.subnet_ids[count.index]
  security_groups = [aws_security_group.files.id]
}

resource "aws_security_group" "files" {
  name        = "${local.full_name}-files"
  description = "Mount targets of the media of Synapse"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${local.full_name}-files" }
}

resource "aws_vpc_security_group_ingress_rule" "files" {
  security_group_id            = aws_security_group.files.id
  referenced_security_group_id = var.network.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  description                  = "synapse-to-files"

  tags = { Name = "synapse-to-files" }
}

resource "aws_vpc_security_group_egress_rule" "files" {
  security_group_id            = var.network.security_group_id
  referenced_security_group_id = aws_security_group.files.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  description                  = "synapse-to-files"

  tags = { Name = "synapse-to-files" }
}
