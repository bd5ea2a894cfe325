import { open as openFlushed } from './flushed.mjs'
import { call, open as openObserved } from './observed.mjs'

export const open = (readers, publishers) => openFlushed(readers, publishers, (...args) => openObserved(...args, true))

export { call }
