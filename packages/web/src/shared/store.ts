import { useEffect, useState } from 'preact/hooks'

/** Holds a state and tells its listeners of changes, once for all changes of one turn. */
export class Store<S extends object> {
  #state: S
  readonly #listeners = new Set<() => void>()
  #isTelling = false

  constructor(state: S) {
    this.#state = state
  }

  get state(): S {
    return this.#state
  }

  set(change: Partial<S>): void {
    this.#state = { ...this.#state, ...change }
    if (this.#isTelling) return
    this.#isTelling = true
    // A microtask, since frames do not come in hidden tabs.
    queueMicrotask(() => {
      this.#isTelling = false
      for (const listener of this.#listeners) listener()
    })
  }

  /** Calls `listener` after changes, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

/** Returns the state of a store, and renders again when it changes. */
export function useStore<S extends object>(store: Store<S>): S {
  const [, render] = useState(store.state)
  useEffect(() => {
    const update = () => render(store.state)
    update()
    return store.subscribe(update)
  }, [store])
  return store.state
}
