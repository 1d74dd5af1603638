variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "vpc_cidr" {
  description = "Address range of the VPC (/16). Every subnet is a /24 of it."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 8, 255)) && endswith(var.vpc_cidr, "/16")
    error_message = "vpc_cidr must be an IPv4 range with the prefix /16, such as 10.0.0.0/16."
  }
}

variable "zone_count" {
  description = "Number of availability zones: 2 or 3."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zone_count)
    error_message = "zone_count must be 2 or 3: the load balancer and the database need two."
  }
}

variable "nat_gateways" {
  description = <<-EOT
    NAT gateways of the private subnets: `none`, `one` (cheaper, but all zones lose internet access when its zone fails) or
    `per_zone`. With `none`, tasks reach ECR through the endpoints `ecr.api` and `ecr.dkr`, and cannot call the internet.
  EOT
  type        = string
  default     = "one"

  validation {
    condition     = contains(["none", "one", "per_zone"], var.nat_gateways)
    error_message = "nat_gateways must be one of: none, one, per_zone."
  }
}

variable "interface_endpoints" {
  description = <<-EOT
    AWS services with an interface endpoint in the VPC (charged per hour and zone). Functions in the VPC cannot call the
    internet, so they only reach these services, and S3 and DynamoDB through gateway endpoints, which are free.
  EOT
  type        = set(string)
  default     = ["sqs"]

  validation {
    condition = length(setsubtract(
      var.interface_endpoints, ["secretsmanager", "ecr.api", "ecr.dkr", "logs", "sqs"]
    )) == 0
    error_message = "interface_endpoints may only contain secretsmanager, ecr.api, ecr.dkr, logs and sqs."
  }
}

variable "service_ports" {
  description = "Port of each ECS service behind the load balancer, by service name. ECS tasks also call `graphql` directly."
  type        = map(number)
  default     = { graphql = 8080, auth = 4000, storage = 5000, functions = 3000 }

  validation {
    condition = contains(keys(var.service_ports), "graphql") && alltrue(
      [for port in values(var.service_ports) : port == floor(port) && port > 1023 && port < 65536]
    )
    error_message = "service_ports needs an entry graphql, and every port must be a whole number from 1024 to 65535."
  }
}

variable "smtp_port" {
  description = "Port of the mail server to which ECS tasks may connect. Null: they send no e-mail."
  type        = number
  default     = null

  validation {
    condition     = var.smtp_port == null || try(var.smtp_port > 0 && var.smtp_port < 65536 && var.smtp_port == floor(var.smtp_port), false)
    error_message = "smtp_port must be a port number or null."
  }

  validation {
    condition     = var.smtp_port == null || var.nat_gateways != "none"
    error_message = "smtp_port needs a NAT gateway (nat_gateways), because the mail server is on the internet."
  }
}

variable "log_retention_days" {
  description = "Retention of the flow logs, in days."
  type        = number
  default     = 30

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days
    )
    error_message = "log_retention_days must be a retention period of CloudWatch Logs, such as 7, 30 or 365."
  }
}
