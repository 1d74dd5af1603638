locals {
  gateway = "arn:${local.partition}:apigateway:${data.aws_region.current.region}:"

  edge_statements = [
    {
      Sid    = "ManageApi"
      Effect = "Allow"
      Action = [
        "apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT", "apigateway:SetWebACL",
      ]
      Resource = [ # AWS chooses the ids
        "${local.gateway}:/account", "${local.gateway}:/apikeys", "${local.gateway}:/apikeys/*", "${local.gateway}:/restapis",
        "${local.gateway}:/restapis/*", "${local.gateway}:/tags/*", "${local.gateway}:/usageplans", "${local.gateway}:/usageplans/*",
      ]
    },
    {
      Sid    = "ManageDistribution"
      Effect = "Allow"
      Action = [
        "cloudfront:*Distribution", "cloudfront:*DistributionConfig", "cloudfront:*OriginAccessControl*",
        "cloudfront:*ResponseHeadersPolicy*", "cloudfront:CreateDistributionWithTags", "cloudfront:ListTagsForResource",
        "cloudfront:TagResource", "cloudfront:UntagResource",
      ]
      Resource = [ # AWS chooses the ids
        "arn:${local.partition}:cloudfront::${local.account}:distribution/*",
        "arn:${local.partition}:cloudfront::${local.account}:origin-access-control/*",
        "arn:${local.partition}:cloudfront::${local.account}:response-headers-policy/*",
      ]
    },
    {
      Sid    = "ManageFirewall"
      Effect = "Allow"
      Action = [
        "wafv2:*WebACL", "wafv2:*LoggingConfiguration", "wafv2:GetPermissionPolicy", "wafv2:GetWebACLForResource",
        "wafv2:ListTagsForResource", "wafv2:PutPermissionPolicy", "wafv2:TagResource", "wafv2:UntagResource",
      ]
      Resource = [
        "arn:${local.partition}:wafv2:${local.here}:regional/webacl/${local.name}-*",
        "arn:${local.partition}:wafv2:${local.here}:global/webacl/${local.name}-*",
        "arn:${local.partition}:wafv2:${data.aws_region.current.region}:*:*/managedruleset/*", # AWS's managed rules
        "${local.gateway}:/restapis/*/stages/*",
      ]
    },
    local.only_this_environment,
  ]
}
