"""The pre-signed URL generator: API Gateway → Lambda."""
