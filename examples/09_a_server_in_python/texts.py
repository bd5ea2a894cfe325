"""Cuts texts between grapheme clusters and checks names, by the rules of Unicode that matter here."""
import re, unicodedata

def kind(c): return unicodedata.category(c)
def within(first, c, last): return first <= c <= last
def control(c): return kind(c) in ('Cc', 'Zl', 'Zp') or kind(c) == 'Cf' and c not in '\u200c\u200d'
def extends(c): return kind(c) in ('Mn', 'Me', 'Mc') or c in '\u200c\u200d' or within('\U0001f3fb', c, '\U0001f3ff')
def picture(c): return within('\U0001f000', c, '\U0001faff') or within('\u2190', c, '\u2bff')
def flag(c): return within('\U0001f1e6', c, '\U0001f1ff')

def hangul(c):
    """Returns L, V or T for a part of a syllable, LV or LVT for a whole one."""
    if within('\uac00', c, '\ud7a3'): return 'LVT' if (ord(c) - 0xac00) % 28 else 'LV'
    parts = {'L': ('\u1100', '\u115f'), 'V': ('\u1160', '\u11a7'), 'T': ('\u11a8', '\u11ff')}
    return next((part for part, (first, last) in parts.items() if within(first, c, last)), None)

# The parts that may follow within a syllable.
FOLLOW = {'L': ('L', 'V', 'LV', 'LVT'), 'V': ('V', 'T'), 'LV': ('V', 'T'), 'T': ('T',), 'LVT': ('T',)}

def joined(text, at):
    """Returns whether the characters around `at` belong to one cluster."""
    a, b = text[at - 1], text[at]
    if control(a) or control(b): return a + b == '\r\n'
    if extends(b): return True
    if a == '\u200d' and picture(b):
        before = at - 2
        while before > 0 and extends(text[before]): before -= 1
        return before >= 0 and picture(text[before])
    if flag(a) and flag(b):
        return len(re.search('[\U0001f1e6-\U0001f1ff]*$', text[:at])[0]) % 2 == 1
    return hangul(b) in FOLLOW.get(hangul(a), ())

def cut(text, limit):
    end = min(limit, len(text))
    while 0 < end < len(text) and joined(text, end): end -= 1
    return text[:end]

# Characters besides those of category C that do not show, and signs that look like a colon.
HIDDEN = ('[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff9-\ufffc\U00013441\U00013442'
          '\U00016fe4\U0001d159\U000e0100-\U000e01ef]')

def shown_length(text):
    """Counts the characters as a reader sees them: 5 for a line break, 9 for one that does not show."""
    if text.isascii() and '\n' not in text and '\r' not in text: return len(text)
    breaks = len(re.findall('[\n-\r\x85\u2028\u2029]', text))
    hidden = len(re.findall(HIDDEN, text)) + sum(kind(c) == 'Cf' for c in text)
    return len(text) + 4 * breaks + 8 * hidden
COLON = '[:\u02f8\u0589\u05c3\u2236\ua789]'

def name_key(name): return unicodedata.normalize('NFKC', name.lower().upper().lower())

def plain_name(name):
    """Returns whether a name in NFKC may be used."""
    hidden = any(kind(c)[0] == 'C' or c.isspace() and c != ' ' for c in name) or re.search(HIDDEN, name)
    spaced = name != name.strip() or '  ' in name
    marked = any(kind(c)[0] == 'M' for c in re.findall('(?:^| )(.)', name))
    odd = hidden or spaced or marked or re.search(COLON, name) or name.startswith('*')
    return not odd and 1 <= len(name) <= 64 and name_key(name) not in ('server', 'system')

def well_formed(text): return re.sub('[\ud800-\udfff]', '\ufffd', text)
