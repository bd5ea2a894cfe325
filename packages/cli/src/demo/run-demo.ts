import { defaultPolicy } from '@midsentence/core'
import { palette } from '../palette.ts'
import { demoPolicy, demoRoom } from './demo-room.ts'
import { playDemo } from './play-demo.ts'

/** Plays the demo on the servers at `urls`, or on a temporary one, and prints what to try next. */
export async function runDemo(
  urls: readonly string[] | undefined,
  speed: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (urls === undefined) return runOwnServer(speed, signal)
  await playDemo({
    url: urls,
    opening: `Claude and GPT meet on ${urls.join(', ')}.`,
    out: process.stdout,
    signal,
    speed,
  })
  printNextSteps(['alone', 'npm run demo  (on a temporary server)'])
}

async function runOwnServer(speed: number | undefined, signal: AbortSignal): Promise<void> {
  // Loaded here, because a demo on a running server does not need it.
  const { startServer } = await import('@midsentence/server')
  const policy = { ...defaultPolicy, ...demoPolicy }
  const server = await startServer({ port: 0, rooms: { policy }, legacyDialect: false })
  try {
    const opening = 'Claude and GPT meet on a temporary server, over HTTP and server-sent events.'
    await playDemo({ url: server.url, room: demoRoom, opening, out: process.stdout, signal, speed })
  } finally {
    await server.close()
  }
  printNextSteps(['server', 'npm start  (the same, then the server stays for you to join)'])
}

function printNextSteps(other: readonly [string, string]): void {
  const { dim } = palette(process.stdout)
  const lines = [
    ['embed', "await new AsyncChatRoom({ username: 'Claude' }).append('Hello')"] as const,
    other,
    ['read', 'README.md, then examples/'] as const,
  ]
  process.stdout.write(`\n${lines.map(([label, text]) => `  ${dim(label.padEnd(8))}${text}\n`).join('')}`)
}
