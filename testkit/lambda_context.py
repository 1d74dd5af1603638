"""The context object that Lambda passes to a function."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FakeContext:
    """The attributes of Lambda's context that Powertools and the handlers read."""

    function_name: str = "phenom-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:phenom-test"
    aws_request_id: str = "b7c1c3a0-7f2e-4b43-9a53-0d0a8e3f6a11"
    milliseconds: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds
