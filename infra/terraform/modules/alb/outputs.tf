output "dns_name" {
  description = "DNS name of the load balancer."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone of the load balancer, for an alias record in Route 53."
  value       = aws_lb.this.zone_id
}

output "arn_suffix" {
  description = "ARN suffix of the load balancer: its name in CloudWatch metrics."
  value       = aws_lb.this.arn_suffix
}

output "target_groups" {
  description = "ARN and ARN suffixes of each service's target group: input of module `ecs`."
  value = {
    for name, group in aws_lb_target_group.this : name => {
      arn                      = group.arn
      arn_suffix               = group.arn_suffix
      load_balancer_arn_suffix = aws_lb.this.arn_suffix
    }
  }

  depends_on = [aws_lb_listener_rule.this] # ECS rejects a target group without a listener
}

output "target_group_arns" {
  description = "ARN of each service's target group."
  value       = { for name, group in aws_lb_target_group.this : name => group.arn }
}

output "log_bucket_name" {
  description = "Name of the bucket with the access logs."
  value       = module.logs.name
}
