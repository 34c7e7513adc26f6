#!/usr/bin/env python3
"""Holds a draw again from its published record, by the text of SAMPLER.md alone.

    redraw.py RECORD.json        one record
    redraw.py -                  many, one a line, from standard input

Says `ok` and the state, or what differs, one line a record. Ends with 1 if anything differs. Needs nothing but Python 3.
"""

import hashlib
import hmac
import json
import sys

METHOD = "kaiban-draw/1"
ABOVE = {
    "announcement_sha256": ["announcement"],
    "frozen_sha256": ["announcement", "announcement_sha256", "commitments", "frozen"],
    "record_sha256": ["announcement", "announcement_sha256", "commitments", "frozen", "frozen_sha256", "reveals",
                      "public_value", "end"],
}


def join(*parts):
    return b"\x1f".join(part.encode() for part in parts)


def J(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def H(tag, *parts):
    return hashlib.sha256(join(METHOD, tag, *parts)).hexdigest()


def key(seed, *parts):
    return hmac.new(bytes.fromhex(seed), join(*parts), hashlib.sha256).digest()


def hash_so_far(record, name):
    part = {member: record[member] for member in ABOVE[name] if member in record}
    return H(name.removesuffix("_sha256"), J(part))


def sample(seed, pool, shares):
    """The strata, and what is drawn of them."""
    strata, drawn = {}, []
    for stratum in sorted(shares):
        items = [item["id"] for item in pool if item["stratum"] == stratum]
        n = (len(items) * shares[stratum] + 99) // 100
        strata[stratum] = {"of": len(items), "drawn": n}
        items.sort(key=lambda item: (key(seed, "item", stratum, item), item))
        drawn += [(item, stratum) for item in items[:n]]
    return strata, drawn


def checkers(seed, item, roster, count):
    recuse = item.get("recuse", [])
    eligible = [c["id"] for c in roster if c["id"] not in recuse and c["organisation"] not in recuse]
    eligible.sort(key=lambda checker: (key(seed, "checker", item["id"], checker), checker))
    return eligible[:count]


def redraw(record):
    """What differs from the record, as a list of names."""
    differs = []

    def same(name, published, computed):
        if published != computed:
            differs.append(name)

    terms = record["announcement"]
    same("method", terms["method"], METHOD)
    same("announcement_sha256", record["announcement_sha256"], hash_so_far(record, "announcement_sha256"))
    sources = len(terms["parties"]) + ("public_value" in terms)
    same("sources", sources >= 2 and len(terms["parties"]) >= 1, True)
    times = [terms["announced_at_us"]]

    committed = {}
    for commitment in record.get("commitments", []):
        same("commitment in time", commitment["at_us"] < terms["commit_by_us"], True)
        same("commitment once", commitment["party"] in terms["parties"] and commitment["party"] not in committed, True)
        committed[commitment["party"]] = commitment["sha256"]
        times.append(commitment["at_us"])

    frozen = record.get("frozen")
    same("frozen_sha256", record.get("frozen_sha256"), hash_so_far(record, "frozen_sha256") if frozen else None)
    if frozen:
        same("parties that committed", sorted(committed), sorted(terms["parties"]))
        same("roster_sha256", terms["roster_sha256"], H("roster", J(frozen["roster"])))
        same("pool_sha256", frozen["pool_sha256"], H("pool", J(frozen["pool"])))
        for name in "roster", "pool":
            ids = [entry["id"] for entry in frozen[name]]
            same("order of the " + name, ids, sorted(set(ids)))
        same("freeze in time", terms["period"]["to_us"] <= frozen["at_us"] < terms["reveal_by_us"], True)
        before = terms.get("follows", {}).get("pool_sha256")
        same("pool of the void draw", before in (None, frozen["pool_sha256"]), True)
        times.append(frozen["at_us"])

    numbers = {}
    for reveal in record.get("reveals", []):
        party = reveal["party"]
        same("reveal after the freeze", bool(frozen), True)
        same("reveal in time", reveal["at_us"] < terms["reveal_by_us"], True)
        same("reveal once", party in numbers, False)
        same("commitment of " + party, committed.get(party),
             H("commitment", record["announcement_sha256"], party, reveal["reveal"]))
        numbers[party] = reveal["reveal"]
        times.append(reveal["at_us"])

    if "public_value" in record:
        named, value = terms["public_value"], record["public_value"]
        same("value in time", named["from_us"] <= value["at_us"] < named["by_us"], True)
        same("value after the reveals", terms["reveal_by_us"] <= named["from_us"], True)
        fits = len(named["form"]) == len(value["value"]) and all(
            char in {"9": "0123456789", "f": "0123456789abcdef"}.get(form, form)
            for form, char in zip(named["form"], value["value"]))
        same("form of the value", fits, True)
        times.append(value["at_us"])

    end = record.get("end", {})
    if "held" in end:
        held = end["held"]
        parts = [numbers.get(party, "") for party in terms["parties"]]
        if "public_value" in terms:
            parts.append(record["public_value"]["value"])
        seed = H("seed", record["frozen_sha256"], *parts)
        same("seed", held["seed"], seed)
        strata, drawn = sample(seed, frozen["pool"], terms["shares"])
        items = {item["id"]: item for item in frozen["pool"]}
        same("strata", held["strata"], strata)
        result = []
        for item, stratum in drawn:
            entry = {"item": item, "stratum": stratum}
            who = checkers(seed, items[item], frozen["roster"], terms["checkers_per_item"])
            same("number of checkers", len(who), terms["checkers_per_item"])
            result.append({**entry, "checkers": who} if who else entry)
        same("drawn", held.get("drawn", []), result)
        times.append(held["at_us"])
    if "void" in end:
        void = end["void"]
        missing_commitments = [party for party in terms["parties"] if party not in committed]
        missing_numbers = [party for party in terms["parties"] if party not in numbers]
        if missing_commitments:
            why = ("never_committed", missing_commitments, terms["commit_by_us"])
        elif not frozen:
            why = ("never_frozen", [], terms["reveal_by_us"])
        elif missing_numbers:
            why = ("never_revealed", missing_numbers, terms["reveal_by_us"])
        elif "public_value" in terms and "public_value" not in record:
            why = ("no_public_value", [], terms["public_value"]["by_us"])
        else:
            why = (None, [], 0)
        same("void", (void["cause"], void.get("parties", []), void["at_us"] >= why[2]), (why[0], why[1], True))
        times.append(void["at_us"])
    same("record_sha256", record.get("record_sha256"), hash_so_far(record, "record_sha256") if end else None)
    same("order of the instants", times, sorted(times))
    return differs


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "-":
        texts = [line for line in sys.stdin.buffer.read().decode().split("\n") if line]
    else:
        with open(sys.argv[1], encoding="utf-8") as file:
            texts = [file.read()]
    clean = True
    for text in texts:
        record = json.loads(text)
        differs = redraw(record)
        clean = clean and not differs
        name = record["announcement"]["draw"]
        state = next(iter(record.get("end", {"open": None})))
        print(f"{name}: differs: {', '.join(differs)}" if differs else f"{name}: ok, {state}")
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
