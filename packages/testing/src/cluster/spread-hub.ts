import type { ClusterHub } from '@midsentence/cluster-nats'
import type { DraftEvent } from '@midsentence/core'
import type {
  CallOptions,
  CursorSnapshot,
  Hub,
  HubSession,
  JoinResult,
  RoomListener,
  RoomSubscription,
} from '@midsentence/core/hub'

/** Chooses one of `items`. */
export type Choose = <T>(items: readonly T[]) => T

/** Chooses by a sequence of pseudo-random numbers. */
export function chooseBy(seed: number): Choose {
  let state = seed >>> 0
  return items => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return items[((mixed ^ (mixed >>> 14)) >>> 0) % items.length]!
  }
}

/** A hub for tests, which makes each call and opens each stream at one of several hubs of a cluster, as a balancer does. */
export function spreadHub(hubs: readonly ClusterHub[], choose: Choose): Hub {
  const [first] = hubs
  const { log, durability, requiresCredential, admin } = first!
  return {
    ...{ log, durability, requiresCredential: requiresCredential!, admin: admin! },
    join: async request => new SpreadSession(hubs, choose, (await choose(hubs).join(request)).joinResult),
    // The server finds the session at the first call.
    enter: token => new SpreadSession(hubs, choose, { token } as JoinResult),
    observe: (room, observer) => atOwner(hubs, hub => hub.observe(room, observer)),
    watch: (request, listener) => choose(hubs).watch!(request, listener),
    listed: () => choose(hubs).listed!(),
    close: async () => void (await Promise.all(hubs.map(hub => hub.close()))),
  }
}

/** Calls the hub that has the room: only that one lets it be observed. Throws what the last hub throws. */
function atOwner<T>(hubs: readonly ClusterHub[], call: (hub: ClusterHub) => T): T {
  for (const hub of hubs.slice(1)) {
    try {
      return call(hub)
    } catch {
      // Another one may have it; the last one says why not.
    }
  }
  return call(hubs[0]!)
}

/** A snapshot that one server takes with the first call of a batch. The other calls of the batch go to the same server. */
class SpreadSnapshot implements CursorSnapshot {
  readonly hub: ClusterHub
  readonly cursor = 0
  readonly shown = 0
  taken: CursorSnapshot | undefined

  constructor(hub: ClusterHub) {
    this.hub = hub
  }
}

class SpreadSession implements HubSession {
  readonly joinResult: JoinResult
  readonly #hubs: readonly ClusterHub[]
  readonly #choose: Choose

  constructor(hubs: readonly ClusterHub[], choose: Choose, joinResult: JoinResult) {
    this.#hubs = hubs
    this.#choose = choose
    this.joinResult = joinResult
  }

  snapshotCursor(): CursorSnapshot {
    return new SpreadSnapshot(this.#choose(this.#hubs))
  }

  append: HubSession['append'] = (request, options) => this.#at(options, (at, its) => at.append(request, its))
  undo: HubSession['undo'] = (request, options) => this.#at(options, (at, its) => at.undo(request, its))
  reset: HubSession['reset'] = (request, options) => this.#at(options, (at, its) => at.reset(request, its))
  preview: HubSession['preview'] = (request, options) => this.#at(options, (at, its) => at.preview(request, its))
  push: HubSession['push'] = (request, options) => this.#at(options, (at, its) => at.push(request, its))
  publish: HubSession['publish'] = (request, options) => this.#at(options, (at, its) => at.publish(request, its))
  check: HubSession['check'] = (request, options) => this.#at(options, (at, its) => at.check(request, its))
  resume = () => this.#at(undefined, at => at.resume())
  who = () => this.#at(undefined, at => at.who())
  yield = () => this.#at(undefined, at => at.yield())
  hush = (on: boolean) => this.#at(undefined, at => at.hush(on))
  leave = () => this.#at(undefined, at => at.leave())
  sendUnconditionally = (content: string) => this.#at(undefined, at => at.sendUnconditionally(content))

  showDraft(facts: readonly DraftEvent[], rev: number): void {
    void this.#at(undefined, at => at.showDraft(facts, rev))
  }

  showWriting(writing: boolean): void {
    void this.#at(undefined, at => at.showWriting(writing))
  }

  charge(points: number): void {
    void this.#at(undefined, at => at.charge(points))
  }

  subscribe(listener: RoomListener, after?: number): Promise<RoomSubscription> {
    return this.#at(undefined, at => at.subscribe(listener, after))
  }

  /** Makes a call as a transport does. */
  async #at<T>(
    options: CallOptions | undefined,
    call: (session: HubSession, options: CallOptions | undefined) => T | Promise<T>,
  ): Promise<T> {
    const snapshot = options?.cursorSnapshot
    const hub = snapshot instanceof SpreadSnapshot ? snapshot.hub : this.#choose(this.#hubs)
    const { token } = this.joinResult
    await hub.loadRoomOf(token)
    const session = hub.enter(token)
    if (!(snapshot instanceof SpreadSnapshot)) return call(session, options)
    snapshot.taken ??= session.snapshotCursor()
    return call(session, { ...options, cursorSnapshot: snapshot.taken })
  }
}
