variable "environment" {
  description = "Part of every name, so that environments never meet."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "vpc_cidr" {
  description = "Address range of the VPC. Every subnet is a /24 cut from it."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 8, 255)) && endswith(var.vpc_cidr, "/16")
    error_message = "vpc_cidr must be an IPv4 range with the prefix /16, such as 10.0.0.0/16."
  }
}

variable "zone_count" {
  description = "Availability zones to spread over."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zone_count)
    error_message = "zone_count must be 2 or 3: load balancer and database need two."
  }
}

variable "nat_gateways" {
  description = <<-EOT
    How private subnets reach the internet: `none`, `one` (cheap; the loss of its zone cuts off the others) or `per_zone`.
    Without any, images must come from ECR through the endpoints, and nothing may need another address of the internet.
  EOT
  type        = string
  default     = "one"

  validation {
    condition     = contains(["none", "one", "per_zone"], var.nat_gateways)
    error_message = "nat_gateways must be none, one or per_zone."
  }
}

variable "interface_endpoints" {
  description = <<-EOT
    AWS services reached by an interface endpoint inside the VPC (each costs by the hour and zone). The functions in the
    VPC have no way to the internet, so they reach only these, and S3 and DynamoDB, whose gateway endpoints are free.
  EOT
  type        = set(string)
  default     = ["sqs"]

  validation {
    condition = length(setsubtract(
      var.interface_endpoints, ["secretsmanager", "ecr.api", "ecr.dkr", "logs", "sqs"]
    )) == 0
    error_message = "interface_endpoints may hold secretsmanager, ecr.api, ecr.dkr, logs and sqs."
  }
}

variable "service_ports" {
  description = "Ports that the load balancer reaches the ECS services on, by name. ECS tasks call `graphql` among themselves."
  type        = map(number)
  default     = { graphql = 8080, auth = 4000, storage = 5000, functions = 3000 }

  validation {
    condition = contains(keys(var.service_ports), "graphql") && alltrue(
      [for port in values(var.service_ports) : port == floor(port) && port > 1023 && port < 65536]
    )
    error_message = "service_ports needs an entry graphql, and every port must be a whole number from 1024 to 65535."
  }
}

variable "log_retention_days" {
  description = "How long flow logs are kept."
  type        = number
  default     = 30

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days
    )
    error_message = "log_retention_days must be a number that CloudWatch Logs knows, such as 7, 30 or 365."
  }
}
