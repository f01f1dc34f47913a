from app.openapi.rings import Rings, Standing


def test_a_ring_is_cut_once() -> None:
    rings = Rings()
    a: dict[str, object] = {"$ref": "#/schemas/B"}
    b: dict[str, object] = {"$ref": "#/schemas/A", "title": "b"}
    rings.add(Standing("A"), "B", a)
    rings.add(Standing("B"), "A", b)
    assert rings.broken() == ["B"]
    assert a == {"$ref": "#/schemas/B"}
    assert b == {"title": "b"}


def test_a_ring_among_alternatives_adds_none() -> None:
    rings = Rings()
    holder: dict[str, object] = {"$ref": "#/schemas/A"}
    rings.add(Standing("A").among_alternatives(), "A", holder)
    assert rings.broken() == ["A"]
    assert holder == {"not": {}}


def test_shared_schemas_are_no_ring() -> None:
    rings = Rings()
    for source, target in (("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")):
        rings.add(Standing(source), target, {"$ref": target})
    assert rings.broken() == []


def test_what_stands_elsewhere_makes_no_ring() -> None:
    rings = Rings()
    rings.add(Standing(), "A", {"$ref": "A"})
    assert rings.broken() == []


def test_a_long_chain_needs_no_deep_stack() -> None:
    rings = Rings()
    for number in range(20_000):
        rings.add(Standing(str(number)), str((number + 1) % 20_000), {"$ref": ""})
    assert rings.broken() == ["19999"]
