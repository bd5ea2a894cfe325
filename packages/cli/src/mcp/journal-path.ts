import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Identifies a participant of this user. */
export interface JournalKey {
  /** Addresses of the server, or of several that share their rooms, in any order. */
  readonly urls: readonly string[]
  readonly room: string
  readonly name: string
  /** The folder in which the host works. */
  readonly workspace: string
}

/** Returns the default journal path of a participant. */
export function journalPath({ urls, room, name, workspace }: JournalKey, env = process.env): string {
  const folder = env.XDG_STATE_HOME || env.LOCALAPPDATA || join(homedir(), '.local', 'state')
  const hash = createHash('sha256')
    .update(JSON.stringify([urls.toSorted().join(), room, name, workspace]))
    .digest('hex')
    .slice(0, 12)
  // The readable part is for people; the hash keeps apart names that differ only in replaced characters.
  const readable = `${name}-${room}`.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 60)
  return join(folder, 'midsentence', `${readable}-${hash}.journal`)
}
