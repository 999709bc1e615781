"""A Redis of one's own, to be stopped, killed and started again. Skips where there is no redis-server."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import redis

REDIS_SERVER = shutil.which("redis-server")


class OwnRedis:
    def __init__(self, folder: Path) -> None:
        if not REDIS_SERVER:
            pytest.skip("there is no redis-server")
        self.socket = folder / "redis.sock"
        self.address = f"unix://{self.socket}?db=0"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Without anything in it."""
        nothing_kept = ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
        self.process = subprocess.Popen(
            [REDIS_SERVER, "--port", "0", "--unixsocket", str(self.socket), *nothing_kept],
            cwd=self.socket.parent,
            stdout=subprocess.DEVNULL,
        )
        while True:
            with contextlib.suppress(redis.ConnectionError), self.client() as client:
                client.ping()
                return
            assert self.process.poll() is None
            time.sleep(0.02)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.address)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        """It takes connections and answers none."""
        self.process.send_signal(signal.SIGSTOP)

    def cache_settings(self, **options: float) -> dict:
        return {
            "default": {
                "BACKEND": "panelmerge.lib.cache.RedisCache",
                "LOCATION": self.address,
                "OPTIONS": {
                    "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
                    "SOCKET_CONNECT_TIMEOUT": 0.1,
                    "SOCKET_TIMEOUT": 0.1,
                    "IGNORE_EXCEPTIONS": True,
                    **options,
                },
            }
        }
