import { close, fsync, ftruncate, open, writeFile } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Fact, isMidsentenceError, type Journal, MidsentenceError } from '@midsentence/core'
import { headerLine, parseJournal, toLine } from './journal-lines.ts'
import { acquireLock } from './lock.ts'

// Plain descriptors, because Node.js warns about a FileHandle that is never closed.
const file = {
  open: promisify(open),
  write: promisify(writeFile) as (descriptor: number, text: string) => Promise<void>,
  truncate: promisify(ftruncate),
  sync: promisify(fsync),
  close: promisify(close),
}

/** The file contains a token. */
const ownerOnly = 0o600

export interface FileJournalOptions {
  /** Flushes every write to the disk, so that it survives a power cut. Default false: it survives the end of the process. */
  readonly flush?: boolean
}

/**
 * Creates a journal in the file at `path`; missing folders are created. A lock file next to it lets one process use it at a
 * time. A partly written last line is dropped. Other damage rejects with `internal` and the line.
 */
export function fileJournal(
  path: string,
  { flush = false }: FileJournalOptions = {},
): Journal & { readonly path: string } {
  if (typeof path !== 'string' || path === '') throw new TypeError('fileJournal takes the path of a file.')
  return new FileJournal(resolve(path), flush)
}

class FileJournal implements Journal {
  readonly durability: 'process' | 'flushed'
  readonly path: string
  readonly #flush: boolean
  #descriptor: number | undefined
  #release: (() => void) | undefined
  /** Settles after all earlier operations. */
  #last: Promise<unknown> = Promise.resolve()
  /** Appends that have not started; they are written together. */
  #batch: { text: string; readonly written: Promise<void> } | undefined
  #failure: unknown
  #closing: Promise<void> | undefined

  constructor(path: string, flush: boolean) {
    this.path = path
    this.#flush = flush
    this.durability = flush ? 'flushed' : 'process'
  }

  read(): Promise<readonly Fact[]> {
    this.#batch = undefined
    return this.#enqueue(async () => {
      await this.#openDescriptor()
      return parseJournal(await readFile(this.path), this.path).facts
    })
  }

  append(facts: readonly Fact[]): Promise<void> {
    const text = facts.length === 0 ? '' : toLine(facts.length === 1 ? facts[0] : facts)
    if (this.#batch && !this.#closing) {
      this.#batch.text += text
      return this.#batch.written
    }
    const written = this.#enqueue(async () => {
      this.#batch = undefined
      await this.#write(await this.#openDescriptor(), batch.text)
    })
    const batch = { text, written }
    this.#batch = batch
    return written
  }

  replace(facts: readonly Fact[]): Promise<void> {
    const text = headerLine + facts.map(toLine).join('')
    this.#batch = undefined
    return this.#enqueue(async () => {
      const previous = await this.#openDescriptor()
      const temporary = `${this.path}.new`
      const descriptor = await file.open(temporary, 'w', ownerOnly)
      try {
        await this.#write(descriptor, text)
        await rename(temporary, this.path)
      } catch (error) {
        await file.close(descriptor)
        throw error
      }
      this.#descriptor = descriptor
      await file.close(previous)
      await this.#flushFolder()
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#last.then(async () => {
      if (this.#descriptor !== undefined) await file.close(this.#descriptor).catch(() => {})
      this.#descriptor = undefined
      this.#release?.()
    })
    return this.#closing
  }

  /** Runs `operation` after all earlier ones. */
  #enqueue<A>(operation: () => Promise<A>): Promise<A> {
    if (this.#closing) {
      return Promise.reject(new MidsentenceError('unavailable', `The journal ${this.path} is closed: open it again.`))
    }
    const done = this.#last.then(operation).catch(cause => {
      if (isMidsentenceError(cause)) throw cause
      if (cause.code === 'EMFILE' || cause.code === 'ENFILE') throw noDescriptor(this.path, cause)
      const problem = `The journal ${this.path} cannot be read or written (${cause.code ?? cause})`
      throw new MidsentenceError('internal', problem, { cause, remedy: 'repair that and start again' })
    })
    this.#last = done.catch(() => {})
    return done
  }

  async #openDescriptor(): Promise<number> {
    if (this.#failure) throw this.#failure
    this.#descriptor ??= await this.#open()
    return this.#descriptor
  }

  async #open(): Promise<number> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
    const release = acquireLock(`${this.path}.lock`)
    let descriptor: number | undefined
    try {
      await rm(`${this.path}.new`, { force: true })
      descriptor = await file.open(this.path, 'a+', ownerOnly)
      const content = await readFile(this.path)
      const { whole } = parseJournal(content, this.path)
      if (whole < content.length) await file.truncate(descriptor, whole)
      if (whole === 0) await this.#write(descriptor, headerLine)
      await this.#flushFolder()
      this.#release = release
      return descriptor
    } catch (error) {
      if (descriptor !== undefined) await file.close(descriptor)
      release()
      throw error
    }
  }

  /** After a failed write the file may end in the middle of a line, so every later write fails too. */
  async #write(descriptor: number, text: string): Promise<void> {
    try {
      await file.write(descriptor, text)
      if (this.#flush) await file.sync(descriptor)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /** Flushes the folder: it contains the name of the file. */
  async #flushFolder(): Promise<void> {
    if (!this.#flush || process.platform === 'win32') return
    const folder = await file.open(dirname(this.path), 'r')
    try {
      await file.sync(folder)
    } finally {
      await file.close(folder)
    }
  }
}

/** Nothing was written, so a retry is safe. */
const noDescriptor = (path: string, cause: unknown) =>
  new MidsentenceError('unavailable', `The journal ${path} cannot be opened: too many files are open.`, {
    cause,
    remedy: 'close some, or raise the limit (ulimit -n), and try again',
  })
