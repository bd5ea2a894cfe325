import { open as openLegacy } from './legacy.mjs'

export { call } from './legacy.mjs'

/** Starts `midsentence serve --memory` for users of the old dialect. */
export const open = (readers, publishers) => openLegacy(readers, publishers, ['--memory'])
