variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "network" {
  description = "Id of the VPC, and of public subnets in at least two availability zones."
  type        = object({ vpc_id = string, subnet_ids = list(string) })

  validation {
    condition     = length(var.network.vpc_id) > 0 && length(var.network.subnet_ids) >= 2
    error_message = "network needs the id of a VPC, and subnets in at least two availability zones."
  }
}

variable "host_name" {
  description = "Public name of chat. Requests with another name are redirected."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+[.])+[a-z]+$", var.host_name))
    error_message = "host_name must be a host name in lower case, such as chat.example.org."
  }
}

variable "elsewhere_host" {
  description = "Host to whose root everything is redirected that no service serves."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+[.])+[a-z]+$", var.elsewhere_host))
    error_message = "elsewhere_host must be a host name in lower case, such as www.example.org."
  }

  validation {
    condition     = var.elsewhere_host != var.host_name
    error_message = "elsewhere_host must not be host_name: the redirect would never end."
  }
}

variable "certificate_arn" {
  description = "Server certificate (ACM, same region) for host_name."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:acm:", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate."
  }
}

variable "client_ca_pem" {
  description = <<-EOT
    Certificate authorities (PEM) of the clients that may connect: one, or two while certificates are rotated.
    `phenom origin-certificate` writes them.
  EOT
  type        = string

  validation {
    condition = (
      contains([1, 2], length(regexall("-----BEGIN CERTIFICATE-----", coalesce(var.client_ca_pem, "none")))) &&
      !strcontains(coalesce(var.client_ca_pem, "none"), "PRIVATE KEY")
    )
    error_message = "client_ca_pem must contain one or two certificates and no private key. Create it: .venv/bin/phenom origin-certificate production"
  }
}

variable "mutual_tls" {
  description = "`verify`: clients need a certificate of client_ca_pem. `off`: any client may connect, for an emergency only."
  type        = string
  default     = "verify"
  nullable    = false

  validation {
    condition     = contains(["verify", "off"], var.mutual_tls)
    error_message = "mutual_tls must be verify or off. passthrough would forward unverified certificates."
  }
}

variable "services" {
  description = <<-EOT
    Services by short name: `port` of the tasks and `security_group_id` of their network interfaces, `health_path`, the
    `path_prefixes` that the service gets, and `priority` of its listener rule, which must never change or be reused.
    `target_group_name` is for an existing target group.
  EOT
  type = map(object({
    port              = number
    security_group_id = string
    health_path       = string
    path_prefixes     = list(string)
    priority          = number
    target_group_name = optional(string)
  }))

  validation {
    condition     = length(var.services) > 0 && alltrue([for name in keys(var.services) : can(regex("^[a-z][a-z0-9-]{0,8}$", name))])
    error_message = "services needs at least one entry. Its names may have 9 lower-case letters, digits and hyphens: target groups have short names."
  }

  validation {
    condition = alltrue([
      for service in var.services : length(service.path_prefixes) >= 1 && length(service.path_prefixes) <= 3 && alltrue([
        for prefix in service.path_prefixes : can(regex("^/([A-Za-z0-9._-]+/)+$", prefix)) && !startswith(prefix, "/_synapse/admin")
      ])
    ])
    error_message = "services.path_prefixes must be one to three paths that begin and end with a slash, such as /_matrix/, and never contain /_synapse/admin/: a rule compares at most three."
  }

  validation {
    condition     = alltrue([for service in var.services : !contains(service.path_prefixes, "/_synapse/")])
    error_message = "services.path_prefixes must not contain /_synapse/, which includes the admin API."
  }

  validation {
    condition = (
      length(distinct([for service in var.services : service.priority])) == length(var.services) &&
      alltrue([for service in var.services : service.priority >= 10 && service.priority == floor(service.priority)])
    )
    error_message = "services.priority must be a whole number from 10, another one for each service."
  }
}

variable "names" {
  description = "Names of an existing load balancer and trust store, which cannot be renamed. Null: `phenom-<environment>-chat`."
  type        = object({ load_balancer = optional(string), trust_store = optional(string) })
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in values(var.names) : name == null || can(regex("^[A-Za-z0-9-]{1,32}$", name))])
    error_message = "names may have 32 letters, digits and hyphens."
  }
}

variable "deletion_protection" {
  description = "Protects the load balancer from deletion."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days until access and connection logs are deleted. Access logs can contain tokens."
  type        = number
  default     = 7

  validation {
    condition     = var.log_retention_days >= 1 && var.log_retention_days <= 30 && var.log_retention_days == floor(var.log_retention_days)
    error_message = "log_retention_days must be a whole number from 1 to 30."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that the alarms notify."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of an SNS topic."
  }
}
