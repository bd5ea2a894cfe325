import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  isMidsentenceError,
  MidsentenceError,
  type Position,
  type RoomRecord,
  type ScoreRecord,
  type SessionRecord,
} from '@midsentence/core'
import { type ExportedHead, type ExportLine, invalidExport, logIdOf, parseExportLine } from '@midsentence/core/hub'
import type { RoomHead } from '../rooms/room-head.ts'
import { formatPosition } from '../rooms/room-position.ts'
import { openStore } from '../store.ts'
import { checkFree, createPartial, placeDirectory } from './place-directory.ts'

type OpenStore = Awaited<ReturnType<typeof openStore>>

/** Records written at a time. */
const BATCH = 1000

/**
 * Creates a store in the new directory `to` from the lines of an export. Resolves with their number. Rejects with
 * `invalid-params` if a line is invalid or the export is cut off, and then leaves no directory. The new store has the same
 * log id and sessions as the exported one: never serve both.
 */
export async function importStore(to: string, lines: AsyncIterable<string> | Iterable<string>): Promise<number> {
  const target = resolve(to)
  checkFree(target)
  const partial = createPartial(target)
  let importing: ImportWriter | undefined
  let number = 0
  try {
    for await (const text of lines) {
      number++
      if (importing?.ended) throw invalidExport('it has lines after its end')
      const line = parseExportLine(text)
      if (importing) await importing.add(line, number)
      else importing = new ImportWriter(await openStore(partial, {}, logIdOf(line)))
    }
    if (!importing?.ended) throw invalidExport('its end is missing: it was cut off')
    await importing.close()
    placeDirectory(partial, target)
    return number
  } catch (cause) {
    await importing?.close()
    rmSync(partial, { recursive: true, force: true })
    if (isMidsentenceError(cause) && cause.code !== 'internal') throw cause
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new MidsentenceError(
      'invalid-params',
      `Line ${number} of the export is invalid, and nothing was imported: ${what}`,
      { cause },
    )
  }
}

/** Writes the lines of an export into a new store. */
class ImportWriter {
  readonly #store: OpenStore
  #room: { readonly name: string; position: Position } | undefined
  #records: RoomRecord[] = []
  #score: { readonly room: string; readonly records: ScoreRecord[] } | undefined
  #sessions: { readonly room: string; readonly records: SessionRecord[] } | undefined
  ended = false

  constructor(store: OpenStore) {
    this.#store = store
  }

  async add(line: ExportLine, number: number): Promise<void> {
    if ('record' in line) {
      if (this.#records.push(line.record) >= BATCH) await this.#write()
    } else if ('first' in line) this.#startRoom(line.room, line.first)
    else if ('head' in line) await this.#endRoom(line)
    else if ('session' in line) {
      if (this.#sessions?.room !== line.in || this.#sessions.records.length >= BATCH) await this.#write()
      this.#sessions ??= { room: line.in, records: [] }
      this.#sessions.records.push(line.session)
    } else if ('score' in line) {
      // A group begins with a state, so that it can be trimmed there.
      if (this.#score?.room !== line.in || line.score.type === 'state' || this.#score.records.length >= BATCH) {
        await this.#write()
      }
      this.#score ??= { room: line.in, records: [] }
      this.#score.records.push(line.score)
    } else if ('journal' in line) await this.#store.journal(line.journal).replace(line.facts)
    else if ('end' in line) {
      await this.#write()
      if (line.end !== number - 1) throw invalidExport(`${number - 1} of ${line.end} lines are there`)
      this.ended = true
    } else throw invalidExport('its kind is unknown')
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #startRoom(name: string, first: RoomHead['first']): void {
    const before = { position: first.position - 1, seq: first.seq - 1, sub: 0 }
    this.#store.startRoomAt(name, first, before)
    this.#room = { name, position: formatPosition(before) }
  }

  async #endRoom({ room, head, snapshots }: Extract<ExportLine, { readonly head: ExportedHead }>): Promise<void> {
    await this.#write()
    const { log } = this.#store
    if (this.#room?.name !== room || this.#room.position !== formatPosition(head))
      throw invalidExport(`records of ${room} are missing`)
    for (const snapshot of snapshots) await log.snapshots!.save(room, snapshot)
    this.#room = undefined
  }

  async #write(): Promise<void> {
    if (this.#records.length > 0) {
      const room = this.#room
      if (!room) throw invalidExport('a record belongs to no room')
      room.position = await this.#store.log.append(room.name, this.#records, room.position)
      this.#records = []
    }
    if (this.#sessions) {
      const { room, records } = this.#sessions
      const { sessions } = this.#store
      await sessions.append(room, records, await sessions.head(room))
      this.#sessions = undefined
    }
    if (this.#score) await this.#store.scores.append(this.#score.room, this.#score.records)
    this.#score = undefined
  }
}
