import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Starts `file`, a module of this folder, as a process of its own; `at` is where its path is counted from. */
export function start(file, at, ...args) {
  const child = fork(new URL(file, at), args.map(String), {
    execArgv: [...process.execArgv, '--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}

/** What a process says next. */
export async function heard(child) {
  const gone = new AbortController()
  const lost = once(child, 'exit', { signal: gone.signal }).then(([code]) => {
    throw new Error(`${child.spawnfile} ended with ${code} before it said anything.`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: gone.signal }), lost])
    return message
  } finally {
    gone.abort()
    lost.catch(() => {})
  }
}

/** Runs a module that says one thing, its result, and ends. */
export async function resultOf(file, at, ...args) {
  const child = start(file, at, ...args)
  const ended = once(child, 'exit')
  const result = await heard(child)
  await ended
  return result
}
