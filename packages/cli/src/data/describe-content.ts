import type { StoreReport } from '@midsentence/store-lmdb'
import { joinWords } from '../define-command.ts'

/** What a store holds, in words. */
export const describeContent = ({ messages, rooms, sessions, journals }: StoreReport): string =>
  joinWords([
    `${countText(messages, 'message')} in ${countText(rooms, 'room')}`,
    countText(sessions, 'session'),
    ...(journals > 0 ? [countText(journals, 'journal')] : []),
  ])

const countText = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
