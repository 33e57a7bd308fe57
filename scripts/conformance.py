"""usage: conformance.py SUITE RESULTS FORMATS

Fails if a case could not be scanned, if a grade-A case of a format listed in the file FORMATS is not exact, or if the scan of a malformed case of
such a format does not name a problem and say that it is incomplete."""

import glob
import json
import os
import sys


def not_exact(suite, results, formats):
    import compare

    for meta in sorted(glob.glob(f"{suite}/*/*/meta.json")):
        case = os.path.dirname(meta)
        about = json.load(open(meta))
        if "/_malformed/" in case or about["grade"] != "A" or about["format"] not in formats:
            continue
        keys = lambda name: {tuple(entry["key"].split("|", 2)) for entry in json.load(open(f"{case}/{name}"))}
        result = f"{results}/cyclonedx/{about['format']}__{os.path.basename(case)}.json"
        found = compare.load(result) if os.path.exists(result) else set()
        missed = keys("expected.json") - found
        extra = {key for key in found - keys("expected.json") - keys("optional.json") if key[2]}
        if missed or extra:
            yield f"{about['format']} {os.path.basename(case)}: missed {sorted(missed)}, extra {sorted(extra)}"


def unnamed(suite, results, formats):
    for case in sorted(glob.glob(f"{suite}/_malformed/*/*")):
        name, format = os.path.basename(case), os.path.basename(os.path.dirname(case))
        result = f"{results}/malformed/{format}__{name}.json"
        if format not in formats:
            continue
        report = json.load(open(result))["reports"][0] if os.path.exists(result) else {}
        problems = [problem for file in report.get("files", []) for problem in file.get("problems", [])]
        print(f"malformed {format} {name}: {problems[0]['message'] if problems else 'NO PROBLEM NAMED'}")
        if not problems or report.get("complete"):
            yield f"malformed {format} {name}: complete {report.get('complete')}, {len(problems)} problems"


def main():
    suite, results, exact = sys.argv[1:]
    sys.path.insert(0, suite)
    formats = set(open(exact).read().split())
    failed = open(f"{results}/failed").read().splitlines() if os.path.exists(f"{results}/failed") else []
    wrong = [*failed, *not_exact(suite, results, formats), *unnamed(suite, results, formats)]
    print("\n".join(["conformance: these must be exact and are not:", *wrong] if wrong else ["conformance: good"]))
    sys.exit(bool(wrong))


main()
