import { createHash } from 'node:crypto'
import { statSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { MidsentenceError } from '@midsentence/core'

/** The system takes no longer path for a socket. */
const SOCKET_BYTES = 100

/** How long an owner may take to say who it is, in milliseconds. */
const ANSWER_MS = 2000

/** Runs `act` while no other process does. */
type Exclusively = <T>(act: () => T) => T

/**
 * Makes this process the only one that writes into `directory`, told by a socket in it that answers as long as its owner
 * lives: one that refuses was left by a process that is gone. Resolves to its end. Rejects with `unavailable` where
 * somebody has it.
 */
export async function lock(directory: string, exclusively: Exclusively): Promise<() => Promise<void>> {
  const path = socketOf(directory)
  for (;;) {
    const found = inodeOf(path)
    const owner = await ownerAt(path)
    if (owner !== undefined) throw taken(directory, owner)
    const server = createServer(socket => socket.on('error', () => {}).end(`${process.pid}`)).unref()
    // Whoever else found it dead at the same time may have taken it meanwhile: then this one asks again.
    const listening = exclusively(() => {
      if (inodeOf(path) !== found) return undefined
      if (found !== undefined) unlinkSync(path)
      return listen(server, path)
    })
    if (listening && (await listening)) return () => new Promise(resolve => void server.close(() => resolve()))
  }
}

/** Binds at once; resolves to false where another one was there first. */
function listen(server: Server, path: string): Promise<boolean> {
  const listening = new Promise<boolean>((resolve, reject) => {
    server.once('listening', () => resolve(true))
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
  })
  server.listen(path)
  return listening
}

/** Who answers at `path`; undefined where nobody does. */
function ownerAt(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let said = ''
    const socket = connect(path)
    socket.setTimeout(ANSWER_MS, () => socket.destroy())
    socket.setEncoding('utf8').on('data', text => {
      said += text
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(undefined)
      else if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve('')
      else reject(error)
    })
    socket.on('close', () => resolve(said))
  })
}

/** In the directory, by its shorter name; where that is too long for a socket, among the temporary files. */
function socketOf(directory: string): string {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 32)
  if (process.platform === 'win32') return `\\\\.\\pipe\\midsentence-${name}`
  const path = join(directory, 'in-use.sock')
  const near = relative(process.cwd(), path)
  const short = near.length < path.length ? near : path
  return Buffer.byteLength(short) <= SOCKET_BYTES ? short : join(tmpdir(), `midsentence-${name}.sock`)
}

function inodeOf(path: string): string | undefined {
  const found = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino} ${found.ctimeMs}`
}

function taken(directory: string, owner: string): MidsentenceError {
  const who = owner === '' ? 'another process' : owner === `${process.pid}` ? 'this very process' : `process ${owner}`
  return new MidsentenceError(
    'unavailable',
    `${directory} is in use by ${who}: end that first, or choose another directory.`,
  )
}
