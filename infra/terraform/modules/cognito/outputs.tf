output "user_pool_id" {
  description = "Id of the user pool."
  value       = aws_cognito_user_pool.this.id
}

output "user_pool_arn" {
  description = "ARN of the user pool."
  value       = aws_cognito_user_pool.this.arn
}

output "client_id" {
  description = "Id of the app client: the audience of ID tokens."
  value       = aws_cognito_user_pool_client.this.id
}

output "issuer" {
  description = "Issuer of the pool's tokens. The signing keys are at `<issuer>/.well-known/jwks.json`."
  value       = "https://cognito-idp.${data.aws_region.current.region}.amazonaws.com/${aws_cognito_user_pool.this.id}"
}

output "sign_in_domain" {
  description = "Host name of the hosted sign-in page, or null without domain_prefix."
  value = one([
    for domain in aws_cognito_user_pool_domain.this :
    "${domain.domain}.auth.${data.aws_region.current.region}.amazoncognito.com"
  ])
}
