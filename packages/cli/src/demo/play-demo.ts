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

export interface DemoOptions {
  /** Address of the server, or addresses of several that share their rooms. */
  readonly url: string | readonly string[]
  /** Default: the room that the server assigns. */
  readonly room?: string
  /** Credential of both participants, where the server requires one. */
  readonly credential?: string | undefined
  /** First comment of the narrator. */
  readonly opening: string
  readonly out: WriteStream
  /** Aborts the demo. The participants still leave the room. */
  readonly signal: AbortSignal
  /** Speed factor. Default: 1 in a terminal, 4 otherwise. */
  readonly speed?: number | undefined
}

/** Joins two scripted participants, plays the script once, and leaves. */
export async function playDemo(options: DemoOptions): Promise<void> {
  const { url, room, credential, opening, out, signal, speed = out.isTTY ? 1 : 4 } = options
  const wide = out.isTTY && out.columns >= MIN_TERMINAL_WIDTH && process.env.TERM !== 'dumb'
  const view = (wide ? columnView : lineView)(out, palette(out), createTiming(speed, signal))
  const participants: Participant[] = []
  const joinAs = async (username: DemoName): Promise<Participant> => {
    const participant = await connect(url, {
      username,
      ...(room !== undefined && { room }),
      ...(credential !== undefined && { credential }),
    })
    participants.push(participant)
    reportEvents(participant, username, event => view.show(event))
    signal.throwIfAborted()
    return participant
  }
  // Open streams do not keep the process alive.
  const allowExit = systemClock().keepProcessAlive()
  try {
    view.note(opening)
    const claude = await joinAs('Claude')
    const gpt = await joinAs('GPT')
    await runScript({ claude, gpt, view, signal })
    await view.settled()
  } finally {
    view.close()
    await Promise.all(participants.map(participant => participant.close()))
    allowExit()
  }
}
