"""Counts the test vectors in code points, as Python does by itself, and says what is wrong with them."""
import json
import sys
import unicodedata

vectors = json.load(open(sys.argv[1], encoding="utf-8"))


def check(holds, *what):
    if not holds:
        print(*what)


for each in vectors["truncation"]:
    text, kept = each["text"], each["kept"]
    check(text.startswith(kept), each, "what is kept is no prefix")
    check(len(kept) == each["accepted"] <= each["limit"], each, "accepted is another count")
    check(len(text) - len(kept) == each["dropped"], each, "dropped is another count")
for each in vectors["suffix"]:
    check("".join(each["segments"]).endswith(each["suffix"]), each, "it is no suffix")
    check(len(each["suffix"]) <= 80, each, "it is too long")
for each in vectors["names"]:
    name = unicodedata.normalize("NFKC", each["username"])
    if "name" in each:
        check(name == each["name"], each, "NFKC is another")
        check(1 <= len(name) <= 64 and not any(unicodedata.category(c)[0] == "C" for c in name), each, "not plain")
for each in vectors["same_name"]:
    first, second = (unicodedata.normalize("NFKC", name).lower() for name in each["names"])
    check((first == second) == each["same"], each, "they compare otherwise")
for each in vectors["shown"]:
    lines = each["shown"].splitlines()
    check(lines[0].startswith(each["sender_id"] + ": "), each, "it does not begin with its sender")
    check(all(line.startswith("    ") for line in lines[1:]), each, "a line is not indented")
    check("\n".join(lines) == each["shown"], each, "Python finds another line")
print(sum(len(each) for each in vectors.values()), "looked at")
