"""Errors: problem documents after RFC 9457."""

from pydantic import Field

from monitor.schemas.wire import Wire


class Flaw(Wire):
    """One thing that is wrong with what was asked."""

    at: str = Field(
        description=(
            "Where: a place in the request, such as body.ends_at; empty "
            "when `because` says it."
        ),
        examples=["body.ends_at"],
    )
    because: str = Field(
        description="What is wrong there.", examples=["Field required"]
    )


class Problem(Wire):
    """Why an answer is not what was asked for."""

    type: str = Field(
        default="about:blank",
        description="Always about:blank: the status says what kind it is.",
    )
    title: str = Field(
        description="The HTTP status in words.", examples=["Not Found"]
    )
    status: int = Field(
        description="The HTTP status.", ge=400, le=599, examples=[404]
    )
    detail: str = Field(
        description=(
            "What cannot be done and what would help, as a sentence for "
            "people; it starts with cannot."
        ),
        examples=["cannot show target studoi: there is none of that name"],
    )
    errors: tuple[Flaw, ...] = Field(
        default=(), description="Every single flaw, where there are several."
    )
