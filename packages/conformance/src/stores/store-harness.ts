/** What a store has beside its own calls: an end. */
export interface Closable {
  close(): Promise<void>
}

/** One store for one case: a log, a journal. Fresh each time and empty; nothing of it outlives `close`. */
export interface StoreHarness<Store extends Closable> {
  /** Opens the store. Called once, first. */
  open(): Store | Promise<Store>
  /** Opens it again where it was closed, or has crashed. Absent: it does not outlive its process. */
  reopen?(): Store | Promise<Store>
  /**
   * Ends the store as the end of its process would, or a power cut where its `durability` is `flushed`: nothing is
   * closed, what is under way may be done or not, and nothing that the old store still does counts. `reopen` follows.
   * Absent: rules about crashes are not tried.
   */
  crash?(): void | Promise<void>
  /** Ends whatever is still open. Called once, last. */
  close(): Promise<void>
}

/** Makes a bench, fresh for each case. */
export type StoreSetup<Store extends Closable> = () => StoreHarness<Store> | Promise<StoreHarness<Store>>

/** What a bench may be able to do besides. */
export type StoreAbility = 'reopen' | 'crash'
