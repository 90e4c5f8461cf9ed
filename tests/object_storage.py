"""An object store that speaks S3 on localhost: a real HTTP server, with a proxy in front of it that can fail.

    with object_store() as store:
        store.put("archive/a.txt", b"...")
        with store.failing(slow_down(), every=3):
            pipeline.run(store.uri("archive/"), ...)
        assert store.keys("archive/") == ["archive/a.txt"]

Keys and the endpoint stand in the URIs that it gives, so nothing of the environment is needed or changed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from tests.unreliable_proxy import Condition, Fault, Planned, Proxy, proxy_before

BUCKET = "news"
REGION = "eu-west-1"
_OPEN_TO_ALL = "inf"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a client proves itself with."""

    access_key: str = "AKIDOFATEST"
    secret_key: str = "secret/of+a test"  # noqa: S105 - a secret of nobody


class ObjectStore:
    """A bucket, seen past the proxy by `put`, `get`, `keys`, `delete`, and through it by its URIs."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._endpoint = "http://{}:{}".format(*proxy.target)
        self._s3: Any = None

    @property
    def address(self) -> str:
        """Host and port of the proxy."""
        return self._proxy.address

    @property
    def requests(self) -> list[str]:
        """What came through the proxy, as `GET /news/key`."""
        return self._proxy.requests

    def uri(self, key: str = "", *, bucket: str = BUCKET, keys: Keys | None = Keys(), **options: str) -> str:
        """Return the URI of a key or prefix, as people write it; options are added to its query."""
        user = f"{quote(keys.access_key, safe='')}:{quote(keys.secret_key, safe='')}@" if keys else ""
        options = {"endpoint_override": self.address, "scheme": "http", "region": REGION, **options}
        return f"s3://{user}{bucket}/{key}?{urlencode(options)}"

    def put(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=data)

    def get(self, key: str) -> bytes:
        """Return an object.

        Raises:
            KeyError: there is none.
        """
        try:
            body: bytes = self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            raise KeyError(key) from None
        return body

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys of all objects below a prefix, sorted; without the empty marks that stand for folders."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        found = (item["Key"] for page in pages for item in page.get("Contents", ()))
        return sorted(key for key in found if not key.endswith("/"))

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=BUCKET, Key=key)

    def unfinished_uploads(self) -> list[str]:
        """Return the keys of uploads in parts that were neither completed nor given up."""
        return [upload["Key"] for upload in self._s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())]

    def failing(
        self, fault: Fault, *, every: int = 1, when: Condition = lambda _: True
    ) -> AbstractContextManager[Planned]:
        """Let requests fail that come through the proxy; `tests.unreliable_proxy` has the faults and conditions."""
        return self._proxy.failing(fault, every=every, when=when)

    @contextmanager
    def guarded(self, *actions: str) -> Iterator[Keys]:
        """Let only those in who have the keys that this provides, and only to do what is named, as `s3:GetObject`."""
        keys = self._new_user(*(actions or ("s3:*",)))
        self._post("reset-auth", "0")
        try:
            yield keys
        finally:
            self._post("reset-auth", _OPEN_TO_ALL)

    def _new_user(self, *actions: str) -> Keys:
        iam = self._client("iam", Keys())
        name = f"user-{len(iam.list_users()['Users'])}"
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="some", PolicyDocument=policy)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        iam.close()
        return Keys(made["AccessKeyId"], made["SecretAccessKey"])

    def _client(self, service: str, keys: Keys) -> Any:
        config = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
        session = boto3.Session(keys.access_key, keys.secret_key, region_name=REGION)
        return session.client(service, endpoint_url=self._endpoint, config=config)

    def _post(self, action: str, body: str = "") -> None:
        connection = HTTPConnection(*self._proxy.target)
        connection.request("POST", f"/moto-api/{action}", body)
        connection.getresponse().read()
        connection.close()

    def open(self) -> None:
        """Forget what an earlier store in this process held, and make the bucket."""
        self._post("reset")
        self._s3 = self._client("s3", self._new_user("s3:*"))
        self._s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    def close(self) -> None:
        """End the connections."""
        self._s3.close()


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Provide an empty bucket until the context ends."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request is of no use to a test
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        with proxy_before(*server.get_host_and_port()) as proxy:
            store = ObjectStore(proxy)
            store.open()
            yield store
            store.close()
    finally:
        server.stop()


def emptied(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Return a store without objects, for a test that no setting of this machine reaches."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    for key in store.keys():  # noqa: SIM118 - it is no mapping
        store.delete(key)
    store.requests.clear()
    return store
