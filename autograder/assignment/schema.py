"""The schema of `assignment.toml`: each key with its type, its range, and what it holds in words.

pydantic takes a tenth of a second to import: whoever doesn't check the file imports `policy` or `settings` alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from autograder.assignment import entries
from autograder.model import NEIGHBOURS

__all__ = ["AssignmentFile", "NetworkFile", "SettingsTable", "keys_of", "table_of"]

Text = Annotated[str, AfterValidator(entries.not_empty)]
File = Annotated[str, AfterValidator(entries.file_of_source)]
Released = Annotated[File, AfterValidator(entries.file_of_release)]
Layers = Annotated[
    list[Annotated[str, AfterValidator(entries.layer_name)]], AfterValidator(entries.distinct), Field(min_length=1)
]
Answer = Annotated[str, AfterValidator(entries.answer_name)]


class SettingsTable(BaseModel):
    """A table of the file: its keys and no others, each of its own type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Release(SettingsTable):
    """What students get."""

    files: Annotated[
        list[Annotated[File, AfterValidator(entries.file_for_students)]], AfterValidator(entries.distinct)
    ] = Field(description="a list of files in the source folder")
    student_readme: File = Field(description="a file in the source folder")
    requirements: Annotated[
        list[Annotated[str, AfterValidator(entries.distribution)]], AfterValidator(entries.distinct)
    ] = Field(description="a list of distributions, by name")


class Otter(SettingsTable):
    """The grading container."""

    python: Literal["3.11", "3.12", "3.13"] = Field(description='"3.11", "3.12" or "3.13", in quotes')
    seed: int = Field(ge=0, lt=2**32, description="a whole number from 0 to 4294967295")


class Model(SettingsTable):
    """The network."""

    structure: Annotated[Released, AfterValidator(entries.structure_file)] = Field(
        description="one of the released files"
    )
    weights: Annotated[Released, AfterValidator(entries.weights_file)] = Field(description="one of the released files")


class Data(SettingsTable):
    """The images."""

    sample: Annotated[Released, AfterValidator(entries.sample_file)] = Field(description="one of the released files")
    scale: float = Field(default=255.0, gt=0, description="a number above 0")
    classes: Annotated[list[Text], AfterValidator(entries.distinct)] = Field(
        default=[], description="a list of names, by label"
    )


class Answers(SettingsTable):
    """How large answers are."""

    images: Annotated[int, AfterValidator(entries.image_count)] = Field(
        gt=NEIGHBOURS, description=f"a whole number above {NEIGHBOURS}"
    )
    points: Annotated[int, AfterValidator(entries.point_count)] = Field(ge=1, description="a whole number above 0")


class LayerRoles(SettingsTable):
    """Which layers are accepted as what: each key beside these is a role, and holds layers."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Layers]

    flat: Annotated[list[Annotated[str, AfterValidator(entries.role)]], AfterValidator(entries.distinct)] = Field(
        default=[], description="a list of roles"
    )
    class_scores: Annotated[Layers, AfterValidator(entries.of_no_role)] | None = Field(
        default=None, description="a list of the network's layers"
    )


class Messages(SettingsTable):
    """What hidden checks say."""

    detail: Literal["brief", "full"] = Field(default="full", description='"brief" or "full"')


class KernelSettings(SettingsTable):
    """Where submissions run."""

    modules: list[Annotated[str, AfterValidator(entries.module_name)]] | None = Field(
        default=None, description="a list of modules, by name"
    )


class ChecksSettings(SettingsTable):
    """The checks for students."""

    package: Literal["checks", "none"] | None = Field(default=None, description='"checks" or "none"')


Percent = Annotated[float, Field(ge=0, le=100)]


class AccuracySettings(SettingsTable):
    """What the build's gate asks of the grader."""

    accepted: Percent = Field(default=100.0, description="a number from 0 to 100")
    caught: Percent = Field(default=98.0, description="a number from 0 to 100")
    named: Percent = Field(default=95.0, description="a number from 0 to 100")


