import { useEffect, useState } from 'preact/hooks'
import { JoinForm } from '../lobby/join-form.tsx'
import { Brand } from '../shared/brand.tsx'
import { credentialFor, isElsewhere, leaveAs, nameIn, setElsewhere } from '../shared/identity.ts'
import { rememberJoinedRoom } from '../shared/joined-rooms.ts'
import type { RoomTab } from '../shared/route.ts'
import { useStore } from '../shared/store.ts'
import { RoomSession } from './room-session.ts'
import { RoomView } from './room-view.tsx'

export interface RoomPageProps {
  readonly room: string
  readonly tab: RoomTab
  readonly query: string
}

/** Asks for a name if there is none, else joins the room and shows it. */
export function RoomPage({ room, tab, query }: RoomPageProps) {
  const [attempt, setAttempt] = useState(0)
  const [elsewhere, setElsewhereHere] = useState(() => isElsewhere(room))
  const name = nameIn(room)
  const again = () => setAttempt(count => count + 1)
  useEffect(() => {
    document.title = `${room} · midsentence`
  }, [room])
  if (name === undefined) return <JoinPage room={room} onEnter={again} />
  if (elsewhere)
    return (
      <Message title="This room is open in another tab">
        <p>Go on there. Or continue here: the other tab then stops, and your draft comes along.</p>
        <button
          type="button"
          class="primary"
          onClick={() => {
            setElsewhere(room, false)
            setElsewhereHere(false)
          }}
        >
          Continue here
        </button>
      </Message>
    )
  return <JoinedRoom key={`${attempt} ${name}`} room={room} name={name} tab={tab} query={query} onAgain={again} />
}

interface JoinedRoomProps extends RoomPageProps {
  readonly name: string
  readonly onAgain: () => void
}

function JoinedRoom({ room, name, tab, query, onAgain }: JoinedRoomProps) {
  const [session] = useState(() => {
    const onLost = () => {
      // Closing the session would end it for the other tab too. A reload only ends the connection.
      setElsewhere(room, true)
      location.reload()
    }
    return new RoomSession({ room, name, credential: credentialFor(room), onLost })
  })
  useEffect(() => {
    void session.join()
    return () => session.dispose()
  }, [session])
  const { phase, problem, name: shown } = useStore(session)
  useEffect(() => {
    if (phase === 'joined') rememberJoinedRoom({ room, name: shown, at: Date.now(), left: false })
  }, [phase])
  const leave = () => {
    leaveAs(room, name)
    void session.leave()
    location.hash = '#/'
  }
  if (phase === 'joining')
    return (
      <Message title={`Joining ${room} …`}>
        <p role="status">One moment.</p>
      </Message>
    )
  if (phase === 'refused') return <JoinPage room={room} name={name} problem={problem} onEnter={onAgain} />
  if (phase === 'ended' && !session.state.view)
    return (
      <Message title="The session has ended">
        <p>{problem}</p>
        <button type="button" class="primary" onClick={onAgain}>
          Join again
        </button>
      </Message>
    )
  return <RoomView session={session} tab={tab} query={query} onLeave={leave} onAgain={onAgain} />
}

interface JoinPageProps {
  readonly room: string
  readonly name?: string
  readonly problem?: string | undefined
  readonly onEnter: () => void
}

const JoinPage = ({ room, name, problem, onEnter }: JoinPageProps) => (
  <main class="lobby narrow">
    <header>
      <p>
        <a href="#/" class="home">
          <Brand />
        </a>
      </p>
      <h1>
        Join <bdi>{room}</bdi>
      </h1>
    </header>
    <JoinForm room={room} {...(name !== undefined && { name })} problem={problem} onEnter={onEnter} />
  </main>
)

const Message = ({ title, children }: { readonly title: string; readonly children: preact.ComponentChildren }) => (
  <main class="lobby narrow">
    <header>
      <p>
        <a href="#/" class="home">
          <Brand />
        </a>
      </p>
      <h1>{title}</h1>
    </header>
    <div class="card">{children}</div>
  </main>
)
