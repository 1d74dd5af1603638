# For plans in the checks of branches and pull requests. Anyone who can push a branch can assume this role, so it may only
# make the read calls of a plan. It cannot read the state.
resource "aws_iam_role" "plan" {
  count = local.roles

  name                 = "${local.name}-plan"
  description          = "Plans ${local.name} from an empty state in the checks on GitHub Actions."
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider_arn }
      Condition = {
        StringEquals = { "${local.issuer}:aud" = "sts.amazonaws.com" }
        StringLike = { "${local.issuer}:sub" = [
          "${var.subject}:pull_request",
          "${var.subject}:ref:refs/heads/*", # any branch
          "${var.subject}:ref:refs/tags/*",  # any release
        ] }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "plan" {
  # checkov:skip=CKV_AWS_355: these list calls support no resources
  count = local.roles

  name = "look"
  role = aws_iam_role.plan[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ListZonesCertificatesAndDatabaseOffers"
        Effect = "Allow"
        Action = [
          "acm:ListCertificates", "ec2:DescribeAvailabilityZones", "rds:DescribeDBEngineVersions",
          "rds:DescribeOrderableDBInstanceOptions",
        ]
        Resource = ["*"] # these calls support no resources
      },
      {
        Sid      = "ReadCertificates"
        Effect   = "Allow"
        Action   = ["acm:DescribeCertificate", "acm:GetCertificate", "acm:ListTagsForCertificate"]
        Resource = ["arn:${local.partition}:acm:${local.here}:certificate/*"] # AWS chooses the id; certificates are public
      },
    ]
  })
}
