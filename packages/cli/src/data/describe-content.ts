import type { StoreReport } from '@midsentence/store-lmdb'
import { joinWords } from '../join-words.ts'

/** Describes what a store holds: "3 messages in 1 room and 2 sessions". */
export const describeContent = ({ messages, rooms, sessions, journals, scoreRecords }: StoreReport): string =>
  joinWords([
    `${countText(messages, 'message')} in ${countText(rooms, 'room')}`,
    countText(sessions, 'session'),
    ...(scoreRecords > 0 ? [`${countText(scoreRecords, 'record')} of scores`] : []),
    ...(journals > 0 ? [countText(journals, 'journal')] : []),
  ])

const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
