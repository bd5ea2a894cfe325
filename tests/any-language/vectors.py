"""Checks the test vectors with Python's own code points, and prints each that is wrong."""
import json
import sys
import unicodedata

vectors = json.load(open(sys.argv[1], encoding="utf-8"))


def check(holds, *message):
    if not holds:
        print(*message)


for each in vectors["truncation"]:
    text, kept = each["text"], each["kept"]
    check(text.startswith(kept), each, "the kept text is not a prefix")
    check(len(kept) == each["accepted"] <= each["limit"], each, "accepted is wrong")
    check(len(text) - len(kept) == each["dropped"], each, "dropped is wrong")
for each in vectors["suffix"]:
    check("".join(each["segments"]).endswith(each["suffix"]), each, "the suffix is not the end of the text")
    check(len(each["suffix"]) <= 80, each, "the suffix is too long")
for each in vectors["names"]:
    name = unicodedata.normalize("NFKC", each["username"])
    if "name" in each:
        check(name == each["name"], each, "the name is not its NFKC form")
        plain = not any(unicodedata.category(c)[0] == "C" for c in name)
        check(plain and 1 <= len(name) <= 64, each, "the name is too long or has a control character")
for each in vectors["same_name"]:
    folded = (unicodedata.normalize("NFKC", name).casefold() for name in each["names"])
    first, second = (unicodedata.normalize("NFKC", name) for name in folded)
    check((first == second) == each["same"], each, "the comparison is wrong")
for each in vectors["shown"]:
    lines = each["shown"].splitlines()
    check(lines[0].startswith(each["sender_id"] + ": "), each, "the text does not begin with its sender")
    check(all(line.startswith("    ") for line in lines[1:]), each, "a line is not indented")
    check("\n".join(lines) == each["shown"], each, "Python splits the lines otherwise")
print(sum(len(each) for each in vectors.values()), "vectors checked")
