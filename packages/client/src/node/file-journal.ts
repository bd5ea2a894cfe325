import { close, fsync, ftruncate, open, writeFile } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Fact, isMidsentenceError, type Journal, MidsentenceError } from '@midsentence/core'
import { factsIn, firstLine, lineOf } from './journal-lines.ts'
import { lock } from './lock.ts'

// Plain descriptors: a journal that is never closed ends with its process, without a warning.
const file = {
  open: promisify(open),
  write: promisify(writeFile) as (descriptor: number, text: string) => Promise<void>,
  truncate: promisify(ftruncate),
  sync: promisify(fsync),
  close: promisify(close),
}

/** It holds a token. */
const ownerOnly = 0o600

export interface FileJournalOptions {
  /** Waits until the disk has what was written, so that it survives a power cut. Default: the process's end only. */
  readonly flush?: boolean
}

/**
 * A journal in the file at `path`, made with its folders where there is none. One process uses it at a time, told by a
 * lock file beside it. A last line that was only partly written is dropped; other damage is an error that says where.
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
  /** Ends when all that was asked for has ended. */
  #last: Promise<unknown> = Promise.resolve()
  /** Appends that have not begun: they are written together. */
  #batch: { text: string; readonly kept: Promise<void> } | undefined
  #failure: unknown
  #closing: Promise<void> | undefined

  constructor(path: string, flush: boolean) {
    this.path = path
    this.#flush = flush
    this.durability = flush ? 'flushed' : 'process'
  }

  read(): Promise<readonly Fact[]> {
    this.#batch = undefined
    return this.#next(async () => {
      await this.#opened()
      return factsIn(await readFile(this.path), this.path).facts
    })
  }

  append(facts: readonly Fact[]): Promise<void> {
    const text = facts.length === 0 ? '' : lineOf(facts.length === 1 ? facts[0] : facts)
    if (this.#batch && !this.#closing) {
      this.#batch.text += text
      return this.#batch.kept
    }
    const kept = this.#next(async () => {
      this.#batch = undefined
      await this.#write(await this.#opened(), batch.text)
    })
    const batch = { text, kept }
    this.#batch = batch
    return kept
  }

  replace(facts: readonly Fact[]): Promise<void> {
    const text = firstLine + facts.map(lineOf).join('')
    this.#batch = undefined
    return this.#next(async () => {
      const before = await this.#opened()
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
      await file.close(before)
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

  /** Runs `act` behind everything before it. */
  #next<A>(act: () => Promise<A>): Promise<A> {
    if (this.#closing) {
      return Promise.reject(new MidsentenceError('unavailable', `The journal ${this.path} is closed: open it anew.`))
    }
    const done = this.#last.then(act).catch(cause => {
      if (isMidsentenceError(cause)) throw cause
      const sentence = `The journal ${this.path} cannot be read or written (${cause.code ?? cause}): mend that and start again.`
      throw new MidsentenceError('internal', sentence, { cause })
    })
    this.#last = done.catch(() => {})
    return done
  }

  async #opened(): Promise<number> {
    if (this.#failure) throw this.#failure
    this.#descriptor ??= await this.#open()
    return this.#descriptor
  }

  async #open(): Promise<number> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
    const release = lock(`${this.path}.lock`)
    let descriptor: number | undefined
    try {
      await rm(`${this.path}.new`, { force: true })
      descriptor = await file.open(this.path, 'a+', ownerOnly)
      const content = await readFile(this.path)
      const { whole } = factsIn(content, this.path)
      if (whole < content.length) await file.truncate(descriptor, whole)
      if (whole === 0) await this.#write(descriptor, firstLine)
      await this.#flushFolder()
      this.#release = release
      return descriptor
    } catch (error) {
      if (descriptor !== undefined) await file.close(descriptor)
      release()
      throw error
    }
  }

  /** After a failure the file may end in the middle of a line: nothing may follow it. */
  async #write(descriptor: number, text: string): Promise<void> {
    try {
      await file.write(descriptor, text)
      if (this.#flush) await file.sync(descriptor)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /** A file's name is its folder's content. */
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
