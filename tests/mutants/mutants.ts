import { roomTools } from '@midsentence/agent/tools'
import { renderAnswer } from '@midsentence/client'
import {
  type RuleId,
  type RunOptions,
  reasonToSkip,
  type ServerSetup,
  serverRules,
  type ToolsSetup,
  type TransportSetup,
  toolsRules,
  transportRules,
} from '@midsentence/conformance'
import { draftRules, roomRules, textRules } from '@midsentence/conformance/functions'
import * as core from '@midsentence/core'
import { boundTools, rightTools, toolsIn } from '../tools/mock-tools.ts'
import { brokenAbsences, brokenAbsentClients } from './absences.ts'
import { brokenDrafts } from './functions/drafts.ts'
import { brokenRooms } from './functions/rooms.ts'
import { brokenTexts } from './functions/texts.ts'
import { brokenByHistories, brokenHistories } from './histories.ts'
import { hushServers } from './server/hush-servers.ts'
import { brokenNames } from './server/name-servers.ts'
import { scoreServers } from './server/score-servers.ts'
import { serverWith } from './server/server-harness.ts'
import { brokenServers } from './server/servers.ts'
import { waitingServers } from './server/waiting-servers.ts'
import { brokenWriting } from './server/writing-servers.ts'
import { brokenStores, rightStores } from './stores/stores.ts'
import { brokenTools, withBug } from './tools/broken-tools.ts'
import { transportWith } from './transport/mock-harness.ts'
import { brokenPublishing } from './transport/publishing.ts'
import { brokenStreams } from './transport/streams.ts'

/** Returns the rules among `ids` that a part breaks. */
export type BrokenBy = (ids: readonly RuleId[], options: RunOptions) => Promise<readonly RuleId[]>

/** A bug in an otherwise right part, and the rule that catches it. */
export interface Mutant {
  readonly name: string
  /** The part that has the bug. */
  readonly part: string
  readonly breaks: RuleId
  readonly brokenBy: BrokenBy
}

/** Tries each rule among `ids` with `run`. */
const among =
  <R extends { readonly id: RuleId }>(
    rules: readonly R[],
    run: (rule: R, options: RunOptions) => Promise<void> | void,
  ): BrokenBy =>
  async (ids, options) => {
    const broken = new Set<RuleId>()
    for (const rule of rules) {
      if (!ids.includes(rule.id)) continue
      try {
        await run(rule, { ...options, shrink: false })
      } catch {
        broken.add(rule.id)
      }
    }
    return [...broken]
  }

const byServers = (setup: ServerSetup): BrokenBy => among(serverRules, (rule, options) => rule.run(setup, options))

const byTools = (setup: ToolsSetup): BrokenBy => among(toolsRules, (rule, options) => rule.run(setup, options))

/** Tries the rules that the transport's `supports` allows. */
const byTransports = (setup: TransportSetup): BrokenBy =>
  among(transportRules, async (rule, options) => {
    if (!(await reasonToSkip(setup, rule.needs))) await rule.run(setup, options)
  })

const mutantsOf = <TransportMutant extends { readonly name: string; readonly breaks: RuleId }>(
  part: string,
  bugs: readonly TransportMutant[],
  brokenBy: (bugs: TransportMutant) => BrokenBy,
): readonly Mutant[] =>
  bugs.map(mutant => ({ name: mutant.name, part, breaks: mutant.breaks, brokenBy: brokenBy(mutant) }))

export const draftMutants = mutantsOf('draft', brokenDrafts, ({ draft }) =>
  among(draftRules, (rule, options) => rule.run(draft, options)),
)
export const roomMutants = mutantsOf('room', brokenRooms, ({ room }) =>
  among(roomRules, (rule, options) => rule.run(room, options)),
)
export const textMutants = mutantsOf('text', brokenTexts, ({ render }) =>
  among(textRules, (rule, options) => rule.run(render, options)),
)
export const transportMutants = mutantsOf('transport', [...brokenPublishing, ...brokenStreams], ({ bug }) =>
  byTransports(transportWith(bug)),
)
const plantedServers = [
  ...brokenServers,
  ...waitingServers,
  ...brokenWriting,
  ...hushServers,
  ...brokenNames,
  ...scoreServers,
]
export const serverMutants = mutantsOf('server', plantedServers, ({ bug }) => byServers(serverWith(bug)))
export const storeMutants = mutantsOf('store', brokenStores, ({ brokenBy }) => brokenBy)
export const toolsMutants = mutantsOf('tools', brokenTools, ({ bug }) =>
  byTools(toolsIn(boundTools((room, clock) => withBug(roomTools(room, { clock }), bug)))),
)
export const historyMutants = [
  ...mutantsOf('server in a history', brokenHistories, brokenByHistories),
  ...mutantsOf('server in a history', brokenAbsences, brokenByHistories),
  ...mutantsOf('client in a history', brokenAbsentClients, brokenByHistories),
]

export const mutants: readonly Mutant[] = [
  ...draftMutants,
  ...roomMutants,
  ...textMutants,
  ...transportMutants,
  ...serverMutants,
  ...historyMutants,
  ...storeMutants,
  ...toolsMutants,
]

/** The right parts. */
export const rightParts: Readonly<Record<string, BrokenBy>> = {
  draft: among(draftRules, (rule, options) => rule.run(core, options)),
  room: among(roomRules, (rule, options) => rule.run(core, options)),
  text: among(textRules, (rule, options) => rule.run(renderAnswer, options)),
  transport: byTransports(transportWith()),
  server: byServers(serverWith()),
  tools: byTools(toolsIn(rightTools)),
  'room log': rightStores[0]!,
  journal: rightStores[1]!,
  'session log': rightStores[2]!,
  'score log': rightStores[3]!,
  history: brokenByHistories({}),
  'history with frequent crashes': brokenByHistories({ crashes: 'frequent' }),
  'history with frequent absences': brokenByHistories({ absences: 'frequent' }),
}
