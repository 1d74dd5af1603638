"""The public keys of the user pool: fetched when first needed, kept, and fetched again for a key that is not known."""

import json
import logging
import threading
import time

import jwt
import urllib3

TIMEOUT_SECONDS = 5.0
REFETCH_SECONDS = 1.0  # tokens with made-up keys must not send us to the pool with each of them
LARGEST_BYTES = 256 * 1024

_log = logging.getLogger(__name__)


class KeySet:
    """JSON Web Key Set (RFC 7517) behind a URL, of which RSA keys are used."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False)
        self._lock = threading.Lock()
        self._keys: list[jwt.PyJWK] = []
        self._fetched = float("-inf")

    def keys(self, key_id: str | None) -> list[jwt.PyJWK]:
        """The key with this id; all of them where there is none, as Hasura tries them all."""
        with self._lock:
            if not self._named(key_id) and time.monotonic() - self._fetched >= REFETCH_SECONDS:
                self._fetch()
            return self._named(key_id) or list(self._keys)

    def _named(self, key_id: str | None) -> list[jwt.PyJWK]:
        return [key for key in self._keys if key_id is not None and key.key_id == key_id]

    def _fetch(self) -> None:
        """What cannot be fetched leaves the keys as they are."""
        try:
            answer = self._http.request("GET", self._url, preload_content=False)
            body = answer.read(LARGEST_BYTES + 1)
            answer.release_conn()
            if answer.status != 200 or len(body) > LARGEST_BYTES:
                _log.error("Error fetching JWK: status %d, %d bytes", answer.status, len(body))
                return
            found = jwt.PyJWKSet.from_dict(json.loads(body)).keys
        except (urllib3.exceptions.HTTPError, jwt.PyJWTError, ValueError, AttributeError) as error:
            _log.error("Error fetching JWK: %s", type(error).__name__)
            return
        finally:
            self._fetched = time.monotonic()
        self._keys = [key for key in found if key.key_type == "RSA"]
