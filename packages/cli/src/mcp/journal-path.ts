import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Returns the default journal path of a participant: one file for each name, room and server. */
export function journalPath(url: string, room: string, name: string, env = process.env): string {
  const folder = env.XDG_STATE_HOME || env.LOCALAPPDATA || join(homedir(), '.local', 'state')
  const hash = createHash('sha256')
    .update(JSON.stringify([url, room, name]))
    .digest('hex')
    .slice(0, 12)
  // The readable part is for people; the hash keeps apart names that differ only in replaced characters.
  const readable = `${name}-${room}`.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 60)
  return join(folder, 'midsentence', `${readable}-${hash}.journal`)
}
