"""Jobs for tests of `record.limited`: what a hostile file or text does to the one that reads it."""

import os
import time


def double(data: bytes) -> bytes:
    return data * 2


def who() -> int:
    return os.getpid()


def priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


def environment() -> list[str]:
    return sorted(os.environ)


def spin() -> None:
    while True:
        pass


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"


def swell() -> int:
    return len(bytearray(4_000_000_000))


def die() -> None:
    os._exit(3)


def fail(message: str) -> None:
    raise KeyError(message)
