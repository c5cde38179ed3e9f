"""`access`: who may do what over HTTP."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from monitor.config.sections.section import Section
from monitor.config.values.file import TokenFile
from monitor.config.values.name import Name, Person
from monitor.config.values.refusal import Refusal, refuse_if_any

Scope = Literal["read", "operate", "approve", "maintain", "metrics", "alerts"]
_PERSONAL = ("operate", "approve")


class Token(Section):
    """A bearer token and what it opens."""

    name: Name = Field(
        description="What the audit calls this token.",
        examples=["oncall-ann"],
    )
    person: Person | None = Field(
        default=None,
        description=(
            "Who holds it. Needed with operate and approve, because nobody "
            "may approve what they asked for, not even with another token."
        ),
        examples=["ann"],
    )
    token_file: TokenFile = Field(
        description="File with the token; the monitor keeps its SHA-256.",
        examples=["secrets/ann"],
    )
    scopes: tuple[Scope, ...] = Field(
        min_length=1,
        description="What it may do.",
        examples=[["read", "operate"]],
    )

    @model_validator(mode="after")
    def _people_answer_for_actions(self) -> Self:
        personal = [scope for scope in self.scopes if scope in _PERSONAL]
        if personal and self.person is None:
            refuse_if_any(
                [
                    Refusal(
                        what=f"the scope {personal[0]} needs a person",
                        hint="add person, for example person: ann",
                        at=(("scopes",), ("person",)),
                    )
                ]
            )
        return self


class Access(Section):
    """Tokens; without any, reading is open on loopback only."""

    tokens: tuple[Token, ...] = Field(
        default=(),
        description="The tokens that are accepted.",
        examples=[
            [
                {
                    "name": "prometheus",
                    "token_file": "secrets/prometheus",
                    "scopes": ["metrics"],
                }
            ]
        ],
    )

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        refuse_if_any(_repeated(self.tokens))
        return self


def _repeated(tokens: tuple[Token, ...]) -> Iterator[Refusal]:
    seen: dict[str, int] = {}
    for index, token in enumerate(tokens):
        first = seen.setdefault(token.name, index)
        if first != index:
            yield Refusal(
                what=f"{{value}} is the name of access.tokens[{first}] too",
                hint="give each token its own name",
                at=(("tokens", index, "name"),),
            )
