"""Settings: flags over environment (`RLM_DESK_*`) over `config.toml` over defaults."""

import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from rlm_desk.events import BudgetLimits
from rlm_desk.serversettings import ServerSettings

APP = "rlm-desk"


def config_file(data_dir: Path | str | None = None) -> Path:
    """Where `config.toml` is looked for: in the data folder that a flag or RLM_DESK_DATA_DIR names, so that nothing is
    read or written outside it; else where this system keeps settings.
    """
    named = data_dir or os.environ.get("RLM_DESK_DATA_DIR")
    return (Path(named) if named else platformdirs.user_config_path(APP)) / "config.toml"


class Settings(BaseSettings):
    """Everything a person can set. Nested values in the environment: `RLM_DESK_BUDGET__SUBCALLS=500`."""

    model_config = SettingsConfigDict(
        env_prefix="RLM_DESK_", env_nested_delimiter="__", frozen=True, extra="forbid", validate_default=True
    )

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path(APP),
        description="Where documents and runs are kept. Another folder begins empty; what is kept here stays here.",
    )
    model: str = Field(
        default="desk-tiny", min_length=1, description="Name of an installed model, or the path of a GGUF file."
    )
    engine: ServerSettings = Field(
        default_factory=ServerSettings, description="A model server instead of this machine."
    )
    budget: BudgetLimits = Field(default_factory=BudgetLimits, description="Limits shared by a run's whole tree.")
    slots: int = Field(default=8, ge=1, le=64, description="Sub-calls decoded at once.")
    window: int = Field(default=0, ge=0, description="Tokens one request may hold; 0: what the model was trained for.")
    threads: int = Field(default=0, ge=0, description="CPU threads for decoding; 0: one per core.")
    gpu_layers: int = Field(default=-1, ge=-1, description="Layers on the GPU where one is built in; -1: all.")
    kv_type: Literal["f16", "q8_0", "q4_0"] = Field(default="f16", description="Type of the KV cache.")
    kv_disk_gb: float = Field(
        default=0.0,
        ge=0,
        allow_inf_nan=False,
        description="GB of keys and values kept on disk, so that what a model read in an earlier session need not be"
        " read again; 0: none. They can be turned back into text: every purge erases all of them.",
    )
    cell_seconds: float = Field(
        default=30.0, gt=0, allow_inf_nan=False, description="Seconds one cell may compute, sub-calls excluded."
    )
    cache: bool = Field(default=True, description="Answer a sub-call that was asked before from the store.")
    keep_days: int = Field(
        default=0,
        ge=0,
        le=36500,
        description="Days a run is kept after its last event, and what only it has read; 0: until it is purged.",
    )
    ocr: str = Field(
        default="eng",
        pattern=r"^([A-Za-z_]+(\+[A-Za-z_]+)*)?$",
        description="Languages of scanned pages, as tesseract names them (eng+deu); empty: scans are not read.",
    )
    ignore: tuple[str, ...] = Field(default=(), description="Files in folders to leave out, as in .gitignore.")
    most_gb: float = Field(
        default=4.0, gt=0, allow_inf_nan=False, description="GB of files that may be read at once; more is refused."
    )
    allow_unconfined: bool = Field(
        default=False,
        description="For one session: go on although this machine has no boundary for hostile code and documents."
        " Not taken from config.toml.",
    )
    theme: Literal["dark", "light", "high-contrast", "colour-blind-dark", "colour-blind-light"] = Field(
        default="dark", description="Colours of the desk. NO_COLOR in the environment takes them all away."
    )
    notice: Literal["bell", "osc9", "osc777", "none"] = Field(
        default="bell",
        description="How the desk tells that a long run is over: the bell, or a notification (osc9, osc777) where the"
        " terminal shows one.",
    )
    motion: bool = Field(default=True, description="Animations and turning signs; off: nothing moves by itself.")

    _flags: frozenset[str] = frozenset()

    @property
    def file(self) -> Path:
        """The config.toml that belongs to them, which may not be there."""
        return config_file(self.data_dir if "data_dir" in self._flags else None)

    def again(self) -> "Settings":
        """What a start with the same flags would take now. Raises UsageError."""
        return load(**{name: getattr(self, name) for name in self._flags})

    @property
    def flags(self) -> frozenset[str]:
        """Settings that were given as flags: stronger than the environment and config.toml."""
        return self._flags

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _ConfigFile(settings_cls, config_file(init_settings().get("data_dir")))


