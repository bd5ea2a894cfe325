import { call, open as openObserved } from './observed.mjs'

export const open = (readers, publishers) => openObserved(readers, publishers, {}, true)

export { call }
