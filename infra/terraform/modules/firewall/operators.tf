# Lets operators attach the firewall to the load balancer, or take it off, without Terraform.
resource "aws_iam_policy" "association" {
  name        = "phenom-${var.environment}-waf-alb-association"
  description = "Associates the chat firewall with its load balancer, and removes the association."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { # of both resources, as the service authorization reference lists them for these actions
        Sid    = "AssociateTheWebAcl"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
        ]
        Resource = [aws_wafv2_web_acl.this.arn, var.load_balancer_arn]
      },
      { # the same actions under the names that Elastic Load Balancing has for them, old and new
        Sid    = "ChangeTheLoadBalancersWebAcl"
        Effect = "Allow"
        Action = [
          "elasticloadbalancing:CreateWebACLAssociation", "elasticloadbalancing:DeleteWebACLAssociation",
          "elasticloadbalancing:GetLoadBalancerWebACL", "elasticloadbalancing:SetWebACL",
        ]
        Resource = var.load_balancer_arn
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "operators" {
  for_each = var.operator_roles

  role       = each.key
  policy_arn = aws_iam_policy.association.arn
}
