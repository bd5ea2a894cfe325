import { createHash } from 'node:crypto'
import type { ServerEntry } from '../ports.ts'

/** A server has at most this many times the mean number of rooms, and a few more, before it is passed over. */
const BOUND = 1.25
const FREE_ROOMS = 16

/**
 * Returns the server that should own a room without an owner: the first by rendezvous hashing that is not overfull, so that all
 * servers choose alike and a server's end moves its rooms alone. Undefined if all are draining. Pure.
 *
 * Thaler and Ravishankar 1998; the bound is that of Mirrokni, Thorup and Zadimoghaddam 2016 (consistent hashing with bounded
 * loads).
 */
export function placeOf(room: string, servers: readonly ServerEntry[]): ServerEntry | undefined {
  const open = servers.filter(({ draining }) => !draining)
  const total = open.reduce((sum, { rooms }) => sum + rooms, 0)
  const most = BOUND * (total / open.length) + FREE_ROOMS
  const ranked = open
    .map(server => ({ server, weight: weightOf(room, server.id) }))
    .sort((one, other) => other.weight - one.weight)
    .map(({ server }) => server)
  return ranked.find(({ rooms }) => rooms <= most) ?? ranked[0]
}

const weightOf = (room: string, id: string): number =>
  createHash('sha256').update(`${id}\0${room}`).digest().readUIntBE(0, 6)
