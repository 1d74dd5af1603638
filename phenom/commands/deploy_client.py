"""Builds the upload page and puts it where the deployed stack serves it from. Safe to repeat, and to interrupt."""

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, UnreachableError, stack_of
from phenom.upload_page import build, publish


def main() -> int:
    parser = argparse.ArgumentParser(prog="phenom.commands.deploy_client", description=__doc__)
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    arguments = parser.parse_args()
    try:
        reached = stack_of(arguments.env, arguments.stack)
        site = publish.of_stack(reached.description, reached.client, reached.api_url)
        keys = publish.publish(site, build.build(), reached.client)
    except KeyError as missing:
        print(f"The stack has no {missing}: deploy it again, then its page.", file=sys.stderr)
        return 2
    except (UnreachableError, build.BuildError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted. The page that was there still works; run it again.", file=sys.stderr)
        return 130
    print(f"{len(keys)} files are in {site.bucket}; the new page shows within a few minutes.")
    print(reached.client_url or site.url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
