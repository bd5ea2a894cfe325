import { renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  isMidsentenceError,
  MidsentenceError,
  type Position,
  type RoomRecord,
  type SessionRecord,
} from '@midsentence/core'
import { mustBeFree } from './backup.ts'
import { EXPORT_VERSION, type ExportLine } from './export.ts'
import { type Place, positionOf } from './place.ts'
import type { RoomHead } from './room-head.ts'
import { openStore } from './store.ts'

type OpenStore = Awaited<ReturnType<typeof openStore>>

/** So many records are written together. */
const TOGETHER = 1000

/**
 * Makes a store in the new directory `to` from the lines of an export, and resolves to how many there were. All or
 * nothing: a line that cannot be read, or an export that was cut off, leaves no directory behind. The copy goes on as the
 * store that was exported, with its sessions: never serve both.
 */
export async function importStore(to: string, lines: AsyncIterable<string> | Iterable<string>): Promise<number> {
  const target = resolve(to)
  mustBeFree(target)
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  let filling: Filling | undefined
  let number = 0
  try {
    for await (const text of lines) {
      number++
      if (filling?.ended) throw wrong('something follows its end')
      const line = parsed(text)
      if (filling) await filling.take(line, number)
      else filling = new Filling(await openStore(partial, {}, logOf(line)))
    }
    if (!filling?.ended) throw wrong('its end is missing: it was cut off')
    await filling.close()
    rmSync(target, { recursive: true, force: true })
    renameSync(partial, target)
    return number
  } catch (cause) {
    await filling?.close()
    rmSync(partial, { recursive: true, force: true })
    if (isMidsentenceError(cause) && cause.code !== 'internal') throw cause
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new MidsentenceError(
      'invalid-params',
      `Line ${number} of the export cannot be taken, and nothing was imported: ${what}`,
      { cause },
    )
  }
}

/** A store that is being filled, line by line. */
class Filling {
  readonly #store: OpenStore
  #room: { readonly name: string; at: Position } | undefined
  #records: RoomRecord[] = []
  #sessions: SessionRecord[] = []
  ended = false

  constructor(store: OpenStore) {
    this.#store = store
  }

  async take(line: ExportLine, number: number): Promise<void> {
    if ('record' in line) {
      if (this.#records.push(line.record) >= TOGETHER) await this.#write()
    } else if ('first' in line) this.#begin(line.room, line.first)
    else if ('head' in line) await this.#end(line)
    else if ('session' in line) {
      if (this.#sessions.push(line.session) >= TOGETHER) await this.#write()
    } else if ('journal' in line) await this.#store.journal(line.journal).replace(line.facts)
    else if ('end' in line) {
      await this.#write()
      if (line.end !== number - 1)
        throw wrong(`${line.end} lines were written before its end, and ${number - 1} are there`)
      this.ended = true
    } else throw wrong('it is none of ours')
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #begin(name: string, first: RoomHead['first']): void {
    const at = { position: first.position - 1, seq: first.seq - 1, sub: 0 }
    this.#store.begin(name, first, at)
    this.#room = { name, at: positionOf(at) }
  }

  async #end({ room, head, snapshots }: Extract<ExportLine, { readonly head: Place }>): Promise<void> {
    await this.#write()
    const { log } = this.#store
    if (this.#room?.name !== room || this.#room.at !== positionOf(head)) throw wrong(`records of ${room} are missing`)
    for (const snapshot of snapshots) await log.snapshots!.save(room, snapshot)
    this.#room = undefined
  }

  async #write(): Promise<void> {
    if (this.#records.length > 0) {
      const room = this.#room
      if (!room) throw wrong('a record belongs to no room')
      room.at = await this.#store.log.append(room.name, this.#records, room.at)
      this.#records = []
    }
    if (this.#sessions.length > 0) await this.#store.sessions.append(this.#sessions)
    this.#sessions = []
  }
}

function parsed(text: string): ExportLine {
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line === 'object' && line !== null && !Array.isArray(line)) return line as ExportLine
  } catch {
    // Told below.
  }
  throw wrong('it is no JSON object')
}

function logOf(line: ExportLine): string {
  if (!('midsentence' in line) || line.midsentence !== 'export') throw wrong('it does not begin as an export does')
  if (line.version !== EXPORT_VERSION) throw wrong(`it was written by a newer midsentence (version ${line.version})`)
  return line.log
}

const wrong = (what: string): MidsentenceError => new MidsentenceError('internal', `${what}.`)
