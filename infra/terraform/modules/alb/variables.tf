variable "environment" {
  description = "Part of every name, so that environments never meet."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "vpc_id" {
  description = "VPC of the targets."
  type        = string

  validation {
    condition     = length(var.vpc_id) > 0
    error_message = "vpc_id must be the id of a VPC."
  }
}

variable "subnet_ids" {
  description = "Public subnets, in two zones at least."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs subnets in two zones."
  }
}

variable "security_group_id" {
  description = "Security group of the load balancer."
  type        = string

  validation {
    condition     = length(var.security_group_id) > 0
    error_message = "security_group_id must be the id of a security group."
  }
}

variable "services" {
  description = <<-EOT
    Services by name: the port of their tasks, the path under which they are served, what their container serves that path
    as (`target_path`), and what stands there in place of `<path>/` for all below it (`target_prefix`).
  EOT
  type        = map(object({ port = number, path = string, target_path = string, target_prefix = string }))

  validation {
    condition     = length(var.services) > 0 && alltrue([for service in var.services : can(regex("^(/[a-z0-9-]+)+$", service.path))])
    error_message = "services needs an entry at least, and every path must look like /api/graphql."
  }

  validation {
    condition = alltrue([
      for service in var.services : startswith(service.target_path, "/") && can(regex("^/(.*/)?$", service.target_prefix))
    ])
    error_message = "services: target_path must begin with a slash, and target_prefix begin and end with one."
  }
}

variable "https" {
  description = "Certificate (ACM, in this region) and TLS policy. Null serves plain HTTP: for trying things out alone."
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
    error_message = "https.ssl_policy must be one that begins with ELBSecurityPolicy-TLS13-1-2- or -1-3-."
  }
}

variable "client_certificates" {
  description = "Mutual TLS: the bundle of CA certificates (PEM, in S3) that clients' certificates must come from. Null for none."
  type        = object({ bucket = string, key = string })
  default     = null

  validation {
    condition     = var.client_certificates == null || var.https != null
    error_message = "client_certificates need https."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "How long access logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = var.log_retention_days >= 1 && var.log_retention_days == floor(var.log_retention_days)
    error_message = "log_retention_days must be a whole number from 1."
  }
}