class CreditTable(SettingsTable):
    """What stays of a check's points after a mistake: kinds of mistake, and tables of them by check.

    What they hold is looked at by `credit.credit_mistakes`.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Any]


class Gradescope(SettingsTable):
    """Grading on Gradescope."""

    seconds: float = Field(default=480.0, ge=1, description="a number, at least 1")  # Gradescope's own limit is 600


class DeadlineTable(SettingsTable):
    """Until when work may be handed in."""

    at: Annotated[datetime, AfterValidator(entries.moment)] = Field(
        description="a date with a time, without quotes, such as 2026-03-01T23:59:00"
    )
    zone: Annotated[str, AfterValidator(entries.time_zone)] = Field(
        description='the name of a time zone, such as "Europe/Berlin"'
    )


class LatePolicy(SettingsTable):
    """What it costs to be late."""

    percent: float = Field(gt=0, le=100, description="a number above 0, at most 100")
    per: Literal["day", "hour"] = Field(default="day", description='"day" or "hour"')
    cap: float = Field(default=100.0, gt=0, le=100, description="a number above 0, at most 100")
    grace_minutes: float = Field(default=0.0, ge=0, le=1440, description="a number from 0 to 1440")


class Map(SettingsTable):
    """A map that feedback shows."""

    check: Annotated[str, AfterValidator(entries.test_id), AfterValidator(entries.once_in("maps"))] = Field(
        description="the grade_id of a test cell"
    )
    title: Annotated[Text, AfterValidator(entries.once_in("maps"))] = Field(description="text")
    layer: Answer = Field(description="a name that students assign")
    representation: Answer = Field(description="a name that students assign")
    embedding: Answer = Field(description="a name that students assign")


class SubmissionEntry(SettingsTable):
    """A submission that the build's gate grades: the solved notebook with another text in one cell."""

    title: Annotated[Text, AfterValidator(entries.once_in("submissions"))] = Field(description="text")
    cell: Annotated[str, AfterValidator(entries.solution_id)] = Field(
        description="the grade_id of a solution cell of code"
    )
    text: str = Field(description="text: what a student may have written there")


class AssignmentFile(SettingsTable):
    """The file of an assignment whose tests need no network."""

    title: Text = Field(description="text")
    release: Release = Field(description="a table, [release]")
    otter: Otter = Field(description="a table, [otter]")
    model: Model | None = Field(default=None, description="a table, [model]")
    data: Data | None = Field(default=None, description="a table, [data]")
    answers: Answers | None = Field(default=None, description="a table, [answers]")
    layers: LayerRoles | None = Field(default=None, description="a table, [layers]")
    messages: Messages = Field(default=Messages(), description="a table, [messages]")
    kernel: KernelSettings = Field(default=KernelSettings(), description="a table, [kernel]")
    checks: ChecksSettings = Field(default=ChecksSettings(), description="a table, [checks]")
    accuracy: AccuracySettings = Field(default=AccuracySettings(), description="a table, [accuracy]")
    credit: CreditTable = Field(default=CreditTable.model_construct(), description="a table, [credit]")
    gradescope: Gradescope = Field(default=Gradescope(), description="a table, [gradescope]")
    deadline: DeadlineTable | None = Field(default=None, description="a table, [deadline]")
    late: Annotated[LatePolicy | None, AfterValidator(entries.with_deadline)] = Field(
        default=None, description="a table, [late]"
    )
    maps: list[Map] = Field(default=[], description="tables, each [[maps]]")
    submissions: list[SubmissionEntry] = Field(default=[], description="tables, each [[submissions]]")


class NetworkFile(AssignmentFile):
    """The file of an assignment that is about a network: what the hidden checks need is there as a whole."""

    model: Model = Field(description="a table, [model]")
    data: Data = Field(description="a table, [data]")
    answers: Answers = Field(description="a table, [answers]")
    layers: LayerRoles = Field(description="a table, [layers]")


def keys_of() -> dict[str, dict[str, FieldInfo]]:
    """Return the keys of each table of the file, by the table's name; "" is the file itself."""
    fields = NetworkFile.model_fields
    inner = {name: table_of(field) for name, field in fields.items()}
    return {"": fields} | {name: table.model_fields for name, table in inner.items() if table is not None}


def table_of(field: FieldInfo) -> type[SettingsTable] | None:
    """Return the table that a key holds; None where it holds a value."""
    kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, SettingsTable)), None)
