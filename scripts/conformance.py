"""usage: conformance.py SUITE RESULTS FORMATS

Fails if a case could not be scanned, if a case of grade A or B of a format listed in the file FORMATS is not exact, if
of the packages of grade C less than PERCENT_MIN are found or less than that of what is found is right, or if the scan of
a malformed case of a listed format does not name a problem and say that it is incomplete."""

import glob
import json
import os
import sys

PERCENT_MIN = 95


def compared(suite, results):
    """Of each case its format, grade and name, what is expected, what was found, and what of it is wrong."""
    import compare

    for meta in sorted(glob.glob(f"{suite}/*/*/meta.json")):
        case = os.path.dirname(meta)
        about = json.load(open(meta))
        if "/_malformed/" in case:
            continue
        keys = lambda name: {tuple(entry["key"].split("|", 2)) for entry in json.load(open(f"{case}/{name}"))}
        result = f"{results}/cyclonedx/{about['format']}__{os.path.basename(case)}.json"
        found = compare.load(result) if os.path.exists(result) else set()
        expected = keys("expected.json")
        extra = {key for key in found - expected - keys("optional.json") if key[2]}
        yield about["format"], about["grade"], os.path.basename(case), expected, found, extra


def not_exact(cases, formats):
    for format, grade, case, expected, found, extra in cases:
        missed = expected - found
        if grade in ("A", "B") and format in formats and (missed or extra):
            yield f"{format} {case}: missed {sorted(missed)}, extra {sorted(extra)}"


def below_percent(cases):
    """Grade C is the word of a single reader: a share of it may be wrong."""
    cases = [case for case in cases if case[1] == "C"]
    expected = sum(len(case[3]) for case in cases)
    hits = sum(len(case[3] & case[4]) for case in cases)
    listed = hits + sum(len(case[5]) for case in cases)
    exact = sum(case[3] <= case[4] and not case[5] for case in cases)
    print(f"grade C: {exact} of {len(cases)} cases exact, {hits} of {expected} packages found, {hits} of {listed} right")
    if hits * 100 < expected * PERCENT_MIN or hits * 100 < listed * PERCENT_MIN:
        yield f"grade C: below {PERCENT_MIN} %"


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
    cases = list(compared(suite, results))
    wrong = [*failed, *not_exact(cases, formats), *below_percent(cases), *unnamed(suite, results, formats)]
    print("\n".join(["conformance: these must be right and are not:", *wrong] if wrong else ["conformance: good"]))
    sys.exit(bool(wrong))


main()
