// The existing Python chat server, unchanged. Needs Python with fastapi and uvicorn.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { httpCaller, post } from '../../http-caller.mjs'
import { streamRequest } from '../message.mjs'

const script =
  process.env.MIDSENTENCE_SEED ?? fileURLToPath(new URL('../../../../shared/seed/run_server.py', import.meta.url))
const pythons = [process.env.MIDSENTENCE_PYTHON, '/usr/bin/python3', 'python3'].filter(Boolean)
const python = pythons.find(python => spawnSync(python, ['-c', 'import fastapi, uvicorn']).status === 0)

/** Returns why the server cannot run here, or undefined if it can. */
export function whyMissing() {
  if (!existsSync(script)) return `there is no ${script}; set MIDSENTENCE_SEED to the server's run_server.py`
  return python ? undefined : 'python3 with fastapi and uvicorn is missing; install python3-fastapi and python3-uvicorn'
}

export async function open() {
  const port = await freePort()
  const child = spawn(python, ['-u', script, '--host', '127.0.0.1', '--port', `${port}`], { stdio: 'ignore' })
  process.once('exit', () => child.kill('SIGKILL'))
  const caller = await connectOnceReady(port)
  await caller.call(post('/register', JSON.stringify({ username: 'publisher' })))
  caller.close()
  // It polls for messages once a second.
  return { port, streamRequests: [streamRequest('/events?username=publisher')], maxPauseMs: 1000 }
}

export const calls = content => [post('/send', JSON.stringify({ username: 'publisher', message: content }))]

async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

async function connectOnceReady(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      return await httpCaller(port)
    } catch {
      await sleep(100)
    }
  }
  throw new Error('The existing Python chat server did not start within 20 s.')
}
