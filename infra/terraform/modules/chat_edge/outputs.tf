output "arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.this.arn
}

output "arn_suffix" {
  description = "ARN suffix of the load balancer: its name in CloudWatch metrics."
  value       = aws_lb.this.arn_suffix
}

output "dns_name" {
  description = "DNS name of the load balancer."
  value       = aws_lb.this.dns_name
}

output "target_groups" {
  description = "ARN and ARN suffixes of each service's target group: input of module `service`."
  value = {
    for name, group in aws_lb_target_group.this : name => {
      arn                      = group.arn
      arn_suffix               = group.arn_suffix
      load_balancer_arn_suffix = aws_lb.this.arn_suffix
    }
  }

  depends_on = [aws_lb_listener_rule.service] # ECS rejects a target group without a listener
}

output "path_prefixes" {
  description = "All path prefixes that a service gets: input of module `cloudflare_chat`."
  value       = sort(flatten([for service in var.services : service.path_prefixes]))
}

output "trust_store_arn" {
  description = "ARN of the trust store."
  value       = aws_lb_trust_store.this.arn
}

output "log_bucket_name" {
  description = "Name of the bucket with the access and connection logs."
  value       = module.logs.name
}
