import type { WriteStream } from 'node:tty'
import { connect } from '@midsentence/client'
import { join, type Participant, systemClock } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'
import type { Who } from './cue.ts'
import { follow } from './follow.ts'
import { lanes, MIN_COLUMNS } from './lanes.ts'
import { lines } from './lines.ts'
import { pace } from './pace.ts'
import { palette } from './palette.ts'
import { play } from './story.ts'

export interface DemoOptions {
  readonly out: WriteStream
  /** Rejects what is under way; the room is left all the same. */
  readonly signal: AbortSignal
  /** A running chat server. Default: a room in this process. */
  readonly url?: string
  readonly speed?: number
}

/** So long does a message travel in the room of this process: long enough for another one to cross it. */
const LATENCY_MS = 150

/** Plays the demo once. */
export async function demo({ out, signal, url, speed = out.isTTY ? 1 : 4 }: DemoOptions): Promise<void> {
  const colours = palette(out)
  const roomy = out.isTTY && out.columns >= MIN_COLUMNS && process.env.TERM !== 'dumb'
  const screen = (roomy ? lanes : lines)(out, colours, pace(speed, signal))
  const enter = url === undefined ? locally() : (username: Who) => connect(url, { username })
  const participants: Participant[] = []
  const come = async (who: Who): Promise<Participant> => {
    const participant = await enter(who)
    participants.push(participant)
    follow(participant, who, cue => screen.cue(cue))
    signal.throwIfAborted()
    return participant
  }
  // Watching what happens keeps no process alive by itself.
  const asleep = systemClock().stayAwake()
  try {
    screen.note(`Claude and GPT meet ${url === undefined ? 'in a room inside this process' : `on ${url}`}.`)
    const claude = await come('Claude')
    const gpt = await come('GPT')
    await play({ claude, gpt, screen, roomHolds: url === undefined, signal })
    await screen.shown()
  } finally {
    screen.close()
    await Promise.all(participants.map(participant => participant.close()))
    asleep()
  }
  out.write(
    `\n${ending(url)
      .map(([what, how]) => `  ${colours.dim(what.padEnd(8))}${how}`)
      .join('\n')}\n`,
  )
}

function locally(): (username: Who) => Promise<Participant> {
  const room = mockRoom({ latency: LATENCY_MS })
  return username => join({ transport: room.peer(), username })
}

const ending = (url: string | undefined): readonly (readonly [string, string])[] => [
  ['embed', "await new AsyncChatRoom({ username: 'Claude' }).append('Hello')"],
  url === undefined
    ? ['server', 'npm start -- --url http://127.0.0.1:8890  (on a running chat server)']
    : ['alone', 'npm start  (in one process, without a server)'],
  ['read', 'README.md, then examples/'],
]
