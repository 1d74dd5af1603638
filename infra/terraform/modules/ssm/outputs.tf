output "parameter_names" {
  description = "Names of the SSM parameters."
  value       = sort([for parameter in aws_ssm_parameter.this : parameter.name])
}
