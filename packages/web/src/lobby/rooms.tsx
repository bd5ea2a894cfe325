import { ageText, shownName } from '@midsentence/client'
import { readJoinedRooms } from '../shared/joined-rooms.ts'
import { roomLink } from '../shared/route.ts'
import { useListedRooms } from './listed-rooms.ts'

/** The room in which `npm start` plays its demo. */
const DEMO_ROOM = 'demo'
/** The most names that a row shows. */
const SHOWN_NAMES = 4

interface RoomRow {
  readonly room: string
  readonly notes: readonly string[]
  readonly isRecorded?: boolean
}

/** The rooms that the server lists, and those in which this browser has been. */
export function Rooms() {
  const listed = useListedRooms() ?? []
  const joined = readJoinedRooms()
  const rows: RoomRow[] = listed.map(({ room, names, lastAt, isRecorded }) => ({
    room,
    isRecorded,
    notes: [
      namesText(names),
      ...(lastAt === undefined ? [] : [`Last event ${agoText(lastAt)}.`]),
      ...joined
        .filter(each => each.room === room && !each.left)
        .map(({ name }) => `You are there as ${shownName(name)}.`),
    ],
  }))
  for (const { room, name, at, left } of joined) {
    if (rows.some(row => row.room === room)) continue
    const when = agoText(new Date(at).toISOString())
    const note = left ? `You were there as ${shownName(name)}, ${when}.` : `You are there as ${shownName(name)}.`
    rows.push({ room, notes: [note] })
  }
  if (!rows.some(row => row.room === DEMO_ROOM))
    rows.push({ room: DEMO_ROOM, notes: ['Two scripted models talk here after npm start.'] })
  return (
    <section aria-labelledby="rooms-heading">
      <h2 id="rooms-heading">Rooms</h2>
      <ul class="card rooms">
        {rows.map(({ room, notes, isRecorded }) => (
          <li key={room}>
            <a href={roomLink(room)}>
              <bdi class="room-name">{shownName(room)}</bdi>
              <span class="room-note">{notes.join(' ')}</span>
            </a>
            {isRecorded && <a href={roomLink(room, 'past')}>See its past, without joining</a>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function namesText(names: readonly string[]): string {
  if (names.length === 0) return 'Empty now.'
  const shown = names.slice(0, SHOWN_NAMES).map(shownName)
  const more = names.length - shown.length
  return `Here: ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}.`
}

function agoText(timestamp: string): string {
  const age = ageText(timestamp, Date.now())
  return age === '' ? 'just now' : `${age} ago`
}
