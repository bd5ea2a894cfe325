import {
  type Closable,
  journalRules,
  type RuleId,
  roomLogRules,
  type StoreRule,
  type StoreSetup,
  sessionLogRules,
} from '@midsentence/conformance'
import { everyFact, everyRoomRecord, everySessionRecord } from '@midsentence/conformance/functions'
import type { Journal, RoomLog, SessionLog, Snapshot, SnapshotStore } from '@midsentence/core'
import type { BrokenBy } from '../mutants.ts'
import { brokenLogs } from '../stores/logs.ts'
import { brokenJournals, brokenSessions } from '../stores/series.ts'
import { journalWith, logWith, sessionsWith } from '../stores/store-harness.ts'
import type { FieldMutant } from './field-mutant.ts'
import { changedAt, type FieldPath, pathsIn, shown } from './paths.ts'

/** The name of the mutant that has a bug in each member of a port: a new member does not compile before it has one. */
type MutantOfEach<T> = { readonly [Member in keyof Required<T>]: string }

const roomLog: MutantOfEach<Omit<RoomLog, 'snapshots'>> = {
  id: 'all logs have one id',
  durability: 'a log acknowledges records in memory only',
  head: 'a reopened log has other positions',
  append: 'the expected position is ignored',
  messages: 'a page includes the message at after',
  records: 'records ignores its start position',
  close: 'a closed log can still be read',
}

const sessionLog: MutantOfEach<SessionLog> = {
  durability: 'a session log acknowledges records in memory only',
  rooms: 'rooms without an open session are listed',
  head: 'a session log ignores a stale position',
  read: 'records are grouped by session',
  append: 'a later record overtakes an earlier one',
  release: 'a released room loses its open sessions',
  close: 'a closed session log can still be read',
}

const journal: MutantOfEach<Journal> = {
  durability: 'a journal acknowledges facts in memory only',
  read: 'a journal hands out its own array',
  append: 'a later fact overtakes an earlier one',
  replace: 'a replacement is appended',
  close: 'a closed journal can still be written',
}

const brokenBy =
  <Store extends Closable>(rules: readonly StoreRule<Store>[], setup: StoreSetup<Store>): BrokenBy =>
  async (ids, options) => {
    const failed: RuleId[] = []
    for (const { id, run } of rules) {
      if (ids.includes(id)) await run(setup, { ...options, shrink: false }).catch(() => failed.push(id))
    }
    return failed
  }

const members = <Store extends Closable, Bug>(
  of: string,
  names: Readonly<Record<string, string>>,
  mutants: readonly { readonly name: string; readonly breaks: RuleId; readonly bug: Bug }[],
  rules: readonly StoreRule<Store>[],
  setup: (bug: Bug) => StoreSetup<Store>,
): readonly FieldMutant[] =>
  Object.entries(names).map(([field, name]) => {
    const found = mutants.find(mutant => mutant.name === name)
    if (!found) throw new Error(`There is no mutant "${name}".`)
    return { of, field, breaks: found.breaks, bug: name, brokenBy: brokenBy(rules, setup(found.bug)) }
  })

/** Makes a bug for each field that is in `records`: it is left out where it is written. */
function leftOut<Store extends Closable>(
  of: string,
  records: readonly unknown[],
  breaks: RuleId,
  rules: readonly StoreRule<Store>[],
  setup: (drop: (record: unknown) => unknown) => StoreSetup<Store>,
): readonly FieldMutant[] {
  const paths = new Map(records.flatMap(record => pathsIn(record)).map(path => [shown(path), path]))
  return [...paths].map(([field, path]: readonly [string, FieldPath]) => ({
    of,
    field,
    breaks,
    bug: 'left out',
    brokenBy: brokenBy(
      rules,
      setup(record => changedAt(record, path, () => undefined)),
    ),
  }))
}

type Kept = { readonly [Field in keyof Snapshot]: (snapshot: Snapshot) => Snapshot }

const snapshots: Kept & { readonly [Method in keyof SnapshotStore]: (snapshot: Snapshot) => Snapshot } = {
  position: snapshot => ({ ...snapshot, position: '' }),
  state: snapshot => ({ ...snapshot, state: {} }),
  load: snapshot => ({ ...snapshot, state: JSON.stringify(snapshot.state) }),
  save: snapshot => ({ ...snapshot, state: undefined }),
}

const withSnapshots = (change: (snapshot: Snapshot) => Snapshot): StoreSetup<RoomLog> => {
  const saved = new Map<string, Snapshot>()
  return logWith(() => ({
    snapshots: {
      load: async room => saved.get(room),
      save: async (room, snapshot) => void saved.set(room, change(snapshot)),
    },
  }))
}

const drops = <T>(drop: (record: unknown) => unknown, records: readonly T[]): readonly T[] =>
  records.map(drop as (record: T) => T)

/** The members of the ports of stores, and the fields of what they store. */
export const storeFields: readonly FieldMutant[] = [
  ...members('RoomLog', roomLog, brokenLogs, roomLogRules, logWith),
  ...Object.entries(snapshots).map(
    ([field, change]): FieldMutant => ({
      of: 'RoomLog, snapshots',
      field,
      breaks: 'G2',
      bug: 'another state or position',
      brokenBy: brokenBy(roomLogRules, withSnapshots(change)),
    }),
  ),
  ...leftOut('RoomRecord', everyRoomRecord(1), 'G2', roomLogRules, drop =>
    logWith(right => ({ append: (room, records, expected) => right.append(room, drops(drop, records), expected) })),
  ),
  ...members('SessionLog', sessionLog, brokenSessions, sessionLogRules, sessionsWith),
  ...leftOut('SessionRecord', everySessionRecord, 'K1', sessionLogRules, drop =>
    sessionsWith(right => ({
      append: (room, records, expected) => right.append(room, drops(drop, records), expected),
    })),
  ),
  ...members('Journal', journal, brokenJournals, journalRules, journalWith),
  ...leftOut('Fact', everyFact, 'J2', journalRules, drop =>
    journalWith(right => ({
      append: facts => right.append(drops(drop, facts)),
      replace: facts => right.replace(drops(drop, facts)),
    })),
  ),
]
