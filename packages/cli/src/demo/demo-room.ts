import type { Policy } from '@midsentence/core'

/** Room in which the demo plays. */
export const demoRoom = 'demo'

/** Shows drafts of the demo room to watchers, of which participants are told, and its messages to those who come later. */
export const demoPolicy: Pick<Policy, 'access'> = {
  access: room => ({ observable: room === demoRoom, history: room === demoRoom }),
}
