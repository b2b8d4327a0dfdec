"""A bundle with true facts of any export, whether or not the collector would have made it."""

from collections.abc import Callable
from dataclasses import asdict
from io import BytesIO

from evidencekit.core.coverage import Scope, coverage, schema_check
from evidencekit.core.manifest import Context
from evidencekit.core.query import Query
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question
from evidencekit.core.window import Window
from evidencekit.edges.surveying import survey_stream
from forge.bench import EXPORT, Json, Made, forged, sha256
from forge.kinds import SMALL_SCHEMA


def described(made: Made, export: bytes, change: Callable[[Json], object]) -> Made:
    """Return it with this export, and a manifest that tells the truth of it, failures and all."""
    manifest = made.manifest
    change(manifest)
    context = Context.from_json(manifest["context"])
    window = Window.from_times(manifest["window"]["start"], manifest["window"]["end"])
    question = Question(
        format="json",
        window=window,
        request_ids=context.request_ids,
        escalation_ids=context.escalation_ids,
    )
    survey = survey_stream(
        BytesIO(export), question, schema=EventSchema.from_bytes(SMALL_SCHEMA), jobs=1
    )
    query = None if manifest["query"] is None else Query.from_json(manifest["query"])
    scope = Scope(window=window, context=context, query=query)
    checks = (schema_check(survey), *coverage(survey.facts, scope))
    told = [{**check.to_json()} for check in checks]

    def truth(document: Json) -> None:
        document["context"] = asdict(context)
        document["facts"] = asdict(survey.facts)
        document["export"] |= {
            "size": len(export),
            "sha256": sha256(export),
            "shape": survey.shape,
        }
        document["checks"] = [{k: c[k] for k in ("name", "outcome", "message")} for c in told]

    return forged(made.with_members({EXPORT: export}), truth, pages=False)
