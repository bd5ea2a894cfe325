import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a participant keeps its journal if nobody says: one file for each name, room and server. */
export function journalPath(url: string, room: string, name: string, env = process.env): string {
  const folder = env.XDG_STATE_HOME || env.LOCALAPPDATA || join(homedir(), '.local', 'state')
  const which = createHash('sha256')
    .update(JSON.stringify([url, room, name]))
    .digest('hex')
    .slice(0, 12)
  // For a person who looks into the folder; the rest tells apart what is written alike.
  const readable = `${name}-${room}`.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 60)
  return join(folder, 'midsentence', `${readable}-${which}.journal`)
}
