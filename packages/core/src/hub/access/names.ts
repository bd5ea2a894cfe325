import { codePoints } from '../../draft/truncate.ts'
import { MidsentenceError } from '../../errors.ts'
import { colonLike, invisible, NAME_LENGTH, nameKey } from '../../room/names.ts'

const reserved = new Set(['server', 'system'])
/** Not `.` or `..`, which are dropped from the paths of URLs. */
const roomId = /^(?!\.+$)[A-Za-z0-9._-]{1,64}$/

/**
 * Normalises a name to NFKC and checks it: at most 64 characters, all of them visible, and usable before a colon. Letters
 * that look alike in different scripts stay possible. Throws `name-taken`.
 */
export function validName(username: string): string {
  const name = username.normalize('NFKC')
  const why = nameError(name)
  if (why) throw new MidsentenceError('name-taken', `This name cannot be used: ${why}. Choose another.`)
  return name
}

function nameError(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (codePoints(name) > NAME_LENGTH) return `it has more than ${NAME_LENGTH} characters`
  if (/[^\S \ufeff]/.test(name)) return 'it holds a tab, a line break or a special space'
  const hidden = name.match(/\p{C}/u) ?? name.match(invisible)
  if (hidden) return `it holds ${codeOf(hidden[0])}, a character that does not show`
  if (/(^| )\p{M}/u.test(name)) return 'it holds an accent or another mark that is on no letter'
  if (name.match(colonLike)) return 'it holds a colon, which ends a name where messages are shown'
  if (name.startsWith('*')) return 'it begins with an asterisk'
  if (/^ | $| {2}/.test(name)) return 'it begins or ends with a space, or holds two in a row'
  if (reserved.has(nameKey(name))) return 'it is kept for the room itself'
  return undefined
}

const codeOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** Checks the id of a room: 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen, and not dots alone. Throws `room-unavailable`. */
export function assertRoomName(room: string): void {
  if (roomId.test(room)) return
  throw new MidsentenceError(
    'room-unavailable',
    'There is no room of that name: a name has 1 to 64 letters, digits, dots, underscores and hyphens, and not only dots.',
  )
}
