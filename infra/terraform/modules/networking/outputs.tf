output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "zones" {
  description = "Names of the availability zones in use."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "Ids of the load balancer's subnets, one per zone."
  value       = [for index in range(var.zone_count) : aws_subnet.this["public-${index}"].id]
}

output "private_subnet_ids" {
  description = "Ids of the subnets of ECS tasks and functions, one per zone, once they reach the internet and the endpoints."
  value       = [for index in range(var.zone_count) : aws_subnet.this["private-${index}"].id]

  # Tasks that start earlier cannot pull their image, and after a few attempts ECS gives up the service for good.
  depends_on = [
    aws_route.public_internet,
    aws_route.private_internet,
    aws_route_table_association.this,
    aws_vpc_endpoint.gateway,
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_egress_rule.flow,
    aws_vpc_security_group_egress_rule.gateway,
    aws_vpc_security_group_egress_rule.internet,
    aws_vpc_security_group_ingress_rule.flow,
  ]
}

output "database_subnet_ids" {
  description = "Ids of the database's subnets, one per zone. They have no route out of the VPC."
  value       = [for index in range(var.zone_count) : aws_subnet.this["database-${index}"].id]
}

output "security_group_ids" {
  description = "Ids of the security groups by name: alb, ecs, rds, clamd, chat, lambda, endpoints."
  value       = { for name, group in aws_security_group.this : name => group.id }
}

output "nat_public_ips" {
  description = "Public IP addresses of the NAT gateways. Empty without NAT."
  value       = aws_eip.nat[*].public_ip
}

output "s3_endpoint_id" {
  description = "Id of the gateway endpoint through which the private subnets reach S3."
  value       = aws_vpc_endpoint.gateway["s3"].id
}
