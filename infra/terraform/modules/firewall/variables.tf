variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "load_balancer_arn" {
  description = "ARN of the load balancer in front of which the firewall stands."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:elasticloadbalancing:.*:loadbalancer/app/", var.load_balancer_arn))
    error_message = "load_balancer_arn must be the ARN of an Application Load Balancer."
  }
}

variable "mode" {
  description = "`count`: matching requests pass and are logged. `block`: they are refused. Holds for all rules."
  type        = string
  default     = "count"
  nullable    = false

  validation {
    condition     = contains(["count", "block"], var.mode)
    error_message = "mode must be count or block."
  }
}

variable "rate" {
  description = "Requests that one client address may make in a window of 60, 120, 300 or 600 seconds."
  type        = object({ requests = optional(number, 2000), seconds = optional(number, 300) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.rate.requests >= 10 && var.rate.requests == floor(var.rate.requests) && contains([60, 120, 300, 600], var.rate.seconds)
    error_message = "rate.requests must be a whole number from 10, and rate.seconds 60, 120, 300 or 600: WAF accepts nothing else."
  }
}

variable "client_ip_header" {
  description = <<-EOT
    Header with the client's address. It must be one that clients cannot set themselves: Cloudflare overwrites
    CF-Connecting-IP, but appends to X-Forwarded-For, of which WAF reads the first address.
  EOT
  type        = string
  default     = "CF-Connecting-IP"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+$", var.client_ip_header)) && lower(var.client_ip_header) != "x-forwarded-for"
    error_message = "client_ip_header must be the name of a header, and not X-Forwarded-For, whose first address the client chooses."
  }
}

variable "rules_json" {
  description = <<-EOT
    Rules of an existing web ACL in place of ours: WebACL.Rules of `aws wafv2 get-web-acl`, with every SearchString as text,
    which the AWS CLI prints in Base64. `mode` still switches the rules that count or block. Null: our four rules.
  EOT
  type        = string
  default     = null

  validation {
    condition = var.rules_json == null || try(
      length(jsondecode(var.rules_json)) > 0 && alltrue([
        for rule in jsondecode(var.rules_json) :
        can(rule.Name) && can(rule.Priority) && can(rule.Statement) && (can(rule.Action) || can(rule.OverrideAction))
      ]), false
    )
    error_message = "rules_json must be the JSON list WebACL.Rules of `aws wafv2 get-web-acl`, with at least one rule."
  }

  validation {
    condition = !anytrue([
      for found in regexall("\"SearchString\"\\s*:\\s*\"([A-Za-z0-9+/]+={0,2})\"", coalesce(var.rules_json, "[]")) : can(base64decode(found[0]))
    ])
    error_message = "rules_json has a SearchString in Base64, which would be compared as it stands. Decode it (docs/chat.md, Adoption)."
  }
}

variable "operator_roles" {
  description = "Names of IAM roles that may attach the firewall to the load balancer and take it off."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for role in var.operator_roles : can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", role))])
    error_message = "operator_roles must be names of IAM roles, not ARNs."
  }
}

variable "log_retention_days" {
  description = "Retention of the log of counted and blocked requests, in days."
  type        = number
  default     = 30

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days
    )
    error_message = "log_retention_days must be a retention period of CloudWatch Logs, such as 7, 30 or 365."
  }
}
