"""The list of what the image is made of: CycloneDX JSON of the locked packages, with hashes and licences.

    python deploy/sbom.py [FILE]          sbom.json by default; `make sbom`

Taken from requirements/runtime.lock and, for licences and who needs whom, from the installed packages. It ends with
code 1 where an installed package is not the locked one: its licence would be another version's.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from uuid import UUID

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "runtime.lock"
_LONGEST_NAME = 60  # what is longer is a licence's text, not its name


def locked(lock: str) -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each locked package that is for this machine, by canonical name."""
    found = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock):
        first, *hashes = entry.replace("\\\n", "\n").split("\n")
        if "==" not in first:
            continue
        requirement = Requirement(first.strip())
        if requirement.marker is None or requirement.marker.evaluate():
            version = next(iter(requirement.specifier)).version
            digests = re.findall(r"--hash=sha256:([0-9a-f]{64})", "\n".join(hashes))
            found[canonicalize_name(requirement.name)] = (version, digests)
    return found


def wrong_versions(packages: dict[str, tuple[str, list[str]]]) -> list[str]:
    """What is installed in another version than the locked one, or not at all."""
    wrong = []
    for name, (version, _) in packages.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "not installed"
        if installed != version:
            wrong.append(f"{name}: locked {version}, {installed}")
    return wrong


def licence_of(name: str) -> str | None:
    """What the package says of its licence: an SPDX expression, a short name, or the name of its classifier."""
    about = metadata.metadata(name)
    for field in ("License-Expression", "License"):
        said = (about.get(field) or "").strip()
        if said and "\n" not in said and len(said) <= _LONGEST_NAME:
            return said
    said_so = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    return " AND ".join(line.split(" :: ")[-1] for line in said_so) or None


def document(lock: str, when: datetime) -> str:
    """The whole list as CycloneDX 1.6."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    packages = locked(lock)
    bom = Bom(serial_number=UUID(bytes=hashlib.blake2b(lock.encode(), digest_size=16).digest(), version=4))
    bom.metadata.timestamp = when
    product = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=BomRef(project["name"]),
    )
    bom.metadata.component = product
    components = {name: _component(name, version, hashes) for name, (version, hashes) in packages.items()}
    for component in components.values():
        bom.components.add(component)
    direct = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    bom.register_dependency(product, [components[name] for name in sorted(direct & components.keys())])
    for name, component in components.items():
        bom.register_dependency(component, [components[need] for need in _needs(name) if need in components])
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _component(name: str, version: str, hashes: list[str]) -> Component:
    said = licence_of(name)
    licence = LicenseFactory().make_from_string(said) if said else None
    # An unknown name is a licence by name, which every reader of such lists takes.
    licences = [licence if licence is not None else License(name=said)] if said else []
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=BomRef(f"{name}@{version}"),
        purl=PackageURL("pypi", name=name, version=version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in hashes],
        licenses=licences,
    )


def _needs(name: str) -> list[str]:
    found = set()
    for line in metadata.requires(name) or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found.add(canonicalize_name(requirement.name))
    return sorted(found)


def main() -> int:
    """Writes the list; exit code 1 where it would not be true or not be valid."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "sbom.json"
    lock = LOCK.read_text()
    if wrong := wrong_versions(locked(lock)):
        print("sbom: what is installed is not what is locked; run `make setup`:", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    text = document(lock, datetime.now(UTC).replace(microsecond=0))
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        print(f"sbom: not valid: {error.data}", file=sys.stderr)
        return 1
    target.write_text(text)
    print(f"sbom: {len(locked(lock))} packages in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
