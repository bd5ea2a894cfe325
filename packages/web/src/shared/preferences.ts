import { keyOf, readJson, storage, writeJson } from './storage.ts'

const key = keyOf('enter')

/** Whether Enter sends the message. Default: it adds a segment, and Ctrl+Enter sends. */
export const readEnterSends = (): boolean => readJson(storage, key) === 'sends'

export const writeEnterSends = (sends: boolean): void => writeJson(storage, key, sends ? 'sends' : undefined)

/** The name of the key that makes a shortcut with Enter. */
export const modifierName = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl'
