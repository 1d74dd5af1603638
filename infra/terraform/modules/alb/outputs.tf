output "dns_name" {
  description = "DNS name of the load balancer."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone of the load balancer's name, for an alias record."
  value       = aws_lb.this.zone_id
}

output "arn_suffix" {
  description = "How CloudWatch names the load balancer."
  value       = aws_lb.this.arn_suffix
}

output "target_groups" {
  description = "Target group of each service, as module `ecs` takes them."
  value = {
    for name, group in aws_lb_target_group.this : name => {
      arn                      = group.arn
      arn_suffix               = group.arn_suffix
      load_balancer_arn_suffix = aws_lb.this.arn_suffix
    }
  }

  depends_on = [aws_lb_listener_rule.this] # ECS refuses a target group that no listener uses
}

output "log_bucket_name" {
  description = "Bucket of the access logs."
  value       = module.logs.name
}