class _ConfigFile(TomlConfigSettingsSource):
    """config.toml, without what must be said anew in every session."""

    def __init__(self, settings_cls: type[BaseSettings], file: Path) -> None:
        super().__init__(settings_cls, toml_file=file)
        self._file = file

    def __call__(self) -> dict[str, Any]:
        from rlm_desk.errors import UsageError

        found = super().__call__()
        if "allow_unconfined" in found:
            raise UsageError(
                f"{self._file} must not hold allow_unconfined: it is for one session only.",
                "Remove that line, and give --allow-unconfined where you mean it.",
            )
        return found


def load(**flags: Any) -> Settings:
    """Settings with the given flags on top; a flag that is None was not given.

    Raises:
        UsageError: a value in a flag, the environment or config.toml makes no sense.
    """
    from tomllib import TOMLDecodeError

    from pydantic import ValidationError

    from rlm_desk.errors import UsageError

    given = {name: value for name, value in flags.items() if value is not None}
    file = config_file(given.get("data_dir"))
    try:
        loaded = Settings(**given)
        loaded._flags = frozenset(given)
        return loaded
    except SettingsError as problem:
        raise UsageError(
            f"A setting in the environment cannot be read: {problem}.",
            "Lists are written as RLM_DESK_IGNORE='[\"*.tmp\"]'.",
        ) from problem
    except (TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
        raise UsageError(
            f"The settings file {file} cannot be read: {problem}.", "Correct that line, or remove the file."
        ) from problem
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if where == "engine.key":
            raise UsageError(
                "A server's key does not belong into the settings, which are shown and copied.",
                "Put it into RLM_DESK_ENGINE_KEY, or into a file of your own that engine.key_file names.",
            ) from None
        raise UsageError(
            f"The setting {where} is not usable: {first['msg']}.",
            "It was given as a flag: choose another value."
            if first["loc"] and first["loc"][0] in given
            else f"Look in {file} and at RLM_DESK_* variables.",
        ) from problem


def said(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the environment and what config.toml say by themselves, each as it is written there.

    Raises:
        UsageError: config.toml holds what it must not.
    """
    return EnvSettingsSource(Settings)(), _ConfigFile(Settings, file)()


def save(name: str, value: Any, path: Path | None = None) -> Path:
    """Write one setting into config.toml and leave everything else in it as it is, comments included.

    Args:
        name: a field of `Settings`; `budget.subcalls` for a nested one.
        value: what TOML can hold; None takes the setting out.
        path: the file (`Settings.file`); without it, that of a session without flags.

    Returns the file that was written.

    Raises:
        UsageError: no such setting, one that holds for a session only, a value it cannot have, or a file that is
            broken already.
        StoreError: the file cannot be written.
    """
    import os

    import tomlkit
    from tomlkit.exceptions import ParseError

    from rlm_desk.errors import StoreError, UsageError

    if name.partition(".")[0] not in Settings.model_fields:
        raise UsageError(f"There is no setting {name!r}.", "rlm-desk doctor says where the settings are.")
    if name == "allow_unconfined":
        raise UsageError(
            "allow_unconfined is not kept: it is for one session only.",
            "Start with --allow-unconfined where you mean it.",
        )
    path = (path or config_file()).resolve()  # it may be a link into a folder of someone's own
    try:
        document = tomlkit.parse(path.read_text("utf-8") if path.exists() else "")
    except (ParseError, UnicodeDecodeError, OSError) as problem:
        raise UsageError(
            f"The settings file {path} cannot be read: {problem}.", "Correct that line, or remove the file."
        ) from problem
    *tables, last = name.split(".")
    table: Any = document
    for part in tables:
        table = table.setdefault(part, tomlkit.table())
    if value is None:
        table.pop(last, None)
    else:
        plain = {Path: str, tuple: list}
        table[last] = next((turn(value) for kind, turn in plain.items() if isinstance(value, kind)), value)
    text = tomlkit.dumps(document)
    _check(text, name)
    part_file = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part_file.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part_file.replace(path)
    except OSError as problem:
        part_file.unlink(missing_ok=True)
        raise StoreError(
            f"The settings file {path} cannot be written: {problem.strerror or problem}.",
            "Check the folder's rights and the disk's space.",
        ) from problem
    return path


def _check(text: str, name: str) -> None:
    """Raise UsageError unless the file's text makes settings."""
    import tomllib

    from pydantic import ValidationError

    from rlm_desk.errors import UsageError

    try:
        Settings(**tomllib.loads(text))
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"The setting {where} cannot be that: {first['msg']}.",
            "Nothing was changed." if where == name else f"Correct it first; {name} was left as it was.",
        ) from problem
