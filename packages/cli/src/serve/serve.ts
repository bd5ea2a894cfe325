import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { type RunningServer, startServer } from '@midsentence/server'
import { command } from '../command.ts'
import { palette } from '../demo/palette.ts'
import { perform } from '../demo/perform.ts'
import { demoRoom, demoRooms } from '../demo/room.ts'
import { aborted, untilInterrupted } from '../interrupt.ts'
import { portOf, speedOf } from '../values.ts'
import { invitation } from './invitation.ts'
import { watch } from './watch.ts'

export const serve = command({
  name: 'serve',
  help: `midsentence serve [--host HOST] [--port PORT] [--memory] [--no-seed-dialect] [--demo [--speed N]]

Starts a server, tells how to join it, and goes on until Ctrl-C. A room is made by whoever joins it
first. GET / of its address is a page that says what there is; rpc.discover describes every call.

  --host HOST         The address to listen on. Default: 127.0.0.1, which is this machine alone.
                      Beyond it anybody who reaches the server may join.
  --port PORT         Default: the environment's PORT, else 8890. 0 takes any that is free.
  --memory            Keep rooms in memory; they are gone when the server ends. For now there is
                      no other way, so that this changes nothing.
  --no-seed-dialect   Do not serve clients of the existing Python chat server. They have no
                      tokens, and so are never served beyond this machine.
  --demo              First two scripted participants talk in a fresh room, demo; then it is
                      yours, and whatever happens there is shown.
  --speed N           The demo N times as fast. Default: 1 in a terminal, 4 otherwise.
`,
  options: {
    host: { type: 'string' },
    port: { type: 'string' },
    memory: { type: 'boolean' },
    'no-seed-dialect': { type: 'boolean' },
    demo: { type: 'boolean' },
    speed: { type: 'string' },
  },
  run({ host = '127.0.0.1', port, 'no-seed-dialect': noDialect = false, demo = false, speed }) {
    const at = port === undefined ? portOf(process.env.PORT || '8890', 'PORT') : portOf(port, '--port')
    const pace = speed === undefined ? undefined : speedOf(speed)
    const run = async (signal: AbortSignal): Promise<void> => {
      const rooms = demo ? { rooms: demoRooms } : {}
      const server = await startServer({ host, port: at, seedDialect: !noDialect, fault, ...rooms }).catch(
        withHint(host, at),
      )
      try {
        await (demo ? withDemo(server, signal, pace) : plainly(server, signal))
      } finally {
        await server.close()
      }
    }
    return untilInterrupted(run, { endless: true })
  },
})

async function plainly(server: RunningServer, signal: AbortSignal): Promise<void> {
  greet(server)
  process.stdout.write(invitation(server.url, 'lobby', palette(process.stdout)))
  await aborted(signal)
}

async function withDemo(server: RunningServer, signal: AbortSignal, speed: number | undefined): Promise<void> {
  const { url, hub } = server
  const out = process.stdout
  greet(server)
  const opening =
    'Claude and GPT meet there in the room demo, over HTTP and server-sent events. You can join afterwards.'
  await perform({ url, room: demoRoom, opening, out, signal, speed })
  out.write(invitation(url, demoRoom, palette(out)))
  const stop = watch(hub, demoRoom, out)
  await aborted(signal)
  stop()
}

function greet({ url, warning }: RunningServer): void {
  process.stdout.write(`midsentence serves at ${url}. Ctrl-C ends it.\n`)
  if (warning !== undefined) process.stderr.write(`midsentence: ${warning}\n`)
}

/** That a port is taken happens to everybody. */
const withHint = (host: string, port: number) => (error: unknown) => {
  const taken = isMidsentenceError(error) && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE'
  if (!taken) throw error
  const free = port === 65_535 ? 0 : port + 1
  const how = `choose another one, as --port ${free} (with npm: npm start -- --port ${free})`
  throw new MidsentenceError(error.code, `Port ${port} of ${host} is taken: end what runs there, or ${how}.`, {
    cause: error,
  })
}

function fault(cause: unknown, what: string): void {
  process.stderr.write(`midsentence: ${what} failed: ${cause instanceof Error ? cause.message : String(cause)}\n`)
}
