import { fork } from 'node:child_process'
import { once } from 'node:events'

const atExit = new Set()

process.once('exit', () => {
  for (const run of atExit) run()
})

/** Runs `run` when this process exits, until the returned function is called. */
export function onExit(run) {
  atExit.add(run)
  return () => atExit.delete(run)
}

/** Starts the module `file` as a child process. `base` is the URL that its path is relative to. */
export function startProcess(file, base, ...args) {
  const child = fork(new URL(file, base), args.map(String), {
    execArgv: [...process.execArgv, '--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  // Not SIGKILL: the child ends what it started itself.
  child.once(
    'exit',
    onExit(() => child.kill('SIGTERM')),
  )
  return child
}

/** Resolves with the next message of a child process. Rejects if the process ends first. */
export async function nextMessage(child) {
  const received = new AbortController()
  const lost = once(child, 'exit', { signal: received.signal }).then(([code]) => {
    throw new Error(`${child.spawnfile} ended with ${code} before it sent a message.`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: received.signal }), lost])
    return message
  } finally {
    received.abort()
    lost.catch(() => {})
  }
}

/** Runs a module as a child process that sends one message, its result, and ends. */
export async function resultOf(file, base, ...args) {
  const child = startProcess(file, base, ...args)
  const ended = once(child, 'exit')
  const result = await nextMessage(child)
  await ended
  return result
}
