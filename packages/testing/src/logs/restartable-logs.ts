import type { RoomLog, SessionLog } from '@midsentence/core'

export interface Kept {
  readonly log: RoomLog
  readonly sessions: SessionLog
}

/** One life of a server on logs that outlive it: once it is over, nothing it still writes has an effect. */
export interface Life extends Kept {
  /** Rejects when it is over: nobody is answered any more. */
  readonly over: Promise<never>
  end(): void
}

export function lifeOn({ log, sessions }: Kept): Life {
  let dead = false
  let die = () => {}
  const over = new Promise<never>((_, reject) => {
    die = () => reject(new Error('The server died.'))
  })
  over.catch(() => {})
  const never = new Promise<never>(() => {})
  return {
    log: { ...log, append: (...write) => (dead ? never : log.append(...write)) },
    sessions: { ...sessions, append: (...write) => (dead ? never : sessions.append(...write)) },
    over,
    end() {
      dead = true
      die()
    },
  }
}
