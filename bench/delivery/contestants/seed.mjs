// The existing Python chat server, as it is. It needs Python with fastapi and uvicorn.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as rest } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { httpCaller, post } from '../../http-caller.mjs'
import { asks } from '../message.mjs'

const script =
  process.env.MIDSENTENCE_SEED ?? fileURLToPath(new URL('../../../../shared/seed/run_server.py', import.meta.url))
const pythons = [process.env.MIDSENTENCE_PYTHON, '/usr/bin/python3', 'python3'].filter(Boolean)
const python = pythons.find(python => spawnSync(python, ['-c', 'import fastapi, uvicorn']).status === 0)

/** Why it cannot be run here; undefined where it can. */
export function missing() {
  if (!existsSync(script)) return `there is no ${script}; set MIDSENTENCE_SEED to the server's run_server.py`
  return python ? undefined : 'python3 with fastapi and uvicorn is missing; install python3-fastapi and python3-uvicorn'
}

export async function open() {
  const port = await freePort()
  const child = spawn(python, ['-u', script, '--host', '127.0.0.1', '--port', `${port}`], { stdio: 'ignore' })
  process.once('exit', () => child.kill('SIGKILL'))
  const caller = await answering(port)
  await caller.call(post('/register', JSON.stringify({ username: 'speaker' })))
  caller.close()
  // It looks for messages once a second.
  return { port, hellos: [asks('/events?username=speaker')], rests: 1000 }
}

export const calls = content => [post('/send', JSON.stringify({ username: 'speaker', message: content }))]

async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

async function answering(port) {
  for (let tries = 0; tries < 200; tries++) {
    try {
      return await httpCaller(port)
    } catch {
      await rest(100)
    }
  }
  throw new Error('The existing Python chat server did not start within 20 s.')
}
