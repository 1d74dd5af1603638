output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "zones" {
  description = "Names of the availability zones in use."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer, one for each zone."
  value       = [for index in range(var.zone_count) : aws_subnet.this["public-${index}"].id]
}

output "private_subnet_ids" {
  description = "Subnets of ECS tasks and functions, one for each zone."
  value       = [for index in range(var.zone_count) : aws_subnet.this["private-${index}"].id]
}

output "database_subnet_ids" {
  description = "Subnets of the database, one for each zone. They have no route out of the VPC."
  value       = [for index in range(var.zone_count) : aws_subnet.this["database-${index}"].id]
}

output "security_group_ids" {
  description = "Security groups by name: alb, ecs, rds, clamd, lambda, endpoints."
  value       = { for name, group in aws_security_group.this : name => group.id }
}

output "nat_public_ips" {
  description = "Addresses that private subnets call the internet from. Empty without NAT."
  value       = aws_eip.nat[*].public_ip
}
