import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { type RunningServer, startServer } from '@midsentence/server'
import { command } from '../command.ts'
import { defaultDirectory, type KeptRooms, roomsIn } from '../data/rooms.ts'
import { retentionOf } from '../data/values.ts'
import { palette } from '../demo/palette.ts'
import { perform } from '../demo/perform.ts'
import { demoRoom, demoRooms } from '../demo/room.ts'
import { aborted, untilInterrupted } from '../interrupt.ts'
import { usageError } from '../usage-error.ts'
import { portOf, speedOf } from '../values.ts'
import { invitation } from './invitation.ts'
import { watch } from './watch.ts'

export const serve = command({
  name: 'serve',
  help: `midsentence serve [--host HOST] [--port PORT] [--data DIR | --memory] [--no-seed-dialect]
                  [--demo [--speed N]]

Starts a server, tells how to join it, and goes on until Ctrl-C. A room is made by whoever joins it
first. GET / of its address is a page that says what there is; rpc.discover describes every call.

  --host HOST         The address to listen on. Default: 127.0.0.1, which is this machine alone.
                      Beyond it anybody who reaches the server may join.
  --port PORT         Default: the environment's PORT, else 8890. 0 takes any that is free.
  --data DIR          Where rooms, sessions and drafts are kept: what was acknowledged is there
                      again after any end of the server. One server a directory.
                      Default: .midsentence
  --memory            Keep nothing: all of it is gone when the server ends. --demo does so unless
                      --data is said.
  --keep-messages N   A room keeps its newest N messages at least; older ones go now and then, and
                      who has not read them is told so. Default: everything.
  --keep-days N       The same for messages younger than N days.
  --no-seed-dialect   Do not serve clients of the existing Python chat server. They have no
                      tokens, and so are never served beyond this machine.
  --demo              First two scripted participants talk in a fresh room, demo; then it is
                      yours, and whatever happens there is shown.
  --speed N           The demo N times as fast. Default: 1 in a terminal, 4 otherwise.
`,
  options: {
    host: { type: 'string' },
    port: { type: 'string' },
    data: { type: 'string' },
    memory: { type: 'boolean' },
    'keep-messages': { type: 'string' },
    'keep-days': { type: 'string' },
    'no-seed-dialect': { type: 'boolean' },
    demo: { type: 'boolean' },
    speed: { type: 'string' },
  },
  run(values) {
    const { host = '127.0.0.1', port, 'no-seed-dialect': noDialect = false, demo = false, speed } = values
    const at = port === undefined ? portOf(process.env.PORT || '8890', 'PORT') : portOf(port, '--port')
    const pace = speed === undefined ? undefined : speedOf(speed)
    const directory = directoryOf(values)
    const retention = retentionOf(values['keep-messages'], values['keep-days'])
    const run = async (signal: AbortSignal): Promise<void> => {
      const kept = directory === undefined ? undefined : await roomsIn(directory, { retention })
      try {
        const rooms = { ...(demo && demoRooms), ...kept?.rooms }
        const server = await startServer({ host, port: at, seedDialect: !noDialect, fault, rooms }).catch(
          withHint(host, at),
        )
        try {
          await untilFailed(kept, signal, signal =>
            demo ? withDemo(server, kept, signal, pace) : plainly(server, kept, signal),
          )
        } finally {
          await server.close()
        }
      } finally {
        await kept?.close()
      }
    }
    return untilInterrupted(run, { endless: true })
  },
})

/** Where rooms are kept; undefined where they are not. The demo plays in a fresh room, which a kept one is not. */
function directoryOf({ data, memory = false, demo = false }: { data?: string; memory?: boolean; demo?: boolean }) {
  if (data === '') throw usageError('--data takes a directory, as .midsentence')
  if (data !== undefined && memory) throw usageError('--data keeps rooms and --memory does not: say one of them.')
  return data ?? (memory || demo ? undefined : defaultDirectory)
}

/** Runs `run`; rejects where what it stands on cannot be written any more, once `run` has ended for that. */
async function untilFailed(
  kept: KeptRooms | undefined,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController()
  let error: MidsentenceError | undefined
  void kept?.failure.then(failure => {
    error = failure
    failing.abort()
  })
  await run(AbortSignal.any([signal, failing.signal])).catch(reason => {
    throw error ?? reason
  })
  if (!error) return
  // LMDB may have written half a line there.
  process.stderr.write('\n')
  throw new MidsentenceError(error.code, reasonOf(error), { cause: error })
}

/** Why it could not be written, as whoever could not write it says. */
const reasonOf = ({ cause, message }: MidsentenceError): string => (isMidsentenceError(cause) ? cause.message : message)

async function plainly(server: RunningServer, kept: KeptRooms | undefined, signal: AbortSignal): Promise<void> {
  greet(server, kept)
  process.stdout.write(invitation(server.url, 'lobby', palette(process.stdout)))
  await aborted(signal)
}

async function withDemo(
  server: RunningServer,
  kept: KeptRooms | undefined,
  signal: AbortSignal,
  speed: number | undefined,
): Promise<void> {
  const { url, hub } = server
  const out = process.stdout
  greet(server, kept)
  const opening =
    'Claude and GPT meet there in the room demo, over HTTP and server-sent events. You can join afterwards.'
  await perform({ url, room: demoRoom, opening, out, signal, speed })
  out.write(invitation(url, demoRoom, palette(out)))
  const stop = watch(hub, demoRoom, out)
  await aborted(signal)
  stop()
}

function greet({ url, warning }: RunningServer, kept: KeptRooms | undefined): void {
  process.stdout.write(`midsentence serves at ${url}. Ctrl-C ends it.\n`)
  process.stdout.write(`${kept?.greeting ?? 'Rooms and drafts are kept in memory, and are gone when it ends.'}\n`)
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
