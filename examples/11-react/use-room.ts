import { connect, storageJournal } from '@midsentence/client'
import type { Message, Participant, View } from '@midsentence/core'
import { useEffect, useState } from 'react'

export interface RoomState {
  readonly messages: readonly Message[]
  readonly participant?: Participant
  readonly view?: View
  /** Why the room could not be joined. */
  readonly error?: string
}

/** Joins a room while the component is mounted. A reload of the tab continues the session and the draft. */
export function useRoom(url: string, username: string): RoomState {
  const [state, setState] = useState<RoomState>({ messages: [] })
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    setState({ messages: [] })
    const journal = storageJournal(sessionStorage, `room of ${username}`)
    connect(url, { username, journal, signal, person: true, since: { last: 50 } }).then(
      participant => {
        participant.messages$.subscribe(message =>
          setState(before => ({ ...before, messages: [...before.messages, message] })),
        )
        participant.state$.subscribe(view => setState(before => ({ ...before, participant, view })))
      },
      error => signal.aborted || setState({ messages: [], error: error.message }),
    )
    return () => controller.abort()
  }, [url, username])
  return state
}
