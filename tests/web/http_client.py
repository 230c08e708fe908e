"""The desk's API from another process, as a browser or a program asks it: cookies, CSRF token, or a token."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class Client:
    """`cookies` and `csrf` are what the desk has given."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.token = token
        self.csrf = ""
        self.cookies: dict[str, str] = {}

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/api/v1{path}", data=data, headers=headers, method=method)
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status, self._taken(answer.headers.get_all("Set-Cookie") or [], answer.read())
        except HTTPError as error:
            with error:
                return error.code, error.read()

    def _taken(self, cookies: list[str], body: bytes) -> bytes:
        for cookie in cookies:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
        if body.startswith(b"{"):
            self.csrf = json.loads(body).get("csrf", self.csrf)
        return body
