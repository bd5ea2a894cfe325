/** A change of one key: the JSON to store under it, or without `text` its removal. */
export interface StoreChange {
  readonly key: Buffer
  readonly text?: string
}

export const put = (key: Buffer, value: unknown): StoreChange => ({ key, text: JSON.stringify(value) })
export const removal = (key: Buffer): StoreChange => ({ key })
