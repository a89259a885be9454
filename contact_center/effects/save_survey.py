"""``save_survey``: a customer's answer to how it went."""

from __future__ import annotations

from typing import Any

from contact_center.room import Room
from contact_center.scene import Scene
from crm_store import surveys
from ivr_flows.effects import SaveSurvey


async def save_survey(effect: SaveSurvey, scene: Scene, room: Room) -> dict[str, Any]:
    """Keep the score, 1 to 5, and the comment."""
    answer = surveys.Survey(
        id=room.ids.new("srv"),
        contact_id=scene.contact.id,
        survey=effect.survey,
        score=effect.score,
        comment=effect.comment,
        at=scene.at,
    )
    scene.insert("surveys", surveys.row(answer))
    scene.journal(
        "survey", {"survey": effect.survey, "score": effect.score, "comment": scene.mask(effect.comment)}
    )
    return {}
