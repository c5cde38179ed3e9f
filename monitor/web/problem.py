"""Errors as RFC 9457 problem documents."""

from http import HTTPStatus

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


async def as_problem(request: Request, error: Exception) -> JSONResponse:
    """Answer an HTTP error as `application/problem+json`."""
    code, detail, headers = 500, "", {}
    if isinstance(error, HTTPException):
        code, detail = error.status_code, error.detail
        headers = dict(error.headers or {})
    title = HTTPStatus(code).phrase
    if detail in ("", title):
        detail = f"cannot answer {request.method} {request.url.path}: {title}"
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": code}
        | {"detail": detail},
        code,
        headers,
        media_type="application/problem+json",
    )
