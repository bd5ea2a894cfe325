"""Cuts texts between grapheme clusters, by the rules of Unicode that matter for drafts."""
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

def well_formed(text): return re.sub('[\ud800-\udfff]', '\ufffd', text)
