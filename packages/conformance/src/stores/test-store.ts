import type { Journal, RoomLog, ScoreLog, SessionLog } from '@midsentence/core'
import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { TestOptions } from '../kit/run-options.ts'
import { journalRules } from './journal-rules.ts'
import { roomLogRules } from './room-log-rules.ts'
import { scoreLogRules } from './score/score-log-rules.ts'
import { sessionLogRules } from './session-log-rules.ts'
import type { Closable, StoreAbility, StoreSetup } from './store-harness.ts'
import type { StoreRule } from './store-rule.ts'

const reasons: Readonly<Record<StoreAbility, string>> = {
  reopen: 'The harness cannot open the store again.',
  crash: 'The harness cannot crash the store.',
}

/**
 * Registers one vitest test for each rule of a kind of store. A rule is skipped only if the harness lacks a member that
 * it needs.
 */
const testStore =
  <Store extends Closable>(rules: readonly StoreRule<Store>[]) =>
  (name: string, setup: StoreSetup<Store>, options: TestOptions = {}): void => {
    const limit = options.timeout === undefined ? {} : { timeout: options.timeout }
    describe(name, () => {
      for (const { id, needs, run } of rules) {
        test(`[${id}] ${rule(id).title}`, limit, async context => {
          const harness = needs.length > 0 ? await setup() : undefined
          const missing = needs.find(need => harness?.[need] === undefined)
          await harness?.close()
          if (missing) context.skip(reasons[missing])
          await run(setup, options)
        })
      }
    })
  }

/** Registers one vitest test for each rule of a room log. */
export const testRoomLog = testStore<RoomLog>(roomLogRules)

/** Registers one vitest test for each rule of a journal. */
export const testJournal = testStore<Journal>(journalRules)

/** Registers one vitest test for each rule of a session log. */
export const testSessionLog = testStore<SessionLog>(sessionLogRules)

/** Registers one vitest test for each rule of a score log. */
export const testScoreLog = testStore<ScoreLog>(scoreLogRules)
