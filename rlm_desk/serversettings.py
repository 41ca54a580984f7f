"""The settings of a model server, `[engine]` in config.toml."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ServerSettings(BaseModel):
    """A model server of the person's own. While there is none, nothing can leave this machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        default="",
        description="Address of a model server (OpenAI protocol); text is sent there. Empty: the model runs here.",
    )
    model: str = Field(default="", description="What the server calls the model; empty where it has one only.")
    window: int = Field(
        default=0, ge=0, description="Tokens one request may hold at the server; 0: as the server says."
    )
    seconds: float = Field(
        default=300.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds without a sign of life, after which it is asked again.",
    )
    ca_file: str = Field(
        default="", description="File of certificates (PEM) that the server's is checked with, instead of the system's."
    )
    key_file: str = Field(
        default="", description="File with the server's key, readable for you only; or put it into RLM_DESK_ENGINE_KEY."
    )
    plain_http: str = Field(
        default="", description="The one host besides this machine that may be spoken to without encryption."
    )
    dialect: Literal["auto", "desk", "rlm-v1"] = Field(
        default="auto", description="Prompts the server's model was trained for; auto: as the catalogue knows it."
    )
