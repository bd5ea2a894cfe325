export { emptyScore, evolveScore } from '@midsentence/core/rpc-client'
export type { ScoreItem } from '@midsentence/transport-sse/client'
export { AsyncChatRoom, type AsyncChatRoomOptions } from './async-chat-room.ts'
export { callServer, type ServerCallOptions } from './call-server.ts'
export { type ConnectOptions, connect, type ServerAddress } from './connect.ts'
export { type ListRoomsOptions, listRooms } from './list-rooms.ts'
export { mentionPattern, mentions } from './mentions.ts'
export { inLine, nameInSentence, printable, renderMessages, shownName, withoutHidden } from './message-text.ts'
export { ageText, type ReadingTime } from './message-time.ts'
export { type StorageLike, storageJournal } from './storage-journal.ts'
export {
  type DraftVisibility,
  draftNotice,
  moreText,
  newsSentences,
  renderAnswer,
  renderError,
  renderErrorForModel,
  renderHeard,
  writingText,
} from './text.ts'
export { type WatchRoomOptions, watchRoom } from './watch-room.ts'
