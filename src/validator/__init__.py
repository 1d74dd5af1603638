"""The file validator: staging bucket → SQS → Lambda."""
