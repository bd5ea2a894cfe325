import { codePoints } from '../../draft/truncate.ts'
import { MidsentenceError } from '../../errors.ts'

const NAME_LENGTH = 64
const reserved = new Set(['server', 'system'])
const roomId = /^[A-Za-z0-9._-]{1,64}$/

/**
 * Normalises a name to NFKC and checks it: at most 64 characters, and usable before a colon. Look-alikes from other scripts
 * stay possible. Throws `name-taken`.
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
  if (/\p{C}/u.test(name)) return 'it holds characters that do not show'
  if (name.includes(':')) return 'it holds a colon, which ends a name where messages are shown'
  if (name.startsWith('*')) return 'it begins with an asterisk'
  if (/^\s|\s$|\s\s/.test(name)) return 'it begins or ends with a space, or holds two in a row'
  if (/[\u2028\u2029]/.test(name)) return 'it holds a line break'
  if (reserved.has(name.toLowerCase())) return 'it is kept for the room itself'
  return undefined
}

/** The key of a name. Names that differ only by case are the same name. */
export const nameKey = (name: string): string => name.toLowerCase()

/** Checks the id of a room: 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen. Throws `room-unavailable`. */
export function assertRoomName(room: string): void {
  if (roomId.test(room)) return
  throw new MidsentenceError(
    'room-unavailable',
    'There is no room of that name: a name has 1 to 64 letters, digits, dots, underscores and hyphens.',
  )
}
