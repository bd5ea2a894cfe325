import { useEffect, useState } from 'preact/hooks'
import { JoinForm } from '../lobby/join-form.tsx'
import { WatchPage } from '../score/live/watch-page.tsx'
import { Brand } from '../shared/brand.tsx'
import {
  credentialFor,
  hasOwnName,
  isElsewhere,
  keepName,
  leaveAs,
  nameIn,
  sessionKey,
  setElsewhere,
} from '../shared/identity.ts'
import { NameTag } from '../shared/name-tag.tsx'
import type { RoomTab } from '../shared/route.ts'
import { useStore } from '../shared/store.ts'
import { RoomSession } from './room-session.ts'
import { RoomView } from './room-view.tsx'
import { isClaimed } from './tab-claim.ts'

export interface RoomPageProps {
  readonly room: string
  readonly tab: RoomTab
  readonly query: string
}

/** Asks for a name if there is none, else joins the room and shows it. */
export function RoomPage({ room, tab, query }: RoomPageProps) {
  const [attempt, setAttempt] = useState(0)
  const name = nameIn(room)
  /** Whether another tab has the session: undefined until the other tabs had time to say so. */
  const [elsewhere, setElsewhereHere] = useState(() => isElsewhere(room) || (hasOwnName(room) ? false : undefined))
  const [wantsOtherName, setWantsOtherName] = useState(false)
  useEffect(() => {
    document.title = `${room} · midsentence`
    if (elsewhere === undefined && name !== undefined) void isClaimed(sessionKey(room, name)).then(setElsewhereHere)
  }, [room])
  const continueHere = () => {
    setElsewhere(room, false)
    setElsewhereHere(false)
    setWantsOtherName(false)
    setAttempt(count => count + 1)
  }
  // A link to a moment asks for no name.
  if (name === undefined && tab !== 'talk') return <WatchPage room={room} tab={tab} query={query} />
  if (name === undefined || wantsOtherName)
    return <JoinPage room={room} {...(wantsOtherName && { name: '' })} onEnter={continueHere} />
  if (elsewhere === undefined) return <Joining room={room} />
  if (elsewhere)
    return (
      <Message title="This room is open in another tab">
        <p>
          You are there as <NameTag name={name} />. Go on there. Or continue here: the other tab then stops, and your
          draft comes along.
        </p>
        <div class="banner-buttons">
          <button type="button" class="primary" onClick={continueHere}>
            Continue here
          </button>
          <button type="button" onClick={() => setWantsOtherName(true)}>
            Join under another name
          </button>
        </div>
      </Message>
    )
  return (
    <JoinedRoom key={`${attempt} ${name}`} room={room} name={name} tab={tab} query={query} onAgain={continueHere} />
  )
}

const Joining = ({ room }: { readonly room: string }) => (
  <Message title={`Joining ${room} …`}>
    <p role="status">One moment.</p>
  </Message>
)

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
  const { phase, problem } = useStore(session)
  useEffect(() => {
    if (phase === 'joined') keepName(room, name)
  }, [phase])
  const leave = () => {
    leaveAs(room, name)
    void session.leave()
    location.hash = '#/'
  }
  if (phase === 'joining') return <Joining room={room} />
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
