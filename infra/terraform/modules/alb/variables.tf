variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "vpc_id" {
  description = "Id of the VPC of the targets."
  type        = string

  validation {
    condition     = length(var.vpc_id) > 0
    error_message = "vpc_id must be the id of a VPC."
  }
}

variable "subnet_ids" {
  description = "Ids of the public subnets, in at least two availability zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs subnets in at least two availability zones."
  }
}

variable "security_group_id" {
  description = "Id of the load balancer's security group."
  type        = string

  validation {
    condition     = length(var.security_group_id) > 0
    error_message = "security_group_id must be the id of a security group."
  }
}

variable "services" {
  description = <<-EOT
    Services by name: `port` of the tasks, public `path`, `target_path` that replaces this path before the request reaches
    the container, and `target_prefix` that replaces `<path>/` in all paths below it. Equal paths are not rewritten.
  EOT
  type        = map(object({ port = number, path = string, target_path = string, target_prefix = string }))

  validation {
    condition     = length(var.services) > 0 && alltrue([for service in var.services : can(regex("^(/[a-z0-9-]+)+$", service.path))])
    error_message = "services needs at least one entry, and every path must look like /api/graphql."
  }

  validation {
    condition = alltrue([
      for service in var.services : startswith(service.target_path, "/") && can(regex("^/(.*/)?$", service.target_prefix))
    ])
    error_message = "services: target_path must start with a slash; target_prefix must start and end with one."
  }

  validation {
    condition     = length(setsubtract(keys(var.services), keys(local.priorities))) == 0
    error_message = "services: add ${join(", ", setsubtract(keys(var.services), keys(local.priorities)))} to local.priorities in modules/alb/listeners.tf."
  }
}

variable "https" {
  description = "Certificate (ACM, same region) and TLS policy. Null serves plain HTTP, only for experiments."
  type = object({
    certificate_arn = string
    ssl_policy      = optional(string, "ELBSecurityPolicy-TLS13-1-2-2021-06")
  })
  default = null

  validation {
    condition     = var.https == null || can(regex("^arn:[a-z-]+:acm:", var.https.certificate_arn))
    error_message = "https.certificate_arn must be the ARN of an ACM certificate."
  }

  validation {
    condition     = var.https == null || can(regex("^ELBSecurityPolicy-TLS13-1-[23]-", var.https.ssl_policy))
    error_message = "https.ssl_policy must start with ELBSecurityPolicy-TLS13-1-2- or ELBSecurityPolicy-TLS13-1-3-."
  }
}

variable "client_certificates" {
  description = "CA bundle (PEM, in S3) for mutual TLS: clients need a certificate of these CAs. Null disables it."
  type        = object({ bucket = string, key = string })
  default     = null

  validation {
    condition     = var.client_certificates == null || var.https != null
    error_message = "client_certificates requires https."
  }
}

variable "deletion_protection" {
  description = "Protects the load balancer from deletion."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days until access logs are deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.log_retention_days >= 1 && var.log_retention_days == floor(var.log_retention_days)
    error_message = "log_retention_days must be a positive whole number."
  }
}
