from pathlib import Path

from app.views.ui import assets


def test_an_asset_is_found_under_the_name_with_its_hash(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"app.js": "app-12AB.js"}')
    names = assets.manifest(tmp_path)
    assert assets.address(names, "app.js") == "dist/app-12AB.js"


def test_without_a_bundle_the_plain_name_is_used(tmp_path: Path) -> None:
    assert assets.address(assets.manifest(tmp_path), "app.js") == "dist/app.js"
