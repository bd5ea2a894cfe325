import { keyOf, readJson, storage, writeJson } from './storage.ts'

/** A room in which this browser has been. */
export interface Visit {
  readonly room: string
  /** The name there. */
  readonly name: string
  /** When it was last entered, in milliseconds since 1970. */
  readonly at: number
  /** Whether it was left: then a link to the room asks for the name first. */
  readonly left: boolean
}

const MAX_VISITS = 20

/** Returns the rooms in which this browser has been, the last one first. */
export function readVisits(): readonly Visit[] {
  const found = readJson(storage, keyOf('visits'))
  return Array.isArray(found) ? found.filter(isVisit) : []
}

/** Puts a visit first, in place of an earlier one to the same room. */
export function rememberVisit(visit: Visit): void {
  const others = readVisits().filter(({ room }) => room !== visit.room)
  writeJson(storage, keyOf('visits'), [visit, ...others].slice(0, MAX_VISITS))
}

function isVisit(value: unknown): value is Visit {
  const { room, name, at, left } = Object(value)
  return typeof room === 'string' && typeof name === 'string' && typeof at === 'number' && typeof left === 'boolean'
}
