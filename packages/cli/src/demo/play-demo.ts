import type { WriteStream } from 'node:tty'
import { connect } from '@midsentence/client'
import { type Participant, systemClock } from '@midsentence/core'
import { palette } from '../palette.ts'
import { columnView, MIN_TERMINAL_WIDTH } from './column-view.ts'
import type { DemoName } from './demo-view.ts'
import { lineView } from './line-view.ts'
import { reportEvents } from './report-events.ts'
import { runScript } from './script.ts'
import { createTiming } from './timing.ts'

export interface PlayOptions {
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
export async function playDemo(performance: PlayOptions): Promise<void> {
  const { url, room, opening, out, signal, speed = out.isTTY ? 1 : 4 } = performance
  const roomy = out.isTTY && out.columns >= MIN_TERMINAL_WIDTH && process.env.TERM !== 'dumb'
  const screen = (roomy ? columnView : lineView)(out, palette(out), createTiming(speed, signal))
  const participants: Participant[] = []
  const come = async (username: DemoName): Promise<Participant> => {
    const participant = await connect(url, { username, ...(room !== undefined && { room }) })
    participants.push(participant)
    reportEvents(participant, username, cue => screen.show(cue))
    signal.throwIfAborted()
    return participant
  }
  // Watching what happens keeps no process alive by itself.
  const asleep = systemClock().stayAwake()
  try {
    screen.note(opening)
    const claude = await come('Claude')
    const gpt = await come('GPT')
    await runScript({ claude, gpt, screen, signal })
    await screen.settled()
  } finally {
    screen.close()
    await Promise.all(participants.map(participant => participant.close()))
    asleep()
  }
}
