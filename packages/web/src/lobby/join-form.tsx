import { useEffect, useRef, useState } from 'preact/hooks'
import { enterAs } from '../shared/identity.ts'
import { readJoinedRooms } from '../shared/joined-rooms.ts'
import { roomLink } from '../shared/route.ts'
import { requiresCredential } from '../shared/server-address.ts'

export interface JoinFormProps {
  /** The room of the link that was opened. Absent: the person chooses one. */
  readonly room?: string
  readonly name?: string
  /** Why the last attempt failed. */
  readonly problem?: string | undefined
  /** Called after the form was sent. */
  readonly onEnter?: () => void
}

/** Asks for a name, a room and, where the server requires one, a credential. */
export function JoinForm({ room: fixedRoom, name: firstName, problem, onEnter }: JoinFormProps) {
  const [name, setName] = useState(firstName ?? readJoinedRooms()[0]?.name ?? '')
  const [room, setRoom] = useState(fixedRoom ?? 'demo')
  const [credential, setCredential] = useState('')
  const first = useRef<HTMLInputElement>(null)
  const secret = useRef<HTMLInputElement>(null)
  useEffect(() => (problem === undefined ? first : secret.current ? secret : first).current?.focus(), [problem])
  const submit = (event: { preventDefault(): void }) => {
    event.preventDefault()
    if (name.trim() === '' || room.trim() === '') return
    enterAs(room.trim(), name.trim(), credential)
    onEnter?.()
    location.hash = roomLink(room.trim())
  }
  return (
    <form class="card join" onSubmit={submit}>
      {problem !== undefined && (
        <p class="problem" role="alert" id="join-problem">
          {problem}
        </p>
      )}
      <label>
        Your name
        <input
          name="name"
          autocomplete="nickname"
          maxLength={64}
          required
          ref={first}
          value={name}
          aria-describedby={problem === undefined ? undefined : 'join-problem'}
          onInput={event => setName(event.currentTarget.value)}
        />
      </label>
      {fixedRoom === undefined && (
        <label>
          Room
          <input
            name="room"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            required
            value={room}
            onInput={event => setRoom(event.currentTarget.value)}
          />
        </label>
      )}
      {requiresCredential() && (
        <label>
          Password
          <input
            name="credential"
            ref={secret}
            type="password"
            autocomplete="current-password"
            value={credential}
            onInput={event => setCredential(event.currentTarget.value)}
          />
          <small>It stays in this page, and is not stored.</small>
        </label>
      )}
      <button type="submit" class="primary">
        Join {fixedRoom === undefined ? 'the room' : <bdi>{fixedRoom}</bdi>}
      </button>
    </form>
  )
}
