import { startServer } from '@midsentence/server'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { palette } from '../palette.ts'
import { parseAddress, parseSpeed } from '../parse-values.ts'
import { demoRoom, demoRooms } from './demo-room.ts'
import { playDemo } from './play-demo.ts'

export const demo = defineCommand({
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
    const given = url === undefined ? undefined : parseAddress(url, '--url')
    const pace = speed === undefined ? undefined : parseSpeed(speed)
    return untilInterrupted(signal =>
      given === undefined ? runOwnServer(signal, pace) : runOnServer(given, signal, pace),
    )
  },
})

async function runOwnServer(signal: AbortSignal, speed: number | undefined): Promise<void> {
  const server = await startServer({ port: 0, rooms: demoRooms, seedDialect: false })
  try {
    const opening = 'Claude and GPT meet on a server of their own, over HTTP and server-sent events.'
    await playDemo({ url: server.url, room: demoRoom, opening, out: process.stdout, signal, speed })
  } finally {
    await server.close()
  }
  printNextSteps(['server', 'npm start  (the same on a server that goes on, for you to join)'])
}

async function runOnServer(url: string, signal: AbortSignal, speed: number | undefined): Promise<void> {
  await playDemo({ url, opening: `Claude and GPT meet on ${url}.`, out: process.stdout, signal, speed })
  printNextSteps(['alone', 'npm run demo  (on a server of its own)'])
}

function printNextSteps(where: readonly [string, string]): void {
  const { dim } = palette(process.stdout)
  const lines = [
    ['embed', "await new AsyncChatRoom({ username: 'Claude' }).append('Hello')"] as const,
    where,
    ['read', 'README.md, then examples/'] as const,
  ]
  process.stdout.write(`\n${lines.map(([what, how]) => `  ${dim(what.padEnd(8))}${how}\n`).join('')}`)
}
