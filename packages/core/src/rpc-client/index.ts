export { emptyScore, evolveScore } from '../score/evolve.ts'
export { type Backoff, backoffDelay, defaultBackoff } from './backoff.ts'
export { BufferedSubject } from './buffered-subject.ts'
export { type ResolvedOptions, type RpcClientOptions, resolveOptions } from './client-options.ts'
export {
  curl,
  curlEvents,
  type JoinInstructions,
  joinInstructions,
  shellQuoted,
} from './instructions/join-instructions.ts'
export {
  connectionFailed,
  httpFailure,
  isConnectFailure,
  NoResponseError,
  noAnswerWithin,
  protocolError,
  redirectTarget,
} from './no-response-error.ts'
export { readEvent } from './read-response.ts'
export { ANSWER_MS, type RepeatedCallOptions, repeatedCall } from './repeated-call.ts'
export { type Rpc, type RpcCallOptions, resultOf } from './rpc.ts'
export { type MessageStream, RpcTransport } from './rpc-transport.ts'
export { ServerAddresses } from './server-addresses.ts'
export { isFinalRefusal, isSameIdentity, SessionClient } from './session-client.ts'
export { type IdleWatch, waitAtMost, watchIdle } from './timeouts.ts'
export { transportErrors } from './transport-errors.ts'
