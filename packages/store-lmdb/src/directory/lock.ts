import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, statSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { isMidsentenceError, MidsentenceError } from '@midsentence/core'

/** Name of the socket in the directory. */
const SOCKET = 'in-use.sock'

/** Maximum length of a socket's path on macOS and BSD, in bytes. */
const PATH_BYTES = 103

/** Time for the owner to answer with its process id, in milliseconds. */
const ANSWER_MS = 2000

/** Runs `act` while no other process does. */
type Exclusively = <T>(act: () => T) => T

/**
 * Makes this process the only writer in `directory`. A Unix socket in the directory answers while its owner lives; the
 * system refuses connections to the socket of a dead process, also after SIGKILL, from other containers of the same host,
 * and after another process got the same id. Resolves with the release. Rejects with `unavailable` if another process
 * has the directory, or if its file system cannot hold such a lock.
 */
export async function lockDirectory(directory: string, exclusively: Exclusively): Promise<() => Promise<void>> {
  let address: SocketAddress | undefined
  try {
    address = addressIn(directory)
    const server = await takeOver(directory, address.path, exclusively)
    return async () => {
      await new Promise(resolve => server.close(resolve))
      address?.release()
    }
  } catch (error) {
    address?.release()
    throw isMidsentenceError(error) ? error : lockFailure(directory, error)
  }
}

function lockFailure(directory: string, cause: unknown): MidsentenceError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  return new MidsentenceError(
    'unavailable',
    `${directory} cannot be locked (${code === '' ? message : code}), so another process could write to it: ${adviceFor(code)}.`,
    { cause },
  )
}

function adviceFor(code: string): string {
  if (code === 'EROFS') return 'its file system is read-only, so choose another directory'
  if (code === 'EACCES') return 'check who may write to it, or choose another directory'
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'free some space, or choose another directory'
  if (code === 'EMFILE' || code === 'ENFILE') return 'raise the limit of open files'
  return 'its file system may not support locks or Unix sockets, so choose a directory on a local disk'
}

async function takeOver(directory: string, path: string, exclusively: Exclusively): Promise<Server> {
  for (;;) {
    const found = inodeOf(path)
    const owner = await ownerAt(path)
    if (owner !== undefined) throw inUse(directory, owner)
    const server = createServer(socket => socket.on('error', () => {}).end(`${process.pid}`)).unref()
    // Another process may have replaced the dead socket since: then ask that one.
    const listening = exclusively(() => {
      if (inodeOf(path) !== found) return undefined
      if (found !== undefined) unlinkSync(path)
      return listen(server, path)
    })
    if (listening && (await listening)) return server
  }
}

/** Binds before it returns. Resolves with false if another process was first. */
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

/** Resolves with the owner's process id, '' if it did not answer, or undefined if there is no owner. */
function ownerAt(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(path)
    socket.setTimeout(ANSWER_MS, () => socket.destroy())
    socket.setEncoding('utf8').on('data', text => {
      answer += text
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { code, message } = error
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(undefined)
      else if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'EAGAIN') resolve('')
      else if (code === 'EACCES' || code === 'EPERM') reject(notYours(message))
      else reject(error)
    })
    socket.on('close', () => resolve(answer))
  })
}

const notYours = (message: string) =>
  new MidsentenceError('unavailable', `The lock cannot be read (${message}): check its permissions.`)

interface SocketAddress {
  readonly path: string
  release(): void
}

/** Names the socket in a way that depends on neither the length of the path nor the working directory. */
function addressIn(directory: string): SocketAddress {
  const path = join(directory, SOCKET)
  if (process.platform === 'linux' && existsSync('/proc/self/fd')) {
    // The path of a socket has at most 107 bytes, but it may lead through an open directory.
    const folder = openSync(directory, 'r')
    return { path: `/proc/self/fd/${folder}/${SOCKET}`, release: () => closeSync(folder) }
  }
  if (process.platform === 'win32') {
    const digest = createHash('sha256').update(directory.toLowerCase()).digest('hex').slice(0, 32)
    return { path: `\\\\.\\pipe\\midsentence-${digest}`, release: () => {} }
  }
  if (Buffer.byteLength(path) <= PATH_BYTES) return { path, release: () => {} }
  throw new MidsentenceError(
    'unavailable',
    `${directory} is too long for a lock: choose a path of at most ${PATH_BYTES - SOCKET.length - 1} bytes.`,
  )
}

function inodeOf(path: string): string | undefined {
  const found = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino} ${found.ctimeMs}`
}

function inUse(directory: string, owner: string): MidsentenceError {
  const holder = owner === '' ? 'another process' : owner === `${process.pid}` ? 'this process' : `process ${owner}`
  return new MidsentenceError(
    'unavailable',
    `${directory} is in use by ${holder}: stop it first, or choose another directory.`,
  )
}
