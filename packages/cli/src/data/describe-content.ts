import type { StoreReport } from '@midsentence/store-lmdb'
import { joinWords } from '../join-words.ts'

/** What is described of a store, or of the rooms in NATS. */
export type DescribedReport = Pick<StoreReport, 'messages' | 'rooms' | 'sessions' | 'problems'> & Partial<StoreReport>

/** Describes what a store holds: "3 messages in 1 room and 2 sessions". */
export const describeContent = ({
  messages,
  rooms,
  sessions,
  journals = 0,
  scoreRecords = 0,
}: DescribedReport): string =>
  joinWords([
    `${countText(messages, 'message')} in ${countText(rooms, 'room')}`,
    countText(sessions, 'session'),
    ...(scoreRecords > 0 ? [`${countText(scoreRecords, 'record')} of scores`] : []),
    ...(journals > 0 ? [countText(journals, 'journal')] : []),
  ])

const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
