#!/usr/bin/env -S python3 -S -E
"""Cloud Run as deploy/rollout.sh meets it: one service in a file, changed by the commands that the script knows.

It is in the folder `FAKE_CLOUD`. `cloud.json`, which only this writes: `traffic` as Cloud Run tells it, `revisions`
with their images, `addresses` of the service and its tag, `failures` of each command so far, and `calls`, all that was
asked. `plan.json`, which only a test writes: `errors` that the log has, and `broken`, how often each command fails.
"""

from __future__ import annotations

# Few imports: it is started some ten times a rollout.
import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = os.environ["FAKE_CLOUD"] + "/cloud.json"
PLAN = os.environ["FAKE_CLOUD"] + "/plan.json"


def main(words: list[str]) -> int:
    with open(FILE) as file:
        cloud = json.load(file)
    cloud["calls"].append(words)
    name = " ".join(
        word for word in words[:3] if word in ("run", "deploy", "services", "revisions", "describe", "update-traffic")
    )
    name = name or " ".join(words[:2])
    with open(PLAN) as file:
        plan = json.load(file)
    fails = cloud["failures"].get(name, 0) < plan["broken"].get(name, 0)
    if fails:
        cloud["failures"][name] = cloud["failures"].get(name, 0) + 1
        print(f"ERROR: ({name}) it did not work", file=sys.stderr)
    else:
        _do(cloud, plan, name, words)
    with open(f"{FILE}.new", "w") as file:
        json.dump(cloud, file)
    os.replace(f"{FILE}.new", FILE)
    return 1 if fails else 0


def _do(cloud: dict[str, Any], plan: dict[str, Any], name: str, words: list[str]) -> None:
    given = {one: words[place + 1] for place, one in enumerate(words[:-1]) if one.startswith("--")}
    match name:
        case "run services describe":
            print(json.dumps(_told(cloud)))
        case "run revisions describe":
            print("", cloud["revisions"][words[3]], sep="\t")
        case "run deploy":
            if "--no-traffic" not in words:
                raise AssertionError("it would have all traffic at once")
            new = f"vip-manager-{len(cloud['revisions']) + 1:05}"
            cloud["revisions"][new] = given["--image"]
            cloud["traffic"] = [one for one in cloud["traffic"] if one.get("percent")]
            for one in cloud["traffic"]:
                one.pop("latestRevision", None)
            cloud["traffic"].append(
                {"revisionName": new, "tag": given["--tag"], "url": cloud["addresses"][given["--tag"]]}
            )
        case "run services update-traffic" if "--to-revisions" in given:
            shares = dict(one.split("=") for one in given["--to-revisions"].split(","))
            if set(shares) - cloud["revisions"].keys() or sum(map(int, shares.values())) != 100:
                raise AssertionError(f"no such traffic: {shares}")
            tagged = [
                {key: value for key, value in one.items() if key != "percent"}
                for one in cloud["traffic"]
                if "tag" in one
            ]
            cloud["traffic"] = [
                {"revisionName": revision, "percent": int(share)} for revision, share in shares.items()
            ] + tagged
        case "run services update-traffic":
            cloud["traffic"] = [one for one in cloud["traffic"] if one.get("tag") != given["--remove-tags"]]
        case "logging read":
            print("\n".join(f"entry-{number}" for number in range(plan["errors"])))
        case _:
            raise AssertionError(f"nothing that Cloud Run knows: {words}")


def _told(cloud: dict[str, Any]) -> dict[str, Any]:
    return {"status": {"url": cloud["addresses"]["service"], "traffic": cloud["traffic"]}}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
