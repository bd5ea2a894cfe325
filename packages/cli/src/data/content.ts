import type { StoreReport } from '@midsentence/store-lmdb'
import { listed } from '../command.ts'

/** What a store holds, in words. */
export const contentOf = ({ messages, rooms, sessions, journals }: StoreReport): string =>
  listed([
    `${counted(messages, 'message')} in ${counted(rooms, 'room')}`,
    counted(sessions, 'session'),
    ...(journals > 0 ? [counted(journals, 'journal')] : []),
  ])

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
