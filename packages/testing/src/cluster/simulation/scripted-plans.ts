import type { ClusterFault, PlannedAction, ServiceFaults, SimulationPlan } from '@midsentence/conformance/simulation'

/** The server that owns the room at first, since it has the greatest weight for the room; the other one. */
export const OWNER = 0
const OTHER = 1

const [ADA, BEN] = [0, 1]

const noFaults: ServiceFaults = { lostPercent: 0, slowPercent: 0, slowMs: 0 }

type ScriptedAction = Pick<PlannedAction, 'at' | 'client' | 'kind' | 'server'>

/** A plan of two servers whose clocks run alike, without faults other than those it names. */
const scripted = (
  actions: readonly ScriptedAction[],
  faults: readonly ClusterFault[],
  names: readonly string[] = ['Ada', 'Ben'],
): SimulationPlan => ({
  seed: 1,
  settings: {},
  flush_ms: 0,
  tail: 1000,
  snapshotEvery: { records: 1e6, facts: 1e6 },
  clients: names.map(name => ({ name, kind: 'keyed' })),
  actions: actions.map((action, id) => ({ ...action, id, networkFaults: [], timeout_ms: 0 })),
  faults,
  cluster: {
    speeds: [1, 1],
    services: { logs: noFaults, directory: noFaults, bus: noFaults },
    staleMs: 0,
    giveUpMs: 3_000,
  },
})

const ownerStops: ClusterFault = { type: 'stop-server', at: 1_000, server: OWNER, ms: 10_000 }

/**
 * Plans in each of which one thing goes wrong between two servers. Nothing in them is drawn at random but delays of a few
 * milliseconds, which they do not depend on.
 */
export const scriptedPlans = {
  'the owner stops, another server sends, and the owner sends when it goes on': scripted(
    [
      { at: 7_000, client: BEN, kind: 'publish', server: OTHER },
      { at: 12_000, client: ADA, kind: 'publish', server: OWNER },
    ],
    [ownerStops],
  ),
  'the owner stops, another server sends, and the owner is asked before it goes on': scripted(
    [
      { at: 7_000, client: BEN, kind: 'publish', server: OTHER },
      { at: 10_900, client: ADA, kind: 'check', server: OWNER },
    ],
    [
      ownerStops,
      { type: 'slow-server', at: 9_000, server: OWNER, ms: 5_000, from: 'directory', requestMs: 500, answerMs: 500 },
    ],
  ),
  'the owner stops, another server gets text, and the owner is asked for it': scripted(
    [
      { at: 7_000, client: ADA, kind: 'append', server: OTHER },
      { at: 12_000, client: ADA, kind: 'preview', server: OWNER },
    ],
    [ownerStops],
  ),
  'the answer to an append of the owner is lost': scripted(
    [{ at: 2_000, client: ADA, kind: 'publish', server: OWNER }],
    [{ type: 'slow-server', at: 1_900, server: OWNER, ms: 1_000, from: 'logs', requestMs: 1, answerMs: null }],
  ),
  // All that its one client does waits for that call.
  'the owner is killed, and a call comes through a server that remembers it': scripted(
    [
      { at: 1_000, client: ADA, kind: 'publish', server: OTHER },
      { at: 3_000, client: ADA, kind: 'append', server: OTHER },
    ],
    [{ type: 'kill-server', at: 2_000, server: OWNER, down: 20_000 }],
    ['Ada'],
  ),
  // Whenever in the first 750 ms a renewal begins: it ends 4.9 s later, when the owner is evicted or soon will be.
  'a renewal of the owner is confirmed late, and the owner is asked after another server sent': scripted(
    [
      { at: 7_100, client: BEN, kind: 'publish', server: OTHER },
      { at: 7_300, client: ADA, kind: 'check', server: OWNER },
    ],
    [{ type: 'slow-server', at: 1_000, server: OWNER, ms: 20_000, from: 'directory', requestMs: 1, answerMs: 4_900 }],
  ),
  // The other server sees the owner's last renewal when it starts, decides 5 s later to evict it, and is 1.2 s late.
  'the owner goes on before its eviction arrives': scripted(
    [
      { at: 7_500, client: BEN, kind: 'publish', server: OTHER },
      { at: 8_000, client: ADA, kind: 'check', server: OWNER },
    ],
    [
      { type: 'drain-server', at: 100, server: OTHER, down: 900 },
      { type: 'stop-server', at: 900, server: OWNER, ms: 5_620 },
      { type: 'slow-server', at: 4_500, server: OTHER, ms: 2_750, from: 'directory', requestMs: 1_200, answerMs: 1 },
      { type: 'slow-server', at: 6_600, server: OWNER, ms: 9_000, from: 'directory', requestMs: 1, answerMs: 1_500 },
    ],
  ),
  // The other server finds the owner dead at 8.5 s, reads its newest record at 10.5 s and writes its own at 11.5 s. The owner
  // is back at 9.5 s.
  'the owner comes back during a slow claim of another server': scripted(
    [
      { at: 500, client: BEN, kind: 'check', server: OTHER },
      { at: 6_400, client: BEN, kind: 'publish', server: OTHER },
      { at: 8_850, client: ADA, kind: 'check', server: OWNER },
      { at: 14_000, client: ADA, kind: 'check', server: OWNER },
    ],
    [
      { type: 'stop-server', at: 1_000, server: OWNER, ms: 7_750 },
      { type: 'slow-server', at: 6_350, server: OTHER, ms: 5_100, from: 'logs', requestMs: 1_000, answerMs: 1 },
    ],
  ),
  // As above, but the owner is back at 11 s.
  'the owner comes back between the read and the write of a slow claim': scripted(
    [
      { at: 500, client: BEN, kind: 'check', server: OTHER },
      { at: 6_400, client: BEN, kind: 'publish', server: OTHER },
      { at: 10_350, client: ADA, kind: 'check', server: OWNER },
      { at: 14_000, client: ADA, kind: 'check', server: OWNER },
    ],
    [
      { type: 'stop-server', at: 1_000, server: OWNER, ms: 9_250 },
      { type: 'slow-server', at: 6_350, server: OTHER, ms: 5_100, from: 'logs', requestMs: 1_000, answerMs: 1 },
    ],
  ),
} satisfies Readonly<Record<string, SimulationPlan>>

export type ScriptedPlanName = keyof typeof scriptedPlans
