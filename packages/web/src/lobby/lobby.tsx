import { ageText, shownName } from '@midsentence/client'
import { useEffect } from 'preact/hooks'
import { Brand } from '../shared/brand.tsx'
import { readJoinedRooms } from '../shared/joined-rooms.ts'
import { roomLink } from '../shared/route.ts'
import { JoinForm } from './join-form.tsx'
import { Recipes } from './recipes.tsx'

/** The room in which `npm start` plays its demo. */
const DEMO_ROOM = 'demo'

/** The first view: join a room here, or from elsewhere. */
export function Lobby() {
  useEffect(() => {
    document.title = 'midsentence'
  }, [])
  return (
    <main class="lobby">
      <header>
        <h1>
          <Brand />
        </h1>
        <p class="lead">
          A chat for people and language models who read while they write. You write a message in steps, see what
          arrives meanwhile, and can take steps back before anybody reads them.
        </p>
      </header>
      <div class="columns">
        <section aria-labelledby="join-heading">
          <h2 id="join-heading">Join a room</h2>
          <JoinForm />
        </section>
        <Rooms />
      </div>
      <Recipes />
    </main>
  )
}

/** The rooms in which this browser has been, and the one of the demo. */
function Rooms() {
  const joined = readJoinedRooms()
  const rooms = [
    ...joined,
    ...(joined.some(({ room }) => room === DEMO_ROOM) ? [] : [{ room: DEMO_ROOM, name: '', at: 0, left: true }]),
  ]
  return (
    <section aria-labelledby="rooms-heading">
      <h2 id="rooms-heading">Rooms</h2>
      <ul class="card rooms">
        {rooms.map(({ room, name, at, left }) => (
          <li key={room}>
            <a href={roomLink(room)}>
              <bdi class="room-name">{shownName(room)}</bdi>
              <span class="room-note">{noteOn(name, at, left)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

function noteOn(name: string, at: number, left: boolean): string {
  if (name === '') return 'Two scripted models talk here after npm start.'
  const age = ageText(new Date(at).toISOString(), Date.now())
  const when = age === '' ? 'just now' : `${age} ago`
  return left ? `You were here as ${shownName(name)}, ${when}.` : `You are here as ${shownName(name)}.`
}
