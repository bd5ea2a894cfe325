import { startServer } from '@midsentence/server'
import { command } from '../command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { addressOf, speedOf } from '../values.ts'
import { palette } from './palette.ts'
import { perform } from './perform.ts'
import { demoRoom, demoRooms } from './room.ts'

export const demo = command({
  name: 'demo',
  help: `midsentence demo [--url URL] [--speed N]

Two scripted participants talk over HTTP and server-sent events, so that you can watch what the
actions do: append, an interruption, undo, a held push, a revision, push. It plays once and ends.

  --url URL   They meet on the running server at this address, in the room lobby; the existing
              Python chat server will do too. Without it they have a server of their own.
  --speed N   N times as fast. Default: 1 in a terminal, 4 otherwise.

Columns are for terminals wide enough, plain lines for pipes. Ctrl-C leaves the room and ends.
`,
  options: { url: { type: 'string' }, speed: { type: 'string' } },
  run({ url, speed }) {
    const given = url === undefined ? undefined : addressOf(url, '--url')
    const pace = speed === undefined ? undefined : speedOf(speed)
    return untilInterrupted(signal => (given === undefined ? alone(signal, pace) : meet(given, signal, pace)))
  },
})

async function alone(signal: AbortSignal, speed: number | undefined): Promise<void> {
  const server = await startServer({ port: 0, rooms: demoRooms, legacyDialect: false })
  try {
    const opening = 'Claude and GPT meet on a server of their own, over HTTP and server-sent events.'
    await perform({ url: server.url, room: demoRoom, opening, out: process.stdout, signal, speed })
  } finally {
    await server.close()
  }
  bow(['server', 'npm start  (the same on a server that goes on, for you to join)'])
}

async function meet(url: string, signal: AbortSignal, speed: number | undefined): Promise<void> {
  await perform({ url, opening: `Claude and GPT meet on ${url}.`, out: process.stdout, signal, speed })
  bow(['alone', 'npm run demo  (on a server of its own)'])
}

function bow(where: readonly [string, string]): void {
  const { dim } = palette(process.stdout)
  const lines = [
    ['embed', "await new AsyncChatRoom({ username: 'Claude' }).append('Hello')"] as const,
    where,
    ['read', 'README.md, then examples/'] as const,
  ]
  process.stdout.write(`\n${lines.map(([what, how]) => `  ${dim(what.padEnd(8))}${how}\n`).join('')}`)
}
