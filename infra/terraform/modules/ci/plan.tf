# Plans: for the checks of pull requests and branches. Whoever can push a branch can be this role, so it may look at what a
# plan asks for, and at nothing else: not even at the state.
resource "aws_iam_role" "plan" {
  name                 = "${local.name}-plan"
  description          = "Plans ${local.name} from nothing, in the checks on GitHub Actions."
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
  # checkov:skip=CKV_AWS_355: these calls read lists, and know no resources
  name = "look"
  role = aws_iam_role.plan.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FindZonesAndCertificates"
        Effect   = "Allow"
        Action   = ["ec2:DescribeAvailabilityZones", "acm:ListCertificates"]
        Resource = ["*"] # neither call knows resources
      },
      {
        Sid      = "LookAtCertificates"
        Effect   = "Allow"
        Action   = ["acm:DescribeCertificate", "acm:GetCertificate", "acm:ListTagsForCertificate"]
        Resource = ["arn:${local.partition}:acm:${local.here}:certificate/*"] # the id is AWS's; certificates are public
      },
    ]
  })
}
