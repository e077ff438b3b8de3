from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

pytestmark = pytest.mark.plugins("forums")


def test_a_picture_is_seen_by_who_may_read_its_post(forums, person, sign_in, visitor):
    file = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")
    category = forums.category("Inside", staff="create")
    topic = forums.topic(person("Sam", "staff"), category)
    staff, member = sign_in("Nina", "staff"), sign_in("Cy")
    made = staff.post("/forums/upload", {"file": (BytesIO(file.getvalue()), "my <bike>.png")}).json
    assert "40x30" in made["markdown"]
    assert sign_in("Olu", "staff").get(made["url"]).status_code == 404

    staff.post(f"/forums/t/{topic.uid}/reply", {"text": f"See {made['markdown']}"})
    assert f'src="{made["url"]}"' in staff.get(topic.url).text
    assert sign_in("Pia", "staff").get(made["url"]).status_code == 200
    assert member.get(made["url"]).status_code == 404
    assert visitor.get(made["url"]).status_code == 404
    assert staff.post("/forums/upload", {"file": (BytesIO(b"<svg/>"), "x.png")}).status_code == 422
