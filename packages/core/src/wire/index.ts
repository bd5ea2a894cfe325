export { answerCost, type CallBudget, callCosts } from '../hub/access/call-cost.ts'
export {
  adminDispatcher,
  type PreparedCalls,
  type RpcDispatcher,
  type RpcDispatcherOptions,
  rpcDispatcher,
} from './dispatcher.ts'
export { type RpcError, rpcErrors } from './errors.ts'
export { messageText } from './message-text.ts'
export { adminDocument } from './methods/admin-methods.ts'
export { openRpc } from './methods/all-methods.ts'
export type { OpenRpc } from './methods/describe-methods.ts'
export { answerProblem, errorProblem, eventProblem, messageProblem, scoreProblem } from './methods/shape-problem.ts'
export type { BackloggedConnection, ReaderBacklog } from './reader-backlog.ts'
export { boundSocketError, isSameSession, type RpcCaller } from './request-context.ts'
export { batchLimit } from './requests.ts'
