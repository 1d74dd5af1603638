# Lets operators attach the firewall to the load balancer, or take it off, without Terraform.
resource "aws_iam_policy" "association" {
  name        = "phenom-${var.environment}-waf-alb-association"
  description = "Associates the chat firewall with its load balancer, and removes the association."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "AssociateTheWebAcl"
        Effect   = "Allow"
        Action   = ["wafv2:AssociateWebACL", "wafv2:GetWebACL"]
        Resource = aws_wafv2_web_acl.this.arn
      },
      {
        Sid    = "ChangeTheLoadBalancersWebAcl"
        Effect = "Allow"
        Action = [
          "elasticloadbalancing:CreateWebACLAssociation", "elasticloadbalancing:DeleteWebACLAssociation",
          "elasticloadbalancing:GetLoadBalancerWebACL", "elasticloadbalancing:SetWebACL",
        ]
        Resource = var.load_balancer_arn
      },
      {
        Sid      = "FindAndRemoveTheAssociation"
        Effect   = "Allow"
        Action   = ["wafv2:DisassociateWebACL", "wafv2:GetWebACLForResource"]
        Resource = "*" # the call names no web ACL; the statement above limits it to this load balancer
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "operators" {
  for_each = var.operator_roles

  role       = each.key
  policy_arn = aws_iam_policy.association.arn
}
