/** A store that can be closed. */
export interface Closable {
  close(): Promise<void>
}

/** One empty store for one case. New for each case; `close` frees everything. */
export interface StoreHarness<Store extends Closable> {
  /** Opens the store. Called once, first. */
  open(): Store | Promise<Store>
  /** Opens the store again after a close or a crash. Absent: its data ends with its process, and rules about that are skipped. */
  reopen?(): Store | Promise<Store>
  /**
   * Ends the store as a kill of its process does, or as a power cut if its `durability` is `flushed`. Nothing is closed,
   * calls in flight may have their effect or not, and later effects of the old store are lost. `reopen` follows.
   * Absent: rules about crashes are skipped.
   */
  crash?(): void | Promise<void>
  /** Closes everything that is still open. Called once, last. */
  close(): Promise<void>
}

/** Makes a new harness for each case. */
export type StoreSetup<Store extends Closable> = () => StoreHarness<Store> | Promise<StoreHarness<Store>>

/** Optional members of a harness that rules need. */
export type StoreAbility = 'reopen' | 'crash'
