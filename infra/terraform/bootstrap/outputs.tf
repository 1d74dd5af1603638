output "bucket" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.state.bucket
}

output "init_command" {
  description = "How to begin in the environment's directory."
  value       = "terraform init -backend-config=bucket=${aws_s3_bucket.state.bucket}"
}
