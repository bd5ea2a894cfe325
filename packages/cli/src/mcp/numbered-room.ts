import { rmSync, statSync } from 'node:fs'
import { connect } from '@midsentence/client'
import { fileJournal } from '@midsentence/client/node'
import { isMidsentenceError, type Journal, numberedName, type Participant, replay } from '@midsentence/core'
import type { RoomSource } from '@midsentence/mcp/stdio'

/** Most numbers that a start tries. */
const MAX_NUMBER = 20
/** A session lives for a day after its last use. A journal that is older counts only if it holds a draft. */
const SESSION_MS = 24 * 60 * 60_000

export interface NumberedRoomOptions {
  readonly urls: readonly string[]
  readonly room: string
  readonly username: string
  /** How many messages from before the join are read, where the room shows its history. */
  readonly last: number
  readonly credential?: string
  /** False: the name and its journal are used as they are, or not at all. */
  readonly numbered: boolean
  /** Returns the path of the journal of a name, which is the `number`-th of this room. */
  journalOf(name: string, number: number): string
}

/**
 * A room that is joined under the first free one of the names `Claude`, `Claude-2`, …: a name is in use if another process
 * holds its journal, or if another participant has it. A recent journal that no process holds comes first, so that a process
 * that was killed gets its session and its draft back.
 */
export class NumberedRoom implements RoomSource {
  readonly #options: NumberedRoomOptions
  readonly #leaving = new AbortController()
  #joining: Promise<Participant> | undefined
  #journal: Journal | undefined
  #ended = false

  constructor(options: NumberedRoomOptions) {
    this.#options = options
  }

  participant(): Promise<Participant> {
    if (!this.#joining) {
      const joining = this.#join()
      this.#joining = joining
      joining.catch(() => {
        if (!this.#ended) this.#joining = undefined
      })
    }
    return this.#joining
  }

  /** Leaves the room. */
  async close(): Promise<void> {
    this.#ended = true
    this.#leaving.abort()
    const participant = await this.#joining?.catch(() => undefined)
    await participant?.close()
  }

  /** Gives the journal back and stays in the room, for the next process. */
  async release(): Promise<void> {
    this.#ended = true
    await this.#journal?.close()
  }

  async #join(): Promise<Participant> {
    const { numbered } = this.#options
    const inUse = new Set<number>()
    let refusal: unknown
    for (const onlyRecent of numbered ? [true, false] : [false]) {
      for (let number = 1; number <= (numbered ? MAX_NUMBER : 1); number++) {
        if (inUse.has(number)) continue
        try {
          const participant = await this.#tryNumber(number, onlyRecent)
          if (participant) return participant
        } catch (error) {
          if (this.#ended || !isInUse(error)) throw error
          refusal ??= error
          inUse.add(number)
        }
      }
    }
    throw refusal
  }

  /** Joins under the name with `number`. Resolves with nothing if `onlyRecent` is true and its journal is not recent. */
  async #tryNumber(number: number, onlyRecent: boolean): Promise<Participant | undefined> {
    const { urls, room, username: first, last, credential, journalOf } = this.#options
    const username = number === 1 ? first : numberedName(first, number)
    const path = journalOf(username, number)
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (onlyRecent && changed === undefined) return undefined
    const journal = fileJournal(path)
    this.#journal = journal
    let isNew = false
    try {
      const facts = await journal.read()
      isNew = facts.length === 0
      const isRecent = replay(facts).draft.segments > 0 || (!isNew && Date.now() - changed! < SESSION_MS)
      if (onlyRecent && !isRecent) {
        await journal.close()
        return undefined
      }
      const { signal } = this.#leaving
      const options = { username, room, journal, signal, since: { last } }
      return await connect(urls, { ...options, ...(credential !== undefined && { credential }) })
    } catch (error) {
      // While the lock is held, no other process has the file.
      if (isNew) rmSync(path, { force: true })
      await journal.close()
      throw error
    }
  }
}

/** Whether another process holds the journal, or another participant has the name. */
const isInUse = (error: unknown): boolean =>
  isMidsentenceError(error) && (error.data.reason === 'locked' || error.data.reason === 'occupied')
