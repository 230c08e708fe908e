"""The bill of materials (SBOM) as CycloneDX 1.6 JSON, which scanners of other people read."""

from __future__ import annotations

from collections.abc import Sequence

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from scripts.audit_.parts import Part


def bill(parts: Sequence[Part]) -> str:
    """`parts` as `parts()` gives them: ours first."""
    made = Bom()
    components = {part.name: _component(part, ours=part is parts[0]) for part in parts}
    made.metadata.component = components[parts[0].name]
    made.components.update(components[part.name] for part in parts[1:])
    for part in parts:
        made.register_dependency(components[part.name], [components[name] for name in part.needs])
    return JsonV1Dot6(made).output_as_string(indent=2) + "\n"


def _component(part: Part, *, ours: bool) -> Component:
    return Component(
        name=part.name,
        version=part.version,
        type=ComponentType.APPLICATION if ours else ComponentType.LIBRARY,
        description=part.summary or None,
        licenses=[LicenseFactory().make_from_string(part.licence)] if part.licence else [],
        purl=PackageURL("pypi", name=part.name, version=part.version),
        bom_ref=f"{part.name}@{part.version}",
    )
