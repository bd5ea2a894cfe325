import type { WriteStream } from 'node:tty'
import { connect } from '@midsentence/client'
import { type Participant, systemClock } from '@midsentence/core'
import type { Who } from './cue.ts'
import { follow } from './follow.ts'
import { lanes, MIN_COLUMNS } from './lanes.ts'
import { lines } from './lines.ts'
import { pace } from './pace.ts'
import { palette } from './palette.ts'
import { play } from './story.ts'

export interface Performance {
  /** The server on which they meet. */
  readonly url: string
  /** Default: where a server lets everybody in. */
  readonly room?: string
  /** Said before anything happens. */
  readonly opening: string
  readonly out: WriteStream
  /** Rejects what is under way; the room is left all the same. */
  readonly signal: AbortSignal
  readonly speed?: number | undefined
}

/** Two scripted participants come into a room, play the story once, and leave. */
export async function perform(performance: Performance): Promise<void> {
  const { url, room, opening, out, signal, speed = out.isTTY ? 1 : 4 } = performance
  const roomy = out.isTTY && out.columns >= MIN_COLUMNS && process.env.TERM !== 'dumb'
  const screen = (roomy ? lanes : lines)(out, palette(out), pace(speed, signal))
  const participants: Participant[] = []
  const come = async (username: Who): Promise<Participant> => {
    const participant = await connect(url, { username, ...(room !== undefined && { room }) })
    participants.push(participant)
    follow(participant, username, cue => screen.cue(cue))
    signal.throwIfAborted()
    return participant
  }
  // Watching what happens keeps no process alive by itself.
  const asleep = systemClock().keepProcessAlive()
  try {
    screen.note(opening)
    const claude = await come('Claude')
    const gpt = await come('GPT')
    await play({ claude, gpt, screen, signal })
    await screen.shown()
  } finally {
    screen.close()
    await Promise.all(participants.map(participant => participant.close()))
    asleep()
  }
}
