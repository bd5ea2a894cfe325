import { anyCharacters } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { invisible, nameKey } from '../../room/names.ts'
import { assertRoomName, validName } from './names.ts'

const joins = (name: string): string | undefined => {
  try {
    return validName(name)
  } catch {
    return undefined
  }
}

/** The planes with letters and signs, and the one with tags and variation selectors. Others have ideographs or nothing. */
const everyCharacter = [...Array(0x20000).keys(), ...Array.from(Array(0x1000).keys(), code => 0xe0000 + code)].map(
  code => String.fromCodePoint(code),
)
const characters = (of: RegExp) => everyCharacter.filter(char => of.test(char))

test('[A2] a name with an ignorable, control or format character anywhere is refused', () => {
  const hidden = characters(/\p{Default_Ignorable_Code_Point}|\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u)
  expect(hidden.length).toBeGreaterThan(4000)
  const accepted = hidden.filter(
    char => joins(`Ada${char}`) || joins(`${char}Ada`) || joins(`A${char}da`) || joins(char),
  )
  expect(accepted).toEqual([])
})

test('[A2] white space other than a plain space is refused, or becomes a plain space', () => {
  for (const space of characters(/\s|\p{Z}/u)) expect([undefined, 'A da']).toContain(joins(`A${space}da`))
})

const parts = fc.constantFrom(
  ...[
    'Ada',
    'ada',
    'Ben',
    'ß',
    'SS',
    'Σ',
    'ς',
    'İ',
    'i',
    '🦊',
    '👩',
    '字',
    'é',
    'e',
    ' ',
    '-',
    'ㅤ',
    '\u115f',
    '\u1160',
    '\uffa0',
  ],
  ...[
    '\u2800',
    '\u200d',
    '\u200b',
    '\ufe0f',
    '\u034f',
    '\u0301',
    '\u00ad',
    '\u180e',
    '\u202e',
    '\u{e0100}',
    '\u{1d159}',
    '\u00a0',
  ],
)
const anyName = fc.array(fc.oneof(parts, anyCharacters({ maxLength: 2 })), { minLength: 1, maxLength: 6 })
const hostile = anyName.map(each => each.join(''))

test('[A2] no two names that differ only by what does not show may join', () => {
  const visible = (name: string) =>
    name
      .replace(invisible, '')
      .replace(/[\p{C}\s]+/gu, ' ')
      .trim()
  // The second name is the first with hidden characters put in.
  const pairs = fc.tuple(hostile, fc.array(fc.tuple(fc.nat(12), parts), { maxLength: 3 })).map(([name, added]) => {
    const letters = [...name]
    for (const [at, part] of added) if (part.replace(invisible, '') === '') letters.splice(at, 0, part)
    return [name, letters.join('')] as const
  })
  fc.assert(
    fc.property(pairs, ([first, second]) => {
      const [one, other] = [joins(first), joins(second)]
      if (one === undefined || other === undefined || visible(one) !== visible(other)) return
      expect(nameKey(one)).toBe(nameKey(other))
    }),
    { numRuns: 2000 },
  )
})

test('[A2] a name that may join is visible, and joins again as itself', () => {
  fc.assert(
    fc.property(hostile, username => {
      const name = joins(username)
      if (name === undefined) return
      expect(joins(name)).toBe(name)
      expect(name).toMatch(/^[^\s*:\p{M}\p{C}]/u)
      expect(name.match(invisible)).toBeNull()
    }),
    { numRuns: 2000 },
  )
})

test('[A2] all cases of a letter are the same name', () => {
  const cased = characters(/\p{Changes_When_Casemapped}/u).map(char => char.normalize('NFKC'))
  const differ = cased.filter(char => {
    const forms = [char, char.toLowerCase(), char.toUpperCase(), char.toLowerCase().toUpperCase()]
    return new Set(forms.map(form => nameKey(form.normalize('NFKC')))).size > 1
  })
  expect(differ).toEqual([])
})

/** Names that are one name, and names that are not. The language of a reader is not known: its rules do not apply. */
const letters: readonly (readonly [what: string, same: boolean, ...names: string[]])[] = [
  ['all forms of sigma', true, 'ΟΔΟΣ', 'οδοσ', 'οδος'],
  ['all forms of sharp s', true, 'Straße', 'STRASSE', 'STRAẞE', 'strasse'],
  ['I, i and the dotless i, whose capital is I', true, 'Irem', 'irem', 'ırem', 'IREM'],
  ['a dotted I, and i with a dot above', true, 'İrem', 'i\u0307rem', 'I\u0307rem'],
  ['ligatures and their letters', true, 'ﬁn', 'FIN', 'fin'],
  ['a dotted I and I', false, 'İrem', 'Irem', 'lrem'],
  ['letters with and without an accent', false, 'Zoë', 'Zoe'],
  ['letters of two scripts that look alike', false, 'Ada', 'Аda'],
]

test.each(letters.map(([what, same, ...names]) => ({ what, same, names })))(
  '[A2] $what are the same name: $same',
  ({ same, names }) => {
    const keys = new Set(names.map(name => nameKey(validName(name))))
    expect(keys.size).toBe(same ? 1 : names.length)
  },
)

test.each(['.', '..', '...', '%2e', '%2e%2e', 'a/b', '..%2f', 'a\\b', '', 'a b', 'ä'])(
  '[A2] the room %j is refused',
  room => {
    expect(() => assertRoomName(room)).toThrow('There is no room of that name')
  },
)

test.each(['lobby', 'a.b', '.a', 'a.', '..a', '-', '_'])('[A2] the room %j is allowed', room => {
  expect(() => assertRoomName(room)).not.toThrow()
  // It is the same in the path of a URL.
  const path = `/rooms/${encodeURIComponent(room)}/events`
  expect(new URL(path, 'http://h').pathname).toBe(path)
})
