import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openHub } from '@midsentence/core/hub'
import { expect, onTestFinished, test } from 'vitest'

const file = join(import.meta.dirname, '../../docs/security.md')
const [begin, end] = ['<!-- names: begin -->', '<!-- names: end -->']

/** Names by what they have in common. */
const names: readonly (readonly [what: string, ...names: string[]])[] = [
  ['letters of any script, digits, single spaces', 'Ada', 'Zoë', '李小龙', 'Ada Lovelace', 'R2'],
  ['other visible signs', 'O’Neill', 'a-b_c.d', 'Ben*', '#1'],
  ['emoji of one or two characters: also flags and skin tones', '🦊', 'Ada 🚀', '🇩🇪', '👍🏽'],
  ['another form of a plain letter', 'Ａｄａ', 'ﬁn', 'e\u0301', 'Ada\u00a0L'],
  ['letters of another script that look alike', 'Аda'],
  ['nothing, or more than 64 characters', '', 'x'.repeat(65)],
  ['controls, tabs, line breaks', 'A\0da', 'A\tda', 'Ada\n', 'A\u2028da', 'A\u0085da'],
  ['bidi controls', 'A\u202eda', 'A\u2066da', 'A\u200fda'],
  [
    'joiners and other characters of no width',
    'A\u200dda',
    'A\u200cda',
    'A\u200bda',
    'A\u00adda',
    'A\u034fda',
    '\ufeffAda',
  ],
  ['Hangul fillers', 'Ada\u3164', '\u3164', 'Ada\u115f', 'Ada\uffa0'],
  ['variation selectors', '❤\ufe0f', 'Ada\ufe0e', 'Ada\u{e0100}'],
  ['joined emoji', '👩\u200d👧', '🏳\ufe0f\u200d🌈'],
  ['blank or missing glyphs', 'Ada\u2800', 'Ada\u{1d159}', 'Ada\u{13441}', 'Ada\ufffc'],
  ['unassigned and private characters', '\u0378', '\ue000'],
  ['special spaces, and spaces at an end or in a row', 'A\u1680da', ' Ada', 'Ada\u3000', 'A  da'],
  ['marks that are on no letter', '\u0301', '\u0301Ada', 'Ada \u0301', 'Ada\u00b4'],
  ['colons and their look-alikes', 'Ada: hi', 'Ada\uff1a hi', 'Ada\ua789 hi', 'Ada\u2236 hi'],
  ['an asterisk at the start', '* Ada', '\uff0aAda'],
  ['names of the room itself', 'Server', 'ＳＹＳＴＥＭ'],
]

/** Characters that a reader of the table would not see as what they are. */
const hidden = /[^\S ]|[\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}\u{13441}\ufffc\ufe55\ua789\u2236]/gu
const codeOf = (found: string) => `U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
const shown = (name: string) => {
  const visible = name.length > 20 ? `${name.slice(0, 3)}…` : name.replace(hidden, found => `[${codeOf(found)}]`)
  return `\`${visible === '' ? ' ' : visible}\``
}

async function outcomeOf(username: string): Promise<string> {
  const hub = await openHub()
  onTestFinished(() => hub.close())
  return hub.join({ username }).then(
    ({ joinResult: { sender_id } }) => (sender_id === username ? 'yes' : `yes, as ${shown(sender_id)}`),
    error => (error as Error).message.replace(/^This name cannot be used: (.+)\. Choose another\.$/, 'no: $1'),
  )
}

test('the table of names in docs/security.md is up to date; update it with `vitest run -u`', async () => {
  const document = readFileSync(file, 'utf8')
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  expect(from).toBeGreaterThan(0)
  const rows: string[] = []
  for (const [what, ...examples] of names) {
    const outcomes = new Set<string>()
    for (const name of examples) outcomes.add((await outcomeOf(name)).replace(/U\+[0-9A-F]+, /, ''))
    rows.push(`| ${what} | ${examples.map(shown).join(' ')} | ${[...outcomes].join('; ')} |`)
  }
  const table = ['| a name with | examples | may join? |', '| --- | --- | --- |', ...rows].join('\n')
  await expect(`${document.slice(0, from)}${begin}\n${table}\n${document.slice(to)}`).toMatchFileSnapshot(file)
})
